import TacitFault
import Testing

@testable import TacitReasoning

private enum Kept: String, OptionChoice, OptionElement { case all, firstHalf = "first_half" }

private struct Shared: Configurable {
  @Option("A share.", 0...1) var share = 0.5
  @Option("Ids.") var tokenIDs: [Int]?

  func validate() throws {
    if tokenIDs == [] {
      throw Fault("option 'token_ids'", expected: "ids", found: "none")
    }
  }
}

private struct EchoStage: Stage {
  static let about = About(
    "Echoes.", source: "Tacit", fidelity: .faithful, example: ["word": .string("a")])

  @Option("Times.", 1...9) var repeatCount = 2
  @OptionGroup var shared = Shared()
  @Option("A word.") var word: String
  @Option("What is kept.") var kept = Kept.all
  @Option("A limit.", ...9) var limit: Int?
  @Option("Texts.") var texts: [String]?
  @Option("A function.") var weight: RecipeFunction?
  @Option("Odd.", name: "odd_name") var isOdd = false
  @Option("Several.") var several: [Kept] = [.all]
  @OptionGroup var span = LatentSpan()

  func validate() throws {
    if repeatCount > limit ?? 9 {
      throw Fault("echo", expected: "less", found: "\(repeatCount)")
    }
  }

  func run(_ state: inout ReasoningState, in context: StageContext) {}
}

@Suite struct OptionTests {
  private static func make(_ options: [String: OptionValue]) throws -> EchoStage {
    let registry = try PluginRegistry([EchoStage.self])
    let manifest = try #require(registry.manifest(named: "echo"))
    let made = try registry.make(ConfiguredPlugin(manifest: manifest, options: options))
    return try #require(made as? EchoStage)
  }

  @Test func labelsBecomeNames() throws {
    #expect("latentSteps".snakeCased == "latent_steps")
    #expect("promptTokenIDs".snakeCased == "prompt_token_ids")
    #expect("skipFirstEOS".snakeCased == "skip_first_eos")
    #expect("IDsOfHTMLPages".snakeCased == "ids_of_html_pages")
    #expect("SwiReasoning".snakeCased == "swi_reasoning")
    #expect("beta1".snakeCased == "beta1" && "n".snakeCased == "n" && "".snakeCased == "")
    let manifest = try PluginManifest(EchoStage.self)
    #expect(manifest.name == "echo" && manifest.subject == "stage 'echo'")
    #expect(
      manifest.options.map(\.name) == [
        "repeat_count", "share", "token_ids", "word", "kept", "limit", "texts", "weight",
        "odd_name", "several", "feedback", "refine",
      ])
  }

  @Test func declarationsAreTheOptions() throws {
    let options = try PluginManifest(EchoStage.self).options
    let kinds: [OptionKind] = [
      .integer(minimum: 1, maximum: 9), .number(minimum: 0, maximum: 1),
      .integers(minimum: nil, maximum: nil), .string,
      .choice(["all", "first_half"]), .integer(minimum: nil, maximum: 9), .strings, .function,
      .boolean, .choices(["all", "first_half"]), .feedback, .refiners,
    ]
    #expect(options.map(\.kind) == kinds)
    #expect(options.map(\.isRequired) == kinds.map { $0 == .string })
    let defaults: [OptionValue?] = [
      .integer(2), .number(0.5), nil, nil, .string("all"), nil, nil, nil, .boolean(false),
      .list([.string("all")]), nil, .plugins([]),
    ]
    #expect(options.map(\.defaultValue) == defaults)
    #expect(options[9].defaultText == "{ \"all\" }" && options[11].defaultText == "{}")
    #expect(options[0].summary == "Times.")
  }

  @Test func valuesAndDefaults() throws {
    let plain = try Self.make(["word": .string("a")])
    #expect(plain.repeatCount == 2 && plain.word == "a" && plain.limit == nil)
    #expect(plain.shared.share == 0.5 && plain.shared.tokenIDs == nil && plain.kept == .all)
    let full = try Self.make([
      "word": .string("b"), "share": .integer(1), "token_ids": .list([.integer(7)]),
      "kept": .string("first_half"), "limit": .integer(3), "texts": .list([.string("x")]),
      "odd_name": .boolean(true),
      "several": .list([.string("first_half"), .string("all")]),
    ])
    #expect(plain.several == [.all] && full.several == [.firstHalf, .all])
    #expect(full.shared.share == 1 && full.shared.tokenIDs == [7] && full.kept == .firstHalf)
    #expect(full.limit == 3 && full.texts == ["x"] && full.isOdd)
  }

  @Test func whatDoesNotFitIsAnError() {
    func error(_ options: [String: OptionValue]) -> Fault? {
      #expect(throws: Fault.self) { try Self.make(options) }
    }
    #expect(
      error([:])?.description == "stage 'echo', option 'word': expected a string, found nothing")
    #expect(error(["word": .integer(1)])?.found == "1")
    #expect(
      error(["word": .string("a"), "kept": .string("most")])?.position.contains("kept") == true)
    #expect(
      error(["word": .string("a"), "wrod": .string("a")])?.description.hasPrefix(
        "stage 'echo': unknown option 'wrod'\n  did you mean 'word'?") == true)
  }

  /// The hook of a group runs before that of the plugin, both with the values set.
  @Test func optionsThatContradict() {
    let limit = #expect(throws: Fault.self) {
      try Self.make(["word": .string("a"), "limit": .integer(1)])
    }
    #expect(limit?.position == "echo")
    let group = #expect(throws: Fault.self) {
      try Self.make(["word": .string("a"), "limit": .integer(1), "token_ids": .list([])])
    }
    #expect(group?.position == "option 'token_ids'")
  }

  /// A stage that Swift code makes is checked where it joins a pipeline.
  @Test func madeInSwift() throws {
    func error(_ change: (inout EchoStage) -> Void) -> Fault? {
      var stage = EchoStage()
      stage.word = "a"
      change(&stage)
      let changed = stage
      return #expect(throws: Fault.self) { _ = try PipelineStage(changed) }
    }
    #expect(
      error { $0.shared.share = 2 }?.description
        == "stage 'echo', option 'share': expected a number from 0.0 to 1.0, found 2.0")
    #expect(error { $0.limit = 1 }?.position == "echo")
    #expect(error { $0 = EchoStage() }?.position == "stage 'echo', option 'word'")
    var stage = EchoStage()
    stage.word = "a"
    let made = try PipelineStage(stage)
    #expect(made.name == "echo" && made.plugin == nil && made.requires.isEmpty)
  }

  @Test func copiesAreValues() throws {
    var first = try Self.make(["word": .string("a")])
    var second = first
    second.repeatCount = 5
    second.shared.share = 0.25
    #expect(first.repeatCount == 2 && first.shared.share == 0.5)
    first.word = "b"
    #expect(second.word == "a" && second.repeatCount == 5 && second.shared.share == 0.25)
    #expect(EchoStage().repeatCount == 2)
    #expect(Sampling() == Sampling(temperature: 0) && Sampling() != Sampling(temperature: 1))
  }
}
