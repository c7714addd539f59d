import TacitFault
import TacitJSON
import Testing

@Suite struct JSONTests {
  static let texts: [(String, JSON)] = [
    ("null", .null), ("true", true), ("-12", -12), ("1.5e3", 1500.0),
    ("\"a\\u00e9\\n\"", "aé\n"),
    ("[]", []), ("{}", [:]), (" [1, 2.5, \"x\"] ", [1, 2.5, "x"]),
    ("{\"b\": 1, \"a\": {\"c\": []}}", ["b": 1, "a": ["c": []]]),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("\"\\ud83d\\ude42\"", "🙂"),
  ]

  @Test(arguments: texts)
  func reading(text: String, value: JSON) throws { #expect(try JSON(parsing: text) == value) }

  @Test(arguments: [
    "", " ", "nul", "[1,]", "{\"a\" 1}", "{'a': 1}", "01", "1 2", "[1] x", "NaN", "[Infinity]",
    "-", "\"", "\"\u{1}\"", "{\"a\": 1,}", "[1e999]", "\u{FEFF}[]", "/* */ 1", "1\0",
  ])
  func refusing(text: String) { #expect(throws: Fault.self) { try JSON(parsing: text) } }

  @Test func placesOfFaults() {
    let error = #expect(throws: Fault.self) { try JSON(parsing: "{\n  \"a\": ?\n}") }
    #expect(error?.line == 2)
    #expect(error?.column == 8)
  }

  @Test func nestingIsBounded() throws {
    let depth = JSON.maximumDepth
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON(parsing: nested(depth - 1))
    #expect(throws: Fault.self) { try JSON(parsing: nested(1_000_000)) }
  }

  @Test func invalidUTF8IsRefused() {
    let bytes: [UInt8] = [0x22, 0xFF, 0x22]
    #expect(throws: Fault.self) {
      try bytes.withUnsafeBytes { bytes throws(Fault) in try JSON(parsing: bytes) }
    }
  }

  @Test func writingReadsBack() throws {
    let value: JSON = [
      "text": "quote \" slash \\ tab \t null \u{0} line \u{2028} 🙂",
      "numbers": [0.1, 1e300, -0.0, 5],
      "empty": [[:], []], "nothing": .null, "yes": true,
    ]
    for layout in [JSON.Layout.compact, .indented] {
      #expect(try JSON(parsing: value.text(layout)) == value)
    }
    #expect(try !value.text().contains("\n"))
    #expect(try JSON.object(["b": 1, "a": [1, 2.5]]).text() == #"{"b":1,"a":[1,2.5]}"#)
  }

  /// What is written can be shown on a terminal; what people write for people stays as it is.
  @Test func activeCharactersAreEscaped() throws {
    let text = "a\u{1B}[2J \0 \u{9B}m \u{7F} \u{202E}\u{2066}\u{61C}\u{200F} é\u{200D}🙂 שלום"
    let written = try JSON.object([text: .string(text)]).text()
    #expect(!written.unicodeScalars.contains { $0.isActive })
    #expect(written.hasSuffix("\\u202e\\u2066\\u061c\\u200f é\u{200D}🙂 שלום\"}"))
    #expect(try JSON(parsing: JSON.string(text).text()) == .string(text))
    #expect("\u{1B}[1m\n\t\u{202E}é\r".printable == "\\u{1b}[1m\n\t\\u{202e}é\\u{d}")
  }

  @Test func nulInKeysIsRefused() throws {
    let error = #expect(throws: Fault.self) { try JSON(parsing: #"{"a": 1, "a\u0000b" : 2}"#) }
    #expect(error?.column == 13)
    #expect(try JSON(parsing: #"{"a": "\u0000", "b": ["\\u0000"]}"#)["a"] == "\0")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func notANumber(value: Double) {
    #expect(throws: Fault.self) { try JSON.array([.number(value)]).text() }
  }

  /// Characters whose lower 16 bits look like halves of others, and escapes that are none.
  @Test(arguments: [
    (#""\ud873\udeb0""#, "\u{2CEB0}"), (#""\uD876\uDC00""#, "\u{2D800}"),
    (#""\\\ud836\udc1a""#, "\\\u{1D81A}"),
  ])
  func charactersBeyondTheFirstPlane(text: String, expected: String) throws {
    #expect(try JSON(parsing: text) == .string(expected))
  }

  @Test func infinitiesOnlyWhereTheyAreAllowed() throws {
    let text = Array(#"{"a": [0.0, Infinity, -Infinity], "b": NaN}"#.utf8)
    try text.withUnsafeBytes { bytes in
      #expect(throws: Fault.self) { try JSON(parsing: bytes) }
      let value = try JSON(parsing: bytes, allowsNonFinite: true)
      #expect(value["a"]?.array?[1].number == .infinity && value["b"]?.number?.isNaN == true)
    }
  }
}
