import TacitFault
import TacitReasoning
import Testing

private protocol Empty: Stage {}

extension Empty {
  static var about: About { About("Nothing.", source: "Tacit", fidelity: .faithful) }
  func run(_ state: inout ReasoningState, in context: StageContext) {}
}

private struct TwiceStage: Empty {
  @Option("One.") var share = 1.0
  @OptionGroup var sampling = Sampling()
  @Option("Two.", name: "top_k") var two = 2
}

private struct PlainStage: Empty {
  @Option("One.") var one = 1
  var count = 2
}

private struct NestedStage: Empty {
  struct Inner: Configurable {
    let count = 1
  }
  @OptionGroup var inner = Inner()
}

private struct BeyondStage: Empty {
  @Option("One.", 1...9) var one = 10
}

private struct EndlessStage: Empty {
  @Option("One.") var limit = Double.infinity
}

private struct ExampleStage: Empty {
  static let about = About(
    "Nothing.", source: "Tacit", fidelity: .faithful, example: ["ten": .integer(1)])
  @Option("One.") var one = 1
}

private struct SharedGroupStage: Empty {
  static let sampling = Sampling()
  @OptionGroup var sampling = Self.sampling
}

private struct SomeStage: Empty {}

private struct OtherStage: Empty {
  static let about = About("Nothing.", name: "some", source: "Tacit", fidelity: .faithful)
}

/// A programmer's mistakes are errors that name them.
@Suite struct DeclarationTests {
  private static func error(_ types: any Plugin.Type...) -> String? {
    #expect(throws: Fault.self) { try PluginRegistry(types) }?.description
  }

  @Test func mistakesAreNamed() {
    #expect(Self.error(TwiceStage.self) == "TwiceStage: two options have the name 'top_k'")
    #expect(
      Self.error(PlainStage.self) == """
        PlainStage: the stored property 'count' is not an option
          declare it with @Option or @OptionGroup, or compute it
        """)
    #expect(
      Self.error(NestedStage.self)?
        .hasPrefix("Inner in NestedStage: the stored property 'count' is not an option") == true)
    #expect(
      Self.error(BeyondStage.self)
        == "BeyondStage: the default 10 of option 'one' is not an integer from 1 to 9")
    #expect(Self.error(EndlessStage.self)?.contains("the default inf of option 'limit'") == true)
    #expect(Self.error(ExampleStage.self) == "ExampleStage: its example has no option 'ten'")
  }

  @Test func twoPluginsOfOneName() {
    #expect(
      Self.error(SomeStage.self, OtherStage.self) == """
        OtherStage: SomeStage has the name 'some', too
          give one of them another: About(…, name: "…")
        """)
    #expect(Self.error(HiddenStateFeedback.self)?.contains("'hidden_state'") == true)
  }

  @Test func aSharedGroup() throws {
    let registry = try PluginRegistry([SharedGroupStage.self])
    let plugin = ConfiguredPlugin(manifest: try #require(registry.manifest(named: "shared_group")))
    _ = try registry.make(plugin)
    let error = #expect(throws: Fault.self) { try registry.make(plugin) }
    #expect(error?.message.contains("two instances share") == true)
  }

  /// Reading what must be given and is not ends the program, and says what is missing.
  @Test func aMissingOption() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      struct Needy: Configurable { @Option("The other question.") var question: String }
      _ = Needy().question
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("\"The other question.\""))
  }
}
