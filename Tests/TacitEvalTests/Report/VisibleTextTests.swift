import TacitFault
import TacitJSON
import Testing

@testable import TacitEval

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("a\0b\u{1B}[1m\u{7F}", "a␀b␛[1m␡"), ("\u{85}", "⟦U+0085⟧"), ("\u{202E}abc", "⟦U+202E⟧abc"),
    ("\u{2066}x\u{2069}\u{200F}", "⟦U+2066⟧x⟦U+2069⟧⟦U+200F⟧"), ("\u{2028}", "⟦U+2028⟧"),
    ("\u{FEFF}z\u{200B}", "⟦U+FEFF⟧z⟦U+200B⟧"), ("a\n\tb", "a\n\tb"), ("שלום", "שלום"),
    ("👩\u{200D}👧 ❤\u{FE0F}", "👩\u{200D}👧 ❤\u{FE0F}"), ("\r\n", "␍\n"),
  ])
  func hiddenCharactersGetNames(text: String, shown: String) {
    #expect(Array(visible(text).unicodeScalars) == Array(shown.unicodeScalars))
    #expect(visible(visible(text)) == visible(text))
  }

  /// A quote with a combining mark is one grapheme, but a parser of HTML sees the quote.
  @Test func markupIsEscapedByScalar() {
    #expect(
      VisibleHTML().escapeText("<b a='\"\u{301}'>&\0")
        .unicodeScalars.elementsEqual("&lt;b a=&#39;&quot;\u{301}&#39;&gt;&amp;␀".unicodeScalars))
  }

  @Test func scriptTextReadsBackAndHoldsNoMarkup() throws {
    let json: JSON = [
      "a": "</script><!--<script>&\u{2028}\u{2029}", "b": [1, 0.5, .null], "<k>": "é\u{301}🙂",
    ]
    let text = try json.scriptText()
    #expect(!text.unicodeScalars.contains { "<>&\u{2028}\u{2029}".unicodeScalars.contains($0) })
    #expect(try JSON(parsing: Array(text.utf8)[...]) == json)
    #expect(throws: Fault.self) { try JSON.number(.nan).scriptText() }
  }

  @Test func excerptsStayOnOneLine() {
    #expect(excerpt(of: "ab\ncd", limit: 4) == "ab c…")
    #expect(excerpt(of: "ab\ncd", limit: 5) == "ab cd")
  }
}
