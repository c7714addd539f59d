import OrderedCollections
import TacitJSON
import TacitModel

extension SampleRecord {
  /// The line as an object; `answer`, `extracted` and `score` repeat the verdict that counts.
  ///
  /// Costs that were not measured are null; no line of a run folder has such.
  public var json: JSON {
    var object: OrderedDictionary<String, JSON> = [
      "id": .string(id), "repeat": .integer(repeatIndex), "question": .string(question),
      "target": .string(target),
    ]
    if let cluster { object["cluster"] = .string(cluster) }
    if let hops { object["hops"] = .integer(hops) }
    object["completion"] = .string(completion)
    object["answer"] = verdict.answer.map(JSON.string) ?? .null
    object["extracted"] = .boolean(verdict.answer != nil)
    object["score"] = .integer(verdict.isCorrect ? 1 : 0)
    object["rule"] = .string(decidingRule)
    object["scores"] = .object(
      scores.mapValues { verdict in
        [
          "answer": verdict.answer.map(JSON.string) ?? .null,
          "score": .integer(verdict.isCorrect ? 1 : 0),
        ]
      })
    object["finish_reason"] = finishReason.map(JSON.string) ?? .null
    object["error"] = error.map(JSON.string) ?? .null
    object.merge(isMeasured ? costs : costs.mapValues { _ in .null }) { $1 }
    return .object(object)
  }

  private var costs: OrderedDictionary<String, JSON> {
    [
      "prompt_tokens": .integer(promptTokens), "new_tokens": .integer(counts.tokens),
      "latent_steps": .integer(counts.latentSteps),
      "forward_passes": .integer(counts.forwardPasses),
      "positions": .integer(counts.positions), "head_rows": .integer(counts.headRows),
      "flops": .number(counts.floatingPointOperations),
      "peak_bytes": .integer(counts.peakMemoryBytes),
      "prefill_seconds": .number(prefillSeconds), "decode_seconds": .number(decodeSeconds),
    ]
  }

  /// Reads a line's object.
  /// - Throws: ``MissingField`` naming the first field that is absent, of another kind or no possible value.
  init(json: JSON) throws(MissingField) {
    func need<Value>(_ key: String, _ value: Value?) throws(MissingField) -> Value {
      guard let value else { throw MissingField(key: key) }
      return value
    }
    func optional<Value>(
      _ key: String, _ read: (JSON) -> Value?
    ) throws(MissingField) -> Value? {
      guard let value = json[key], !value.isNull else { return nil }
      return try need(key, read(value))
    }
    func count(_ key: String) throws(MissingField) -> Int {
      let value = try need(key, json[key]?.integer)
      return try need(key, value >= 0 ? value : nil)
    }
    func cost(_ key: String) throws(MissingField) -> Double {
      let value = try need(key, json[key]?.number)
      return try need(key, value >= 0 && value.isFinite ? value : nil)
    }
    id = try need("id", json["id"]?.string)
    repeatIndex = try count("repeat")
    question = try need("question", json["question"]?.string)
    target = try need("target", json["target"]?.string)
    cluster = try optional("cluster") { $0.string }
    hops = try optional("hops") { $0.integer }
    completion = try need("completion", json["completion"]?.string)
    decidingRule = try need("rule", json["rule"]?.string)
    for (rule, verdict) in try need("scores", json["scores"]?.object) {
      let score = try need("scores", verdict["score"]?.integer)
      scores[rule] = Verdict(answer: verdict["answer"]?.string, isCorrect: score == 1)
    }
    _ = try need("rule", scores[decidingRule])
    finishReason = try optional("finish_reason") { $0.string }
    error = try optional("error") { $0.string }
    promptTokens = try count("prompt_tokens")
    counts.tokens = try count("new_tokens")
    counts.latentSteps = try count("latent_steps")
    counts.forwardPasses = try count("forward_passes")
    counts.positions = try count("positions")
    counts.headRows = try count("head_rows")
    counts.floatingPointOperations = try cost("flops")
    counts.peakMemoryBytes = try count("peak_bytes")
    prefillSeconds = try cost("prefill_seconds")
    decodeSeconds = try cost("decode_seconds")
  }
}

/// A field of a line that is absent, of another kind or no possible value.
struct MissingField: Error {
  let key: String
}
