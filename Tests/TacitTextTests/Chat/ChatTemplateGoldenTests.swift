import TacitJSON
import Testing

@testable import TacitText

@Suite struct ChatTemplateGoldenTests {
  @Test(
    .enabled(
      if: !ChatFixtures.goldenNames.isEmpty, "left out: there is no folder shared/reference/chat"),
    arguments: ChatFixtures.goldenNames)
  func publishedTemplatesRenderAsInTransformers(name: String) throws {
    let golden = try ChatFixtures.json("\(ChatFixtures.shared)/\(name)")
    let file = try #require(golden["template"]?.string)
    let template = try ChatTemplate(
      source: try ChatFixtures.text("\(ChatFixtures.shared)/\(file)"), name: file)
    let cases = try #require(golden["cases"]?.array).map(ChatCase.init)
    #expect(!cases.isEmpty)
    for chat in cases {
      let text = try? chat.render(
        template, bosToken: golden["bos_token"]?.string, eosToken: golden["eos_token"]?.string)
      #expect(text.map { Array($0.utf8) } == chat.text.map { Array($0.utf8) }, "\(chat.name)")
    }
  }

  @Test(arguments: ["chatml.jinja", "thinking.jinja"])
  func ownTemplatesRenderAsInJinja(file: String) throws {
    let golden = try ChatFixtures.json("\(ChatFixtures.folder)/own.json")
    let template = try ChatTemplate(
      source: try ChatFixtures.text("\(ChatFixtures.folder)/\(file)"), name: file)
    let cases = try #require(golden["cases"]?.array).filter { $0["template"]?.string == file }
    #expect(!cases.isEmpty)
    for chat in cases.map(ChatCase.init) {
      let text = try? chat.render(
        template, bosToken: golden["bos_token"]?.string, eosToken: golden["eos_token"]?.string)
      #expect(text.map { Array($0.utf8) } == chat.text.map { Array($0.utf8) }, "\(chat.name)")
    }
  }
}
