import FoundationEssentials
import Synchronization
import TacitFault
import Testing

@testable import TacitReasoning
@testable import TacitRecipe

private let root: String = {
  let file = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return "/\(file)/Recipes"
}()

private func recipes(in folder: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
  return names.filter { $0.hasSuffix(".lua") }.sorted().map { "\(folder)/\($0)" }
}

private func load(
  _ path: String, _ parameters: [String: String] = [:],
  log: @escaping @Sendable (String) -> Void = { _ in }
) throws -> Recipe {
  try RecipeLoader.load(
    path: "\(root)/\(path)", parameters: parameters, registry: testRegistry,
    searchFolders: ["\(root)/extra"], log: log)
}

/// The error of a load, with the test folder cut from its paths.
private func message(_ path: String, _ parameters: [String: String] = [:]) -> String {
  do {
    return "loaded \(try load(path, parameters).name)"
  } catch {
    return "\(error)".replacing("\(root)/", with: "")
  }
}

/// A pipeline of one script stage with this body of `run(state)`.
private func loadStage(_ body: String) throws -> Recipe {
  try loadText(
    """
    local tacit = require "tacit"; local kept; local stage
    stage = tacit.stage { name = "s", run = function(state)
    \(body)
    end }
    return tacit.pipeline { name = "p", tacit.prompt {}, stage }
    """)
}

@discardableResult
private func run(_ recipe: Recipe, question: String = "2+2?", sample: String = "test/0")
  async throws -> ReasoningState
{
  var state = try makeState(question: question, sample: sample)
  for (index, stage) in recipe.stages.enumerated() where !state.isFinished {
    state.stageName = stage.name
    state.stageIndex = index
    try await stage.body.run(&state, in: StageContext(index: index, count: recipe.stages.count))
  }
  return state
}

private func failure(_ body: String) async throws -> String {
  let recipe = try loadStage(body)
  do {
    return "no error, but \(try await run(recipe).text)"
  } catch {
    return "\(error)".replacing(recipe.path, with: "r.lua")
  }
}

@Suite struct RecipeTests {
  @Test(arguments: recipes(in: "good"))
  func goodRecipesLoad(path: String) throws {
    #expect(try !load(path).stages.isEmpty)
  }

  /// The first line of a bad recipe is the message, with `|` for a line break.
  @Test(arguments: recipes(in: "bad"))
  func badRecipesSayWhatIsWrong(path: String) throws {
    let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    let first = text.prefix { !$0.isNewline }.dropFirst(3)
    #expect(message(path) == first.replacing("|", with: "\n"))
  }

