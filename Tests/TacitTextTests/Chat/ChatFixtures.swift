import Foundation
import OrderedCollections
import TacitFault
import TacitJSON

@testable import TacitText

/// Files that the tests of chat templates read.
enum ChatFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let folder = root.appending(path: "Tests/Fixtures/chat").path

  /// Templates of published models with their renderings by transformers.
  static let shared =
    ProcessInfo.processInfo.environment["TACIT_SHARED"].map { $0 + "/reference/chat" }
    ?? sharedBeside(root)

  /// `shared/reference/chat` beside the package or beside a folder above it.
  private static func sharedBeside(_ folder: URL) -> String {
    var parent = folder.deletingLastPathComponent()
    while parent.path != "/" {
      let candidate = parent.appending(path: "shared/reference/chat").path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      parent.deleteLastPathComponent()
    }
    return folder.deletingLastPathComponent().appending(path: "shared/reference/chat").path
  }

  static let goldenNames =
    ((try? FileManager.default.contentsOfDirectory(atPath: shared)) ?? [])
    .filter { $0.hasSuffix(".json") }.sorted()

  static func json(_ path: String) throws -> JSON { try JSON(parsing: try text(path)) }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}

/// One conversation and what it is to become.
struct ChatCase {
  let name: String
  let messages: [JSON]
  let addGenerationPrompt: Bool
  let tools: JSON?
  let variables: OrderedDictionary<String, JSON>
  /// nil when rendering is to fail.
  let text: String?

  init(_ json: JSON) {
    name = json["name"]?.string ?? "?"
    messages = json["messages"]?.array ?? []
    addGenerationPrompt = json["add_generation_prompt"]?.boolean ?? false
    tools = json["tools"].flatMap { $0.isNull ? nil : $0 }
    variables = json["kwargs"]?.object ?? [:]
    text = json["text"]?.string
  }

  func render(_ template: ChatTemplate, bosToken: String?, eosToken: String?)
    throws(Fault) -> String
  {
    try template.render(
      messages: messages, addGenerationPrompt: addGenerationPrompt, bosToken: bosToken,
      eosToken: eosToken, tools: tools, variables: variables)
  }
}
