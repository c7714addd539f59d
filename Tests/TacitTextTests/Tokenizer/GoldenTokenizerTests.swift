import Foundation
import TacitJSON
import TacitText
import Testing

/// Everything that Hugging Face's own library did with real vocabularies.
@Suite(.enabled(if: SharedFolder.exists, "the shared folder is absent"))
struct GoldenTokenizerTests {
  struct Golden: CustomTestStringConvertible, Sendable {
    var tokenizer: String
    var cases: String
    var testDescription: String { cases }
  }

  static let goldens = [
    Golden(tokenizer: "tokenizers/gpt-2/tokenizer.json.gz", cases: "tokenizers/gpt-2/cases.json"),
    Golden(tokenizer: "tokenizers/qwen/tokenizer.json.gz", cases: "tokenizers/qwen/cases.json"),
    Golden(
      tokenizer: "tokenizers/llama-bpe/tokenizer.json.gz", cases: "tokenizers/llama-bpe/cases.json"),
    Golden(tokenizer: "models/gpt2", cases: "tokenizers/tiny_gpt2_cases.json"),
    Golden(tokenizer: "models/qwen3", cases: "tokenizers/tiny_qwen3_cases.json"),
  ]

  private func load(_ golden: Golden) throws -> Tokenizer {
    let name = "reference/" + golden.tokenizer
    guard name.hasSuffix(".gz") else {
      return try Tokenizer.load(folder: SharedFolder.path + "/" + name)
    }
    return try SharedFolder.unpacked(name).withUnsafeBytes {
      try Tokenizer(parsing: $0, configuration: nil, path: name)
    }
  }

  @Test(arguments: goldens) func agrees(_ golden: Golden) throws {
    let tokenizer = try load(golden)
    let cases = try SharedFolder.json("reference/" + golden.cases)
    #expect(tokenizer.vocabularySize == cases["max_id"]?.integer.map { $0 + 1 })
    for (token, id) in try #require(cases["token_ids_of_interest"]?.object) {
      #expect(tokenizer.tokenID(token) == id.integer)
      if let id = id.integer { #expect(tokenizer.token(id) == token) }
    }
    let pairs = try #require(cases["llama_cpp_pairs"]?.array)
    for pair in pairs {
      let text = try #require(pair["text"]?.string)
      #expect(try tokenizer.encode(text, addSpecialTokens: false) == integers(pair["ids"]))
    }
    let encode = try #require(cases["encode"]?.array)
    #expect(encode.count > 300)
    for item in encode { try checkEncoding(item, tokenizer) }
    let decode = try #require(cases["decode"]?.array)
    #expect(decode.count > 50)
    for item in decode { try checkDecoding(item, tokenizer) }
    for item in try #require(cases["stream"]?.array) { try checkStream(item, tokenizer) }
  }

  private func checkEncoding(_ item: JSON, _ tokenizer: Tokenizer) throws {
    let hexadecimal = Array(try #require(item["utf8_hex"]?.string).utf8)
    let bytes = stride(from: 0, to: hexadecimal.count, by: 2).compactMap {
      UInt8(String(decoding: hexadecimal[$0..<($0 + 2)], as: UTF8.self), radix: 16)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    try #require(Array(text.utf8) == bytes)
    let ids = integers(item["ids"])
    let place = Comment(rawValue: text.debugDescription)
    #expect(try tokenizer.encode(text, addSpecialTokens: false) == ids, place)
    #expect(
      try tokenizer.encode(text) == integers(item["ids_with_special"] ?? item["ids"]), place)
    try checkText(ids, item, tokenizer)
  }

  private func checkDecoding(_ item: JSON, _ tokenizer: Tokenizer) throws {
    try checkText(integers(item["ids"]), item, tokenizer)
  }

  /// Compares bytes, since equal strings in Swift may differ in them.
  private func checkText(_ ids: [Int], _ item: JSON, _ tokenizer: Tokenizer) throws {
    for (key, skips) in [("decoded", false), ("decoded_skip_special", true)] {
      let expected = Array(try #require(item[key]?.string).utf8)
      #expect(try Array(tokenizer.decode(ids, skipSpecialTokens: skips).utf8) == expected)
      var stream = tokenizer.streamDecoder(skipSpecialTokens: skips)
      var text = ""
      for id in ids { text += try stream.append(id) }
      text += try stream.finish()
      #expect(Array(text.utf8) == expected)
    }
  }

  private func checkStream(_ item: JSON, _ tokenizer: Tokenizer) throws {
    var stream = tokenizer.streamDecoder()
    var text = ""
    let prefixes = try #require(item["decoded_prefixes"]?.array)
    for (id, prefix) in zip(integers(item["ids"]), prefixes) {
      text += try stream.append(id)
      // Hugging Face shows the unfinished character as U+FFFD; the stream holds it back.
      var whole = Substring(try #require(prefix.string)).unicodeScalars
      while whole.last == "\u{FFFD}" { whole.removeLast() }
      #expect(Array(text.utf8) == Array(String(whole).utf8))
    }
    #expect(try stream.finish() == "")
  }

  private func integers(_ value: JSON?) -> [Int] { value?.array?.compactMap(\.integer) ?? [-1] }
}

/// The small word-level models that ship with the project.
@Suite(.enabled(if: SharedFolder.exists, "the shared folder is absent"))
struct WordLevelModelTests {
  @Test func readsProsQA() throws {
    let folder = SharedFolder.path + "/models/prosqa/strong"
    let tokenizer = try Tokenizer.load(folder: folder)
    #expect(tokenizer.vocabularySize == 72)
    #expect(tokenizer.bosToken == nil)
    #expect(tokenizer.eosToken == "<eos>")
    #expect(tokenizer.configuration["latent_tokens"]?["start"] == "<|start-latent|>")
    let problems = try #require(try SharedFolder.json("data/prosqa_valid.json").array)
    #expect(problems.count == 300)
    for problem in problems {
      let question = try #require(problem["question"]?.string)
      // "Every a is a b. … Is X a c or d?" becomes "a b . … X a c or d".
      var text = question.replacing("Every ", with: "").replacing(" is a ", with: " ")
      text = text.replacing("Is ", with: "").replacing("?", with: "").replacing(".", with: " .")
      let words = text.split(separator: " ").map(String.init)
      let ids = try tokenizer.encode(question)
      #expect(ids.compactMap(tokenizer.token) == words)
      #expect(!ids.contains(7))
      #expect(try tokenizer.encode(tokenizer.decode(ids)) == ids)
    }
    #expect(try tokenizer.encode("Tom<|latent|>zzz ###") == [26, 3, 7, 10])
    #expect(try tokenizer.decode([26, 3, 10], skipSpecialTokens: true) == "Tom ###")
  }
}
