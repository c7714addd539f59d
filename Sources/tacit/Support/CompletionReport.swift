import TacitJSON
import TacitReasoning

/// The object that `tacit run --json` prints.
struct CompletionReport {
  /// Version of the object's form.
  static let schema = 1

  let recipe: String
  let model: String
  let completion: Completion
  let answer: String?
  let includesTrace: Bool

  var json: JSON {
    var object: JSON = [
      "schema": .integer(Self.schema), "recipe": .string(recipe), "model": .string(model),
      "prompt_token_ids": Self.list(completion.promptTokenIDs),
      "token_ids": Self.list(completion.tokenIDs), "text": .string(completion.text),
      "answer": answer.map { .string($0) } ?? .null,
      "finish_reason": .string(completion.finishReason.rawValue),
      "counts": completion.counts.json, "seconds": .number(completion.seconds),
    ]
    if includesTrace, case .object(var members) = object {
      members["trace"] = .array(completion.trace.map(\.json))
      object = .object(members)
    }
    return object
  }

  private static func list(_ ids: [Int]) -> JSON { .array(ids.map { .integer($0) }) }
}
