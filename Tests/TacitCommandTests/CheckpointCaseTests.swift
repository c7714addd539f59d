import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTesting
import Testing

/// Small checkpoints as people have them, each with what transformers 5.24.0 makes of it.
@Suite struct CheckpointCaseTests {
  /// The folders below Fixtures/cases, by name.
  static let cases: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: Fixtures.folder + "/cases")) ?? [])
    .sorted()

  /// Greedy tokens after a prompt of ids.
  private static func recipe(_ prompt: [Int], ignoresEnd: Bool) -> String {
    let ids = prompt.map(String.init).joined(separator: ", ")
    return """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "ids",
        tacit.prompt { token_ids = { \(ids) } },
        tacit.generate { max_new_tokens = 12, ignore_eos = \(ignoresEnd) },
      }
      """
  }

  @Test func thereAreCases() { #expect(Self.cases.count > 10) }

  @Test(arguments: cases) func isReadAsTransformersDoes(name: String) throws {
    let folder = Fixtures.folder + "/cases/" + name
    let golden = try MappedFile(path: folder + "/case.json").json()
    let model = folder + (golden["model"]?.string.map { "/" + $0 } ?? "")
    if let ids = golden["ids"] {
      let input = try String(contentsOfFile: folder + "/input.jsonl", encoding: .utf8)
      let flags = golden["add_special_tokens"] == true ? ["--add-special-tokens"] : []
      let run = try Command(["tokenize", model] + flags, input: input)
      #expect(run.status == 0, "\(run.errors)")
      let lines = try run.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(lines.compactMap { $0["ids"] } == ids.array)
    } else {
      let scratch = try TemporaryFolder()
      let prompt = try #require(golden["prompt"]?.array).compactMap(\.integer)
      let recipe = Self.recipe(prompt, ignoresEnd: golden["ignore_eos"] == true)
      try scratch.write(recipe.utf8, to: "ids.lua")
      let run = try Command("run", scratch.path + "/ids.lua", "-m", model, "-q", "x", "--json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(try run.json["token_ids"] == golden["token_ids"])
    }
  }

  /// What cannot be opened says what it is.
  @Test(arguments: [
    ("adapter_config.json", "{}", "a LoRA adapter"),
    ("a.gguf", "GGUF", "2 GGUF files"),
    ("model.safetensors", "version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
    ("pytorch_model.bin", "PK", "pytorch_model.bin"),
  ])
  func whatCannotBeOpenedIsNamed(file: String, content: String, words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(content.utf8, to: file)
    if file == "a.gguf" { try folder.write(content.utf8, to: "B.GGUF") }
    if !file.hasSuffix(".gguf"), file != "adapter_config.json" {
      try FileManager.default.copyItem(
        atPath: Fixtures.model("llama") + "/config.json", toPath: folder.path + "/config.json")
    }
    let run = try Command("run", "pipelines/direct.lua", "-m", folder.path, "-q", "x")
    #expect(run.status == 1 && run.errors.contains(words), "\(run.errors)")
  }

  /// A GGUF file is known by its first bytes, and a folder may hold one.
  @Test(arguments: ["Model.GGUF", "sha256-0123", "."])
  func filesOfAnyName(name: String) throws {
    let folder = try TemporaryFolder()
    let file = name == "." ? "model.gguf" : name
    try FileManager.default.copyItem(
      atPath: Fixtures.folder + "/gguf/qwen2.gguf", toPath: folder.path + "/" + file)
    let run = try Command("tokenize", folder.path + "/" + name, input: "\"a\"\n")
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Conversations with tools take the template of that name, others the default one.
  @Test func namedTemplates() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Fixtures.model("qwen2") + "/tokenizer.json", toPath: folder.path + "/tokenizer.json")
    let configuration = #"""
      {"chat_template": [
        {"name": "default", "template": "plain {{ messages[0].content }}"},
        {"name": "tool_use", "template": "{{ tools | length }} tool {{ messages[0].content }}"}]}
      """#
    try folder.write(configuration.utf8, to: "tokenizer_config.json")
    let messages = #""messages": [{"role": "user", "content": "Hi"}]"#
    let run = try Command(
      "tokenize", folder.path, "--chat",
      input: "{\(messages)}\n{\(messages), \"tools\": [{\"type\": \"function\"}]}\n")
    let prompts = try run.output.split(separator: "\n").map {
      try JSON(parsing: String($0))["prompt"]?.string
    }
    #expect(prompts == ["plain Hi", "1 tool Hi"], "\(run.errors)")
  }
}
