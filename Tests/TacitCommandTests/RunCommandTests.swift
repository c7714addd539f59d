import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTesting
import Testing

@Suite struct RunCommandTests {
  static let question =
    "Every dumpus is a lempus. Tom is a dumpus. Every lempus is a rempus. "
    + "Every yumpus is a wumpus. Bob is a yumpus. Is Tom a rempus or wumpus?"

  @Test func oneObjectAndNothingElse() throws {
    let run = try Command("run", "pipelines/coconut.lua", "--json", "-q", Self.question)
    #expect(run.status == 0, "\(run.errors)")
    let object = try #require(try run.json.object)
    #expect(
      Array(object.keys) == [
        "schema", "recipe", "model", "prompt_token_ids", "token_ids", "text", "answer",
        "finish_reason", "counts", "seconds",
      ])
    #expect(object["recipe"] == "coconut" && object["model"] == "prosqa")
    #expect(object["finish_reason"] == "eos")
    let counts = try #require(object["counts"])
    let prompt = try #require(object["prompt_token_ids"]?.array).count
    let tokens = try #require(object["token_ids"]?.array).count
    #expect(counts["latent_steps"] == 6)
    #expect(counts["tokens"] == .integer(tokens))
    // The prompt with the start marker, six thoughts, the last with end marker and prefix.
    #expect(counts["forward_passes"] == .integer(1 + 6 + tokens - 1))
    #expect(counts["positions"] == .integer(prompt + 1 + 6 + 1 + tokens))
    #expect(counts["head_rows"] == .integer(tokens))
    #expect(object["text"]?.string?.hasPrefix("### Tom ") == true)
  }

  @Test(arguments: ["direct", "coconut", "second_opinion"])
  func streamedTextIsTheText(name: String) throws {
    let recipe = "pipelines/\(name).lua"
    let streamed = try Command("run", recipe, input: Self.question + "\n")
    let object = try Command("run", recipe, "--json", input: Self.question + "\n")
    #expect(streamed.status == 0)
    #expect(streamed.output == (try object.json["text"]?.string ?? "") + "\n")
    #expect(streamed.errors.isEmpty)
  }

  /// Rounded weights answer, say what they take, and are part of what a run consists of.
  @Test(arguments: [("q8_0", "exact"), ("q4_0", "fast")])
  func quantizedModels(format: String, activations: String) throws {
    let folder = try TemporaryFolder()
    let options = ["--quantize", format, "--activations", activations]
    let run = try Command(
      ["run", "pipelines/coconut.lua", "--json", "-q", Self.question] + options)
    #expect(run.status == 0 && run.errors.hasSuffix(" MB of weights packed in memory\n"))
    #expect(try run.json["text"]?.string?.hasPrefix("### Tom ") == true)
    let eval = try Command(
      ["eval", "pipelines/coconut.lua", "-d", "prosqa", "--limit", "1", "--quiet"]
        + ["--out", folder.path + "/run"] + options)
    #expect(eval.status == 0, "\(eval.errors)")
    let manifest = try MappedFile(path: folder.path + "/run/manifest.json").json()
    let text = try manifest.text()
    #expect(text.contains("\"quantize\":\"\(format)\",\"activations\":\"\(activations)\""))
  }

  @Test func everyStepIsTraced() throws {
    let run = try Command(
      "run", "pipelines/coconut.lua", "--json", "--trace-vectors", "-P", "latent_steps=3",
      input: Self.question)
    let steps = try #require(try run.json["trace"]?.array)
    let kinds = steps.compactMap { $0["kind"]?.string }
    #expect(kinds.prefix(6) == ["forced", "latent", "latent", "latent", "forced", "forced"])
    #expect(kinds.dropFirst(6).allSatisfy { $0 == "explicit" })
    #expect(steps.map { $0["step"]?.integer } == Array(0..<steps.count))
    for thought in steps where thought["kind"] == "latent" {
      #expect(thought["vector"]?.array?.count == 128)
      #expect(thought["norm"]?.number ?? 0 > 0)
    }
    for token in steps where token["kind"] == "explicit" {
      #expect(token["entropy"]?.number != nil && token["token_id"]?.integer != nil)
    }
  }

  /// The table that people read has what the object has, in columns of their own.
  @Test func theTraceIsReadable() throws {
    let coconut = try Command("run", "pipelines/coconut.lua", "--trace", input: Self.question)
    let lines = coconut.errors.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      lines.first?.joined(separator: " ")
        == "step stage kind token entropy norm of embedding memory nearest details")
    let thought = try #require(lines.dropFirst(2).first)
    #expect(thought.prefix(3) == ["1", "coconut", "latent"] && thought.count == 10)
    #expect(thought[5].hasSuffix("×") && Int(thought[6]) ?? 0 > 20)
    #expect(coconut.output == "### Tom rempus .\n")
    let switching = try Command(
      "run", "pipelines/swi_reasoning_small.lua", "--trace", input: Self.question)
    for text in [" mode ", " explicit ", "switch=to_explicit", "switches=1", "row=soft"] {
      #expect(switching.errors.contains(text), "\(switching.errors)")
    }
    let vote = try Command(
      "run", "pipelines/coconut_self_consistency.lua", "--trace", input: Self.question)
    #expect(vote.errors.contains(" branch ") && vote.errors.contains("chosen=0"))
    #expect(vote.errors.contains("votes=[[\"Tom rempus .\",5.0]]"))
  }

  @Test func tokenIDsAndNoEndOfSequence() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "ids",
        tacit.prompt { token_ids = { 11, 12, 8 } },
        tacit.generate { max_new_tokens = 48, ignore_eos = true },
      }
      """
    try folder.write(recipe.utf8, to: "ids.lua")
    for model in ["gpt2", "qwen3_bf16"] {
      let run = try Command(
        "run", folder.path + "/ids.lua", "--json", "--model", Fixtures.model(model), "-q", "")
      #expect(try run.json["prompt_token_ids"] == [11, 12, 8])
      #expect(try run.json["token_ids"]?.array?.count == 48)
      #expect(try run.json["finish_reason"] == "length")
    }
  }

  static let misuses: [(recipe: String, words: [String])] = [
    ("while true do end", ["bad.lua:1", "instruction"]),
    ("local t = {} while true do t[#t + 1] = ('x'):rep(1000) end", ["bad.lua:1", "memory"]),
    (
      """
      local tacit = require "tacit"
      return tacit.pipeline { name = "x", tacit.prompt {}, tacit.coconut { latent_step = 3 } }
      """, ["bad.lua:2: unknown option 'latent_step'", "did you mean 'latent_steps'?"]
    ),
    (
      """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "x",
        tacit.generate {},
        tacit.coconut {},
      }
      """,
      [
        "bad.lua:4: stage 'generate' needs 'prompt', which no earlier stage provides",
        "stages before it: none", "bad.lua:5: stage 'coconut' needs 'prompt'",
      ]
    ),
    ("return 1", ["bad.lua", "a recipe returns a pipeline"]),
    ("x = 1", ["bad.lua:1", "local"]),
    ("return {", ["bad.lua:1"]),
  ]

  @Test(.timeLimit(.minutes(15)), arguments: misuses)
  func misuse(recipe: String, words: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(recipe.utf8, to: "bad.lua")
    for verb in [["run", "-q", "?"], ["check"]] {
      let run = try Command([verb[0], folder.path + "/bad.lua"] + verb.dropFirst())
      #expect(run.status != 0 && run.output.isEmpty)
      for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
    }
  }

  @Test func endlessStageEnds() throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline {
        name = "endless",
        tacit.stage { name = "spin", run = function(state) while true do end end },
      }
      """
    try folder.write(recipe.utf8, to: "endless.lua")
    let run = try Command("run", folder.path + "/endless.lua", "-q", "?")
    #expect(run.status != 0)
    #expect(run.errors.contains("endless.lua:4") && run.errors.contains("'spin' (1 of 1)"))
  }

  /// Loops that wait for the model in every turn end too, whether or not they catch errors.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      "while true do pcall(function() state:generate { max_new_tokens = 1 } end) end",
      """
      while true do
        local start = state:checkpoint()
        state:generate { max_new_tokens = 1 }
        state:restore(start)
      end
      """,
    ])
  func endlessWaitsEnd(body: String) throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      local spin = tacit.stage { name = "spin", run = function(state) \(body) end }
      return tacit.pipeline { name = "endless", tacit.prompt {}, spin }
      """
    try folder.write(recipe.utf8, to: "endless.lua")
    let run = try Command("run", folder.path + "/endless.lua", "-q", Self.question)
    #expect(run.status != 0 && run.output.trimmingCharacters(in: .newlines).isEmpty)
    #expect(run.errors.contains("endless.lua:2") && run.errors.contains("10000 calls"))
  }

  @Test(arguments: ["../evil", ".", "a/b", "", "a b"]) func namesAreNoPaths(name: String) throws {
    let folder = try TemporaryFolder()
    let recipe = """
      local tacit = require "tacit"
      return tacit.pipeline { name = "\(name)", tacit.prompt {} }
      """
    try folder.write(recipe.utf8, to: "named.lua")
    let check = try Command("check", folder.path + "/named.lua")
    #expect(check.status != 0 && check.errors.contains("named.lua:2: option 'name'"))
  }

  @Test func misfitsAreFoundBeforeTheWork() throws {
    let folder = try TemporaryFolder()
    let run = try Command(
      "run", "pipelines/chat.lua", "--model", "prosqa", "-q", "?", input: "")
    #expect(run.status != 0 && run.errors.contains("pipelines/chat.lua:13: stage 'chat'"))
    #expect(run.errors.contains("chat template"))
    let empty = try Command("run", "pipelines/direct.lua", input: "\n")
    #expect(empty.status != 0 && empty.output.trimmingCharacters(in: .newlines).isEmpty)
    let missing = try Command(
      "run", "pipelines/direct.lua", "--model", "org/name", "-q", "?",
      environment: ["HF_HOME": folder.path])
    #expect(missing.status != 0 && missing.errors.contains("hf download org/name"))
    let long = String(repeating: Self.question + " ", count: 100)
    let tooLong = try Command("run", "pipelines/direct.lua", input: long)
    #expect(tooLong.status != 0 && tooLong.errors.contains("512 positions"))
    let unknown = try Command("run", "pipelines/direct.lua", "-P", "prefx=#", "-q", "?")
    #expect(unknown.status != 0 && unknown.errors.contains("did you mean 'prefix'"))
  }

  /// A model that was not made for a strategy, and a team that hands on nothing.
  @Test(arguments: [
    ("coconut", [], ["coconut.lua:15: stage 'coconut'", "'<|start-latent|>'"]),
    (
      "coconut_self_consistency", [], ["consistency.lua:22: stage 'coconut'", "'<|start-latent|>'"]
    ),
    ("swi_reasoning", [], ["'think_token'", "'<think>'"]),
    ("swi_reasoning_small", [], ["'think_token'", "'<think>'"]),
    ("coconut_contrastive", [], ["role 'strong'", "80 components, as in main, found 128"]),
    (
      "latent_team_sequential", ["-P", "keep=latent", "-P", "latent_steps=0"],
      ["'keep' and 'latent_steps'", "a team with no memory"]
    ),
  ])
  func strategiesRefuseWhatDoesNotFit(name: String, options: [String], words: [String]) throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.model("qwen3")
    for file in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: source + "/" + file, toPath: folder.path + "/" + file)
    }
    try FileManager.default.copyItem(
      atPath: Fixtures.folder + "/chat/chatml.jinja", toPath: folder.path + "/chat_template.jinja")
    let marker = name == "coconut_contrastive" ? "none" : "<|start-latent|>"
    for file in ["tokenizer.json", "tokenizer_config.json"] {
      let text = try String(contentsOfFile: source + "/" + file, encoding: .utf8)
      let other = text.replacing(marker, with: "<|other|>").replacing("think>", with: "other>")
      try folder.write(other.utf8, to: file)
    }
    let recipe = "pipelines/\(name).lua"
    for verb in [
      ["run", recipe, "-q", "?"], ["check", recipe],
      ["eval", recipe, "-d", "prosqa", "--out", folder.path + "/run"],
    ] {
      let run = try Command(verb + options + ["--model", folder.path])
      #expect(run.status == 1 && run.output.isEmpty)
      for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  @Test func aFullDiskIsAnError() throws {
    let process = Command.process(["run", "pipelines/direct.lua", "--json", "-q", Self.question])
    let errors = Pipe()
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus != 0)
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("standard output: cannot write"))
  }
}
