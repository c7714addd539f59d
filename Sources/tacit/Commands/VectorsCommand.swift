import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitJSON
import TacitReasoning
import TacitStrategies

/// Makes the vectors that `steer` turns states towards.
struct VectorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors",
    abstract: "Make steering vectors of contrasting prompts.",
    discussion: """
      Each line of the file is {"positive": "…", "negative": "…"}: two prompts that differ in what \
      is to be steered, such as a question with "think step by step" and the same with "answer at \
      once". Take them from training problems, never from those that are to be evaluated.

      EXAMPLES
        tacit vectors pairs.jsonl --model Qwen/Qwen3-0.6B -o vectors.safetensors
        tacit run pipelines/steer.lua -P vectors=vectors.safetensors -P alpha=0.3 --question "…"
      """)

  @Argument(help: "JSON lines with positive and negative.")
  var prompts: String

  @OptionGroup var modelOptions: ModelOptions

  @Flag(help: "Put each prompt into the model's chat format as a message of the user.")
  var chat = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("File to write.", valueName: "file"))
  var output: String

  func run() async throws {
    let model = try modelOptions.loader().model(modelOptions.model ?? "prosqa")
    let pairs = try pairs(model)
    StandardStreams.writeError("reading \(2 * pairs.count) prompts on \(model.located.name)")
    let vectors = try await SteeringVectors(pairs, model: model)
    try vectors.write(
      to: output,
      metadata: [
        "model": model.located.name, "pairs": "\(pairs.count)", "format": "tacit steering",
      ])
    let share = vectors.explainedVariance ?? 0
    try StandardStreams.writeOutput(
      JSON.object([
        "file": .string(output), "pairs": .integer(pairs.count),
        "layers": .integer(vectors.rows.count), "explained_variance": JSON(measured: share),
      ]).text() + "\n")
  }

  private func pairs(_ model: ReasoningModel) throws -> [SteeringVectors.Pair] {
    let file = try MappedFile(path: prompts)
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    var pairs: [SteeringVectors.Pair] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { !$0.isWhitespace }) {
      do {
        let value = try Array(line.utf8).withUnsafeBytes { bytes in
          Result { () throws(JSONError) in try JSON(parsing: bytes) }
        }.get()
        func ids(_ key: String) throws -> [Int] {
          guard let text = value[key]?.string, !text.isEmpty else {
            throw CommandError("expected a text '\(key)', found \(value[key]?.kind ?? "none")")
          }
          return try encode(text, model)
        }
        pairs.append(.init(positive: try ids("positive"), negative: try ids("negative")))
      } catch {
        throw CommandError("\(prompts):\(index + 1): \(error)")
      }
    }
    return pairs
  }

  private func encode(_ text: String, _ model: ReasoningModel) throws -> [Int] {
    guard chat else { return try model.tokenizer.encode(text) }
    let template = try model.requireChatTemplate(for: "vectors", hint: "leave --chat out")
    let prompt = try template.render(
      messages: [["role": "user", "content": .string(text)]], addGenerationPrompt: true,
      bosToken: model.tokenizer.bosToken, eosToken: model.tokenizer.eosToken)
    return try model.tokenizer.encode(prompt, addSpecialTokens: false)
  }
}
