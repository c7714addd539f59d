import ArgumentParser
import Foundation
import OrderedCollections
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitText

/// Translates JSON lines: text to ids, ids to text, conversations to prompts.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turn text into token ids and back, one JSON value a line.",
    discussion: """
      A string gives {"ids": […]}, a list of ids {"text": …}, a list of messages the rendered \
      prompt and its ids, {"prompt": …, "ids": […]}. A conversation may also be an object with \
      messages, tools, add_generation_prompt and variables of the template.

      EXAMPLES
        echo '"Hello, world"' | tacit tokenize prosqa
        echo '[9707, 11]' | tacit tokenize Qwen/Qwen3-0.6B --decode
        tacit tokenize Qwen/Qwen3-0.6B --chat < conversations.jsonl
      """)

  @Argument(help: "A model, or a folder with only a tokenizer.json.")
  var model: String

  @Flag(help: "Accept lists of ids only.")
  var decode = false

  @Flag(help: "Accept conversations only.")
  var chat = false

  @Flag(help: "Add what the tokenizer adds to every text, such as a first token.")
  var addSpecialTokens = false

  @Flag(help: "Leave special tokens out of decoded text.")
  var skipSpecialTokens = false

  func validate() throws {
    if decode && chat { throw ValidationError("--decode and --chat exclude each other") }
  }

  func run() throws {
    let text = try Self.text(of: model)
    var number = 0
    var lines = InputLines()
    while let line = lines.next() {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      do {
        let value = try line.withUnsafeBytes { bytes in
          Result { () throws(Fault) in try JSON(parsing: bytes) }
        }.get()
        let answer = try answer(to: value, text)
        try StandardStreams.writeOutput(answer.text() + "\n")
      } catch let error as StandardStreams.WriteError {
        throw error
      } catch {
        throw Fault("standard input, line \(number)", message: "\(error)")
      }
    }
  }

  private static func text(of model: String) throws -> ModelText {
    if FileManager.default.fileExists(atPath: model + "/tokenizer.json") {
      return try ModelText(folder: model)
    }
    let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
    let located = try locator.locate(model)
    if located.weightsFile == nil { return try ModelText(folder: located.folder) }
    return try ModelText(located, Checkpoint(located))
  }

  private func answer(
    to value: JSON, _ model: ModelText
  ) throws -> JSON {
    let tokenizer = model.tokenizer
    let ids = value.array.map { $0.compactMap(\.integer) }
    if case .string(let text) = value, !decode, !chat {
      return ["ids": list(try tokenizer.encode(text, addSpecialTokens: addSpecialTokens))]
    }
    if let ids, ids.count == value.array?.count, !chat {
      return ["text": .string(try tokenizer.decode(ids, skipSpecialTokens: skipSpecialTokens))]
    }
    guard !decode, let messages = value["messages"]?.array ?? value.array,
      messages.allSatisfy({ $0.object != nil })
    else {
      let expected =
        decode ? "a list of ids" : chat ? "a list of messages" : "text, ids or messages"
      throw Fault(message: "expected \(expected), found \(value.kind)")
    }
    let prompt = try render(messages, value, model)
    return [
      "prompt": .string(prompt),
      "ids": list(try tokenizer.encode(prompt, addSpecialTokens: false)),
    ]
  }

  private func render(
    _ messages: [JSON], _ value: JSON, _ text: ModelText
  ) throws -> String {
    var variables = value.object ?? [:]
    let tools = variables.removeValue(forKey: "tools")
    let hasTools = tools.map { !$0.isNull } ?? false
    guard let template = hasTools ? text.toolTemplate : text.chatTemplate else {
      throw Fault(message: "'\(model)' has no chat template")
    }
    let tokenizer = text.tokenizer
    let opens = variables.removeValue(forKey: "add_generation_prompt")?.boolean ?? true
    variables.removeValue(forKey: "messages")
    return try template.render(
      messages: messages, addGenerationPrompt: opens, bosToken: tokenizer.bosToken,
      eosToken: tokenizer.eosToken, tools: tools, variables: variables)
  }

  private func list(_ ids: [Int]) -> JSON { .array(ids.map { .integer($0) }) }
}
