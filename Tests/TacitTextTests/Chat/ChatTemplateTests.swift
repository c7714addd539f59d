import Foundation
import TacitFault
import TacitJSON
import Testing

@testable import TacitText

@Suite struct ChatTemplateTests {
  private func render(_ source: String) throws(Fault) -> String {
    try ChatTemplate(source: source, name: "t").render(
      messages: [["role": "user", "content": "hi"]], addGenerationPrompt: true, bosToken: "<s>",
      eosToken: nil, variables: ["extra": [1, 2]], nowSeconds: 1_000_000_000)
  }

  private func failure(_ source: String) -> Fault? {
    do {
      Issue.record("\(source) gave \(try render(source))")
      return nil
    } catch {
      return error
    }
  }

  @Test func variablesAreThoseOfTransformers() throws {
    let text = try render(
      """
      {{ bos_token }}{{ eos_token is defined }}{{ tools is none }}{{ documents is none }}\
      {{ add_generation_prompt }}{{ messages[0].content }}{{ extra }}{{ strftime_now is defined }}
      """)
    #expect(text == "<s>FalseTrueTrueTruehi[1, 2]True")
  }

  @Test func strftimeShowsTheGivenTime() throws {
    let day = Int(try render("{{ strftime_now('%d')|int }}"))
    #expect(day == 8 || day == 9)
    #expect(try render("{{ strftime_now('') }}{{ strftime_now('%b %Y %%') }}") == "Sep 2001 %")
  }

  @Test(arguments: [
    ("a\n  {{ nothing.more }}", 2, 14, "'nothing' is undefined"),
    ("{% filter upper %}", 1, 4, "the block 'filter' is not supported"),
    ("x\n{{ 1|pprint }}", 2, 6, "the filter 'pprint' is not supported"),
    ("{{ 1 is escaped }}", 1, 9, "the test 'escaped' is not supported"),
    ("{{ 'a'.swapcase() }}", 1, 8, "the method 'swapcase' of a string is not supported"),
    ("{{ joiner() }}", 1, 4, "the name 'joiner' is not supported"),
    ("{{ [].append(1) }}", 1, 7, "'append' changes a list"),
    ("{{ 1 +\n\n }}", 3, 2, "expected an expression, found '}}'"),
    ("{% if 1 %}", 1, 11, "expected '{% elif %}' or '{% else %}' or '{% endif %}'"),
    ("{% for m in messages %}{{ raise_exception('no ' ~ m.role) }}{% endfor %}", 1, 42, "no user"),
    ("日本 {{ 1 / 0 }}", 1, 9, "division by zero"),
  ])
  func errorsSayWhere(source: String, line: Int, column: Int, message: String) {
    let error = failure(source)
    #expect(error?.place == "t")
    #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test func unsupportedConstructsPointToLua() {
    let error = failure("{% include 'x' %}")
    #expect(error?.description.contains("Lua `template` function") == true)
    #expect(error?.description.hasPrefix("t:1:4: the block 'include' is not supported") == true)
  }

  // MARK: Loading

  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "chat-\(UInt64.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try body(folder.path)
  }

  private func loadAndRender(_ folder: String, name: String? = nil) throws -> String? {
    try ChatTemplate.load(folder: folder, name: name)?.render(
      messages: [], addGenerationPrompt: false, bosToken: nil, eosToken: nil)
  }

  @Test func loadingFindsTheTemplate() throws {
    let config = """
      {"chat_template": [
        {"name": "default", "template": "C"}, {"name": "rag", "template": "R"}]}
      """
    try withFolder(["tokenizer_config.json": config]) { (folder) throws in
      #expect(try loadAndRender(folder) == "C")
      #expect(try loadAndRender(folder, name: "rag") == "R")
      let missing = Result { try loadAndRender(folder, name: "rug") }
      #expect(throws: Fault.self) { try missing.get() }
      #expect("\(missing)".contains("there is 'default', 'rag'"))
    }
    let files = [
      "tokenizer_config.json": config, "chat_template.jinja": "F",
      "additional_chat_templates/tool.jinja": "T",
    ]
    try withFolder(files) { (folder) throws in
      #expect(try loadAndRender(folder) == "F")
      #expect(try loadAndRender(folder, name: "tool") == "T")
    }
    try withFolder(["tokenizer_config.json": #"{"chat_template": "one"}"#]) { (folder) throws in
      #expect(try loadAndRender(folder) == "one")
    }
    try withFolder(["tokenizer_config.json": "{}"]) { (folder) throws in
      #expect(try loadAndRender(folder) == nil)
    }
    for template in ["3", #"["x"]"#, #""{{""#, ""] {
      let bad = "{\"chat_template\": \(template)}"
      try withFolder(["tokenizer_config.json": bad]) { (folder) throws in
        #expect(throws: (any Error).self) { _ = try ChatTemplate.load(folder: folder) }
      }
    }
  }
}
