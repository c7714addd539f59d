import TacitFault
import TacitJSON
import TacitReasoning
import Testing

private struct Inner: OptionTable, Equatable {
  @Option("A share.", 0...1) var share = 0.5
  @Option("A word.") var word: String?

  func validate() throws(Fault) {
    if word == "no" { throw Fault(option: "word", expected: "yes", found: "no") }
  }
}

private struct Outer: OptionTable {
  @Option("Always there.") var fixed = Inner()
  @Option("Perhaps there.") var perhaps: Inner?
  @Option("Several.") var several: [Inner]?
  @Option("Ids.", 0...9) var ids = [1]
  @Option("A seed.") var seed: UInt64 = 7
}

/// Options in tables below options.
@Suite struct OptionTableTests {
  private static func error(_ options: [String: OptionValue]) -> String? {
    #expect(throws: Fault.self) { try Outer(options: options) }?.description
  }

  @Test func readsTables() throws {
    let outer = try Outer(options: [
      "perhaps": .list([]), "ids": .list([.number(2), .integer(9)]),
      "several": .list([.table(["share": .integer(1)]), .table(["word": .string("b")])]),
    ])
    #expect(outer.fixed == Inner() && outer.perhaps == Inner())
    #expect(outer.several?.map(\.share) == [1, 0.5] && outer.several?[1].word == "b")
    #expect(outer.ids == [2, 9] && outer.seed == 7)
  }

  /// Everything that is set, in the order of declaration; it reads back the same.
  @Test func writesTables() throws {
    let outer = try Outer(options: ["several": .list([.list([])])])
    let json = OptionValue.table(outer.optionValues).json
    #expect(
      try json.text()
        == #"{"fixed":{"share":0.5},"several":[{"share":0.5}],"ids":[1],"seed":7}"#)
    #expect(try Outer(options: outer.optionValues).optionValues == outer.optionValues)
  }

  @Test func saysWhereAFaultIs() {
    #expect(
      Self.error(["fixed": .table(["share": .integer(2)])])
        == "option 'fixed.share': expected a number from 0.0 to 1.0, found 2")
    #expect(
      Self.error(["several": .list([.list([]), .table(["word": .string("no")])])])
        == "option 'several[2].word': expected yes, found no")
    #expect(
      Self.error(["perhaps": .table(["wrod": .string("a")])]) == """
        option 'perhaps': unknown option 'wrod'
          did you mean 'word'? (all options: share, word)
        """)
    #expect(
      Self.error(["several": .list([])])
        == "option 'several': expected a list of tables, found a list")
    #expect(
      Self.error(["several": .list([.integer(1)])])
        == "option 'several': expected a list of tables, found a list")
    #expect(
      Self.error(["ids": .list([.integer(10)])])
        == "option 'ids': expected a list of integers from 0 to 9, found a list")
    #expect(
      Self.error(["seed": .integer(-1)])
        == "option 'seed': expected an integer of 0 or more, found -1")
  }
}