  @Test func aRecipeCarriesWhatItDependsOn() throws {
    let lines = Mutex<[String]>([])
    let recipe = try load(
      "good/coconut.lua", ["latent_steps": "2", "echo": "true", "scale": "1e-3", "name": "x-y"]
    ) { line in lines.withLock { $0.append(line) } }
    #expect(recipe.name == "x-y" && recipe.model == "openai-community/gpt2")
    #expect(lines.withLock { $0 } == ["\(root)/good/coconut.lua:10: loading\tx-y\ttable"])
    #expect(recipe.parameters.map(\.name) == ["latent_steps", "echo", "scale", "name"])
    #expect(
      recipe.parameters.map(\.value) == [
        .integer(2), .boolean(true), .number(0.001), .string("x-y"),
      ])
    #expect(
      recipe.parameters[0].defaultValue == .integer(6) && recipe.parameters[0].location.line == 5)
    #expect(recipe.stages.map(\.name) == ["prompt", "coconut", "generate"])
    let coconut = try #require(recipe.stages[1].plugin)
    #expect(coconut.location?.line == 16 && coconut.options["latent_steps"] == .integer(2))
    guard case .plugins(let refiners) = coconut.options["refine"] else {
      Issue.record("no refiners")
      return
    }
    #expect(refiners.map { $0.options["scale"] } == [.number(0.001), .number(0)])
    let generate = try #require(recipe.stages[2].plugin)
    #expect(generate.options["max_new_tokens"] == .integer(64) && generate.options["seed"] == nil)
    #expect(generate.options["stop_ids"] == .list([.integer(1), .integer(2)]))

    let team = try load("good/team.lua")
    #expect(
      team.files.map { $0.path.replacing("\(root)/", with: "") } == [
        "good/team.lua", "good/prompts/math.lua",
      ])
    #expect(team.files[1].bytes.count == 82)
    #expect(team.stages.map(\.name) == ["chat", "latent_agent", "latent_agent", "second_opinion"])
  }

  @Test(arguments: [
    (
      "latent_step", "1",
      "good/coconut.lua: unknown parameter 'latent_step'\n  did you mean 'latent_steps'? (all parameters: latent_steps, echo, scale, name)"
    ),
    (
      "latent_steps", "1.5",
      "good/coconut.lua:5: parameter 'latent_steps': expected an integer, got \"1.5\""
    ),
    ("echo", "yes", "good/coconut.lua:6: parameter 'echo': expected true or false, got \"yes\""),
    ("scale", "nan", "good/coconut.lua:7: parameter 'scale': expected a number, got \"nan\""),
    (
      "scale", "-1",
      "good/coconut.lua:19: option 'scale' of refiner 'gaussian_noise': expected a number of 0.0 or more, got -1.0"
    ),
  ])
  func badParameters(name: String, value: String, expected: String) {
    #expect(message("good/coconut.lua", [name: value]) == expected)
  }

  @Test func unreadableRecipes() {
    #expect(message("good/none.lua") == "good/none.lua: cannot be read: No such file or directory")
    #expect(message("good") == "good: a recipe must be a regular file")
  }
}

@Suite struct ScriptStageTests {
  /// What good/team.lua finishes with: rows before both answers, and the tokens that are left.
  ///
  /// Restoring takes the rows of the first answer back, but not its tokens.
  private func teamResult(question: String, sample: String) throws -> String {
    func count(_ text: String) throws -> Int {
      try testModel.get().tokenizer.encode(text, addSpecialTokens: false).count
    }
    let prompt = try count("<\(question)>")
    let answers = [prompt, prompt + 2].map { "the answer to \(question) is \($0)" }
    let left = try testTokenBudget - prompt - count(answers[0]) - count(answers[1])
    return "\(question)|\(prompt)|\(prompt + 2)|\(sample)|\(left)"
  }

  @Test func aTeamRuns() async throws {
    let state = try await run(load("good/team.lua"), question: "q", sample: "gsm8k/17")
    #expect(try state.finished == teamResult(question: "q", sample: "gsm8k/17"))
    let nested = try await run(load("good/nested.lua"))
    #expect(try nested.finished == teamResult(question: "2+2?", sample: "test/0"))
  }

