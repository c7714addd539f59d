import Foundation
import TacitCheckpoint
import TacitFault
import TacitReasoning
import TacitTesting
import TacitText
import Testing

/// Tokenizers and chat templates inside GGUF files.
@Suite struct ModelTextTests {
  static let texts = [
    "Hello, world! It's 1234 dogs.", "<|im_start|>user\nTom is a dumpus.<|im_end|>\n<think>",
    "  naïve café\t\r\n\n中文 🙂", "",
  ]

  private func text(_ path: String) throws -> ModelText {
    let located = LocatedModel(name: path, weightsFile: path)
    return try ModelText(located, Checkpoint(located))
  }

  /// The metadata give the ids that the tokenizer.json gives from which they were made.
  @Test func sameIDs() throws {
    let found = try text(Fixtures.folder + "/gguf/qwen2.gguf")
    let expected = try ModelText(folder: Fixtures.model("qwen2")).tokenizer
    for text in Self.texts {
      let ids = try expected.encode(text, addSpecialTokens: true)
      #expect(try found.tokenizer.encode(text, addSpecialTokens: true) == ids, "\(text)")
      #expect(try found.tokenizer.decode(ids) == expected.decode(ids))
    }
    #expect(found.tokenizer.eosToken == "<|im_end|>")
    let prompt = try found.chatTemplate?.render(
      messages: [["role": "user", "content": "Hi"]], addGenerationPrompt: false, bosToken: nil,
      eosToken: nil)
    #expect(prompt == "user: Hi\n")
  }

  /// A file without a tokenizer says where one belongs, and takes the one that lies there.
  @Test func tokenizerBesideTheFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.gguf"
    try FileManager.default.copyItem(atPath: Fixtures.folder + "/gguf/gpt2.gguf", toPath: path)
    let error = #expect(throws: Fault.self) { try text(path) }
    #expect(error?.hint == "keep the model's tokenizer.json beside the file")
    try FileManager.default.copyItem(
      atPath: Fixtures.model("gpt2") + "/tokenizer.json", toPath: folder.path + "/tokenizer.json")
    #expect(try text(path).tokenizer.encode("dog", addSpecialTokens: false).isEmpty == false)
  }
}
