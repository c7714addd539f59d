import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitFault
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
        tacit vectors pairs.jsonl -o v.safetensors
        tacit run pipelines/steer.lua -P vectors=v.safetensors -P alpha=0.3 -q "…"
        tacit vectors pairs.jsonl --model Qwen/Qwen3-0.6B --chat -o v.safetensors
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
    let lines = try lines()
    guard lines.count > 1 else {
      throw Fault(
        message: "\(prompts): expected two pairs of prompts or more, found \(lines.count)")
    }
    // A place that cannot be written is refused before the model reads for minutes.
    _ = try ResultFile(output)
    let model = try modelOptions.loader().model(modelOptions.model ?? "prosqa")
    let pairs = try lines.map { try pair($0, model) }
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
}

// MARK: The file of prompts

extension VectorsCommand {
  /// Two prompts, and the line on which they stand, from 1.
  private struct Line {
    let number: Int
    let positive: String
    let negative: String
  }

  private func lines() throws -> [Line] {
    let file = try MappedFile(path: prompts)
    return try withExtendedLifetime(file) {
      let lines = file.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      return try zip(1..., lines).filter { $1.contains { $0 > 0x20 } }.map {
        try line($0, UnsafeRawBufferPointer(rebasing: $1))
      }
    }
  }

  private func line(_ number: Int, _ bytes: UnsafeRawBufferPointer) throws -> Line {
    let value: JSON
    do throws(Fault) {
      value = try JSON(parsing: bytes)
    } catch {
      let place = "\(prompts):\(number)" + (error.column.map { ":\($0)" } ?? "")
      throw Fault(message: "\(place): expected JSON, found: \(error.message)")
    }
    func text(_ key: String) throws -> String {
      guard let text = value[key]?.string else {
        let found = value.object == nil ? value.kind : value[key]?.kind ?? "none"
        throw fault(number, "expected an object with a text under '\(key)', found \(found)")
      }
      return text
    }
    return Line(number: number, positive: try text("positive"), negative: try text("negative"))
  }

  private func pair(_ line: Line, _ model: ReasoningModel) throws -> SteeringVectors.Pair {
    func ids(_ text: String) throws -> [Int] {
      let ids: [Int]
      do {
        ids = try encode(text, model)
      } catch {
        throw fault(line.number, "\(error)")
      }
      let limit = model.configuration.maximumPositions
      guard (1...limit).contains(ids.count) else {
        throw fault(line.number, "expected prompts of 1 to \(limit) tokens, found \(ids.count)")
      }
      return ids
    }
    let pair = SteeringVectors.Pair(
      positive: try ids(line.positive), negative: try ids(line.negative))
    guard pair.positive != pair.negative else {
      throw fault(line.number, "expected prompts that differ, found the same tokens twice")
    }
    return pair
  }

  private func encode(_ text: String, _ model: ReasoningModel) throws -> [Int] {
    guard chat else { return try model.tokenizer.encode(text) }
    let template = try model.requireChatTemplate(hint: "leave --chat out")
    let prompt = try template.render(
      messages: [["role": "user", "content": .string(text)]], addGenerationPrompt: true,
      bosToken: model.tokenizer.bosToken, eosToken: model.tokenizer.eosToken)
    return try model.tokenizer.encode(prompt, addSpecialTokens: false)
  }

  private func fault(_ line: Int, _ message: String) -> Fault {
    Fault(message: "\(prompts):\(line): \(message)")
  }
}
