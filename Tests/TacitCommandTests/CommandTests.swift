import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite struct CommandTests {
  @Test(arguments: [
    "run", "eval", "compare", "report", "show", "score", "export", "check", "list", "data",
    "tokenize", "vectors", "stubs", "train", "bench",
  ])
  func everyVerbHasHelpWithExamples(verb: String) throws {
    let help = try Command(verb, "--help")
    #expect(help.status == 0 && help.output.contains("tacit \(verb)"))
    // Examples are to be copied: none is wrapped at 80 columns.
    let lines = help.output.split(separator: "\n").drop { $0 != "EXAMPLES" }.dropFirst()
    let examples = lines.prefix { !$0.hasPrefix("USAGE") }
    #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  ") }, "\(examples)")
  }

  @Test func shippedRecipesAndStubs() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Command.root + "/pipelines")
      .filter { $0.hasSuffix(".lua") }
    #expect(names.count >= 5)
    for name in names {
      let check = try Command("check", "pipelines/" + name)
      #expect(check.status == 0 && check.output.contains(": ok: "), "\(check.errors)")
    }
    #expect(try Command("stubs", "--check", "pipelines/types/tacit.lua").status == 0)
    #expect(try Command("stubs", "--check", "pipelines/coconut.lua").status == 1)
  }

  @Test func listings() throws {
    let stages = try Command("list", "stages")
    for name in ["prompt", "chat", "generate", "coconut", "pause", "hidden_state"] {
      #expect(stages.output.contains("\n\(name) "))
    }
    let coconut = try Command("list", "stages", "coconut")
    #expect(coconut.output.contains("arXiv:2412.06769") && coconut.output.contains("latent_steps"))
    #expect(try Command("list", "models").output.contains("prosqa-weak"))
    #expect(try Command("list", "datasets").output.contains("200"))
    let sample = try Command("list", "datasets", "prosqa", "--sample", "3")
    #expect(sample.output.hasSuffix("?\n"))
    let unknown = try Command("list", "stages", "cocnut")
    #expect(unknown.status != 0 && unknown.errors.contains("coconut"))
  }

  @Test func tokenizing() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Fixtures.model("qwen3") + "/tokenizer.json", toPath: folder.path + "/tokenizer.json")
    let ids = try Command("tokenize", folder.path, input: "\"the cat\"\n\n\"\"\n")
    let lines = ids.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 2 && lines[1] == "{\"ids\":[]}")
    let list = try #require(try JSON(parsing: lines[0])["ids"])
    let back = try Command("tokenize", folder.path, "--decode", input: try list.text() + "\n")
    #expect(try back.json == ["text": "the cat"])
    let bad = try Command("tokenize", folder.path, input: "\"a\"\n{\n")
    #expect(bad.status != 0 && bad.errors.contains("line 2"))
    let template = "{% for m in messages %}<|im_start|>{{ m.role }}: {{ m.content }}{% endfor %}"
    try folder.write(template.utf8, to: "chat_template.jinja")
    let chat = try Command(
      "tokenize", folder.path, "--chat",
      input: "[{\"role\": \"user\", \"content\": \"the cat\"}]\n")
    #expect(try chat.json["prompt"] == "<|im_start|>user: the cat")
    #expect(try chat.json["ids"]?[0] == 761)
  }

  @Test func showingARun() throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/run"
    let arguments = ["eval", "pipelines/coconut.lua", "-d", "prosqa", "--limit", "2", "--trace"]
    let run = Command.process(arguments + ["--out", out, "--quiet"])
    run.standardOutput = FileHandle.nullDevice
    try run.run()
    run.waitUntilExit()
    let all = try Command("show", out)
    #expect(all.output.contains("coconut") && all.output.contains("complete"))
    let sample = try Command("show", out, "--sample", "prosqa/1")
    #expect(sample.output.contains("\"completion\"") && sample.output.contains("latent"))
    #expect(sample.output.contains("step  stage "))
    #expect(sample.output.contains("of embedding  memory  nearest"))
    #expect(try Command("show", out, "--sample", "prosqa/2").status != 0)
    #expect(try Command("show", folder.path).status != 0)
  }
}