  @Test(arguments: [
    ("state:restore(nil)", "state:restore expects a checkpoint, got nil"),
    ("state.read('x')", "state.read is called with a colon: state:read(…)"),
    ("state:read {}\nstate:read { 'x' }", "state:read expects token ids that are integers"),
    (
      "state:think { latent_step = 1 }",
      "unknown option 'latent_step' for stage 'coconut'\n  did you mean 'latent_steps'? (all options: latent_steps, feedback, refine)"
    ),
    ("state:think { latent_steps = 13 }", "no latent markers"),
    (
      "state:run(stage)",
      "state:run cannot run a stage written in the recipe\n  call its function instead"
    ),
    (
      "return 'x'",
      "run returns nothing, got \"x\" (string)\n  call state:finish(text) to end with a text"
    ),
    ("state:finish()", "state:finish expects a text, got nil"),
    ("state.text = ''", "cannot set 'text': 'tacit.State' is read-only"),
    ("tacit.param('a', 1, 'A.')", "tacit.param can only be called while the recipe loads"),
    (
      "tacit.sequence { tacit.prompt {} }",
      "tacit.sequence can only be called while the recipe loads"
    ),
    ("require 'prompts.math'", "require 'prompts.math' can only be called while the recipe loads"),
    ("state.rng:integer(0)", "rng:integer expects an integer of 1 or more, got 0"),
    (
      "('x'):gsub('x', function() state:generate() end)",
      "this call waits for the model, so it cannot be made inside table.sort, string.gsub or a function called by an option"
    ),
    ("while true do end", "stopped after 20000000 instructions without an end"),
    ("error('own words')", "own words"),
  ])
  func mistakesNameTheStageAndTheSample(body: String, expected: String) async throws {
    let line = body.hasPrefix("return") ? 2 : body.hasPrefix("state:read {") ? 4 : 3
    #expect(
      try await failure(body) == "r.lua:\(line): in stage 's' (2 of 2), sample test/0: \(expected)")
  }

  @Test func unknownMembersListAll() async throws {
    #expect(
      try await failure("state:thnk()").contains(
        "a tacit.State has no 'thnk'\n  did you mean 'think'?"))
  }

  @Test func aSwiftErrorThatNothingCaughtIsTold() async throws {
    let recipe = try loadStage("state:think { latent_steps = 13 }")
    await #expect { try await run(recipe) } throws: {
      "\($0)".hasSuffix("sample test/0: \(CoconutStage.Refused())")
    }
  }

  @Test func aStateEndsWithItsRun() async throws {
    let recipe = try loadStage("if kept then kept:read 'x' end kept = state:fork()")
    try await run(recipe)
    await #expect { try await run(recipe) } throws: {
      "\($0)".contains("this state is no longer alive: its run has ended")
    }
  }

  @Test func aStateBelongsToOneSample() async throws {
    let recipe = try loadStage(
      "if state.question == 'b' then kept:read 'x' end kept = state state:run(tacit.generate {})")
    let body = recipe.stages[1].body
    // A stage body that holds sample a open while b runs.
    let results = await withTaskGroup(of: String.self) { group in
      for question in ["a", "b", "b", "b"] {
        group.addTask {
          do {
            var state = try makeState(question: question)
            try await body.run(&state, in: StageContext(index: 1, count: 2))
            return "ok"
          } catch { return "\(error)" }
        }
      }
      return await group.reduce(into: [String]()) { $0.append($1) }
    }
    let foreign = results.filter {
      $0.contains("belongs to another sample") || $0.contains("no longer alive")
        || $0.contains("nil value")
    }
    #expect(foreign.count >= 1 && results.contains("ok"))
  }

  @Test func aHundredSamplesInterleave() async throws {
    let recipe = try loadStage(
      """
      local n = tonumber(state.question)
      for i = 1, 10 do
        local c = state:checkpoint()
        state:think { latent_steps = n % 7 }
        local fork = state:fork()
        fork:think { latent_steps = 3 }
        if i % 2 == 0 then state:restore(c) end
      end
      state:finish(state:generate())
      """)
    let texts = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
      for n in 0..<100 {
        group.addTask { (n, try await run(recipe, question: "\(n)", sample: "s/\(n)").finished) }
      }
      return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
    }
    for n in 0..<100 {
      let rows = "\(n)".utf8.count + 5 * (n % 7)
      #expect(texts[n] == "the answer to \(n) is \(rows)")
    }
  }

  @Test func cancellationCannotBeCaught() async throws {
    let recipe = try loadStage(
      "while true do pcall(state.think, state, { latent_steps = 3 }) state:checkpoint() end")
    let task = Task { try await run(recipe) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  /// The script state lives while a stage does, and no longer.
  @Test func theStateEndsWithTheRecipe() async throws {
    let watch = WeakState()
    do {
      let body: any StageBody
      do {
        let recipe = try load("good/team.lua")
        body = recipe.stages[0].body
        guard case .function? = recipe.stages[0].plugin?.options["template"] else {
          throw Fault(message: "no template")
        }
        watch.value = Mirror(reflecting: recipe.stages[3].body).descendant("lua") as? LuaState
      }
      #expect(watch.value != nil)
      var state = try makeState()
      try await body.run(&state, in: StageContext(index: 0, count: 1))
      #expect(state.text == "<2+2?>")
    }
    #expect(watch.value == nil)
  }

  @Test func optionFunctionsReturnData() throws {
    let recipe = try loadText(
      """
      local tacit = require "tacit"
      return tacit.pipeline { name = "p",
        tacit.chat { template = function(m) return m[1] and print end } }
      """)
    guard case .function(let template)? = recipe.stages[0].plugin?.options["template"] else {
      throw Fault(message: "no template")
    }
    #expect(template.identity == "\(recipe.path):3")
    #expect(try template(.list([])) == .null)
    #expect { try template(.list([.integer(1)])) } throws: {
      "\($0)" == "\(recipe.path):3: a function of an option returns plain data, not a function"
    }
  }
}

