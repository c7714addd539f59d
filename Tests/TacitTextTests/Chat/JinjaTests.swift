import TacitFault
import TacitJSON
import Testing

@testable import TacitText

@Suite struct JinjaTests {
  /// Small templates with what Python's jinja2 made of them.
  @Test func smallTemplatesAgreeWithJinja() throws {
    let fixture = try ChatFixtures.json("\(ChatFixtures.folder)/jinja.json")
    let variables = try #require(fixture["variables"]?.object)
    let cases = try #require(fixture["cases"]?.array)
    #expect(cases.count > 1_000)
    for (index, entry) in cases.enumerated() {
      let source = try #require(entry["template"]?.string)
      let found = Result { () throws(Fault) in
        try ChatTemplate(source: source, name: "case \(index)").render(variables: variables)
      }
      switch (found, entry["text"]?.string) {
      case (.success(let text), let expected?):
        #expect(Array(text.utf8) == Array(expected.utf8), "\(source) gave \(text)")
      case (.success(let text), nil): Issue.record("\(source) is to fail, gave \(text)")
      case (.failure(let error), let expected?):
        Issue.record("\(source) is to give \(expected), failed: \(error)")
      case (.failure(let error), nil):
        #expect(error.line != nil && error.column != nil && !error.message.isEmpty, "\(source)")
      }
    }
  }
}