@Suite struct MutationTests {
  /// Random damage gives an error or a recipe, never a crash or a hang.
  @Test func damagedRecipesEnd() throws {
    let sources = try ["good/coconut.lua", "good/team.lua"].map {
      Array(try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8).utf8)
    }
    var limits = LuaLimits()
    limits.loadInstructions = 200_000
    var seed: UInt64 = 7
    func random(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: (seed >> 33) % UInt64(count))
    }
    var failures = 0
    for round in 0..<500 {
      var bytes = sources[round % 2]
      for _ in 0...random(4) {
        let at = random(bytes.count)
        switch random(4) {
        case 0: bytes[at] = UInt8(random(256))
        case 1: bytes.remove(at: at)
        case 2:
          bytes.insert(
            contentsOf: bytes[at..<min(bytes.count, at + random(40))], at: random(bytes.count))
        default: bytes.removeSubrange(at..<min(bytes.count, at + random(20)))
        }
      }
      let module = RecipeModule(registry: testRegistry, parameters: RecipeParameters(given: [:]))
      let state = try LuaState(
        limits: limits,
        classes: RecipePart.classes + [RecipeVersion.definition]
          + StateHandle.classes(testRegistry),
        resolve: { LuaSource(path: $0, bytes: Array("return { wrap = tostring }".utf8)) })
      try module.install(in: state)
      do {
        _ = try state.load(LuaSource(path: "r.lua", bytes: bytes))
      } catch let error as Fault {
        failures += 1
        #expect(!error.message.isEmpty)
      }
    }
    #expect(failures > 200)
  }
}

@Suite struct StubTests {
  @Test func stubsAreCompleteAndStable() throws {
    let text = RecipeStubs.render(testRegistry)
    #expect(text == RecipeStubs.render(testRegistry))
    #expect(text.hasPrefix("---@meta tacit\n") && text.hasSuffix("\nreturn tacit\n"))
    #expect(
      text.contains(
        """
        ---@class (exact) tacit.CoconutOptions
        ---@field latent_steps? integer Continuous thoughts. Default 6, 0 to 1024.
        ---@field feedback? tacit.Feedback What the model reads next while it thinks; by default the raw hidden state.
        ---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

        ---Feeds the last hidden state back as the next input.
        ---
        ---Requires: prompt. Provides: hidden, memory. Source: arXiv:2412.06769, section 3 (faithful).
        ---@param options? tacit.CoconutOptions
        ---@return tacit.Stage
        function tacit.coconut(options) end

        """))
    for line in [
      "---@field role string Name of the agent.",
      "---@field keep? \"all\"|\"latent\" What stays in memory. Default \"all\".",
      "---@field shows? (\"all\"|\"latent\")[] What is shown. Default {}.",
      "function State:think(options) end", "function State:latent_agent(options) end",
      "---@return tacit.Refiner",
    ] {
      #expect(text.contains(line + "\n"))
    }
    // The stub is Lua: it compiles in our own state.
    let state = try LuaState(limits: .standard)
    #expect(try state.load(LuaSource(path: "tacit.lua", bytes: Array(text.utf8))).count == 1)
  }
}
