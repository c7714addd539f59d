import Foundation
import TacitFault
import TacitJSON
import TacitText
import Testing

/// A byte-level model of the 256 bytes and a few merges, written as tokenizer.json.
private func byteLevelFile(_ changes: [String: JSON] = [:], model: [String: JSON] = [:]) -> JSON {
  var vocabulary: [(String, JSON)] = []
  var next: UInt32 = 0x100
  for byte in UInt32(0)...255 {
    let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
    let code = isPrintable ? byte : next
    if !isPrintable { next += 1 }
    vocabulary.append((Unicode.Scalar(code).map { String($0) } ?? "", .integer(Int(byte))))
  }
  for token in ["ab", "abab", "Ġa", "bc"] { vocabulary.append((token, .integer(vocabulary.count))) }
  var settings: [String: JSON] = [
    "type": "BPE", "merges": [["a", "b"], "ab ab", "Ġ a", ["b", "c"]],
    "vocab": .object(.init(uniqueKeysWithValues: vocabulary)),
  ]
  settings.merge(model) { $1 }
  var file: [String: JSON] = [
    "model": object(settings),
    "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false],
    "decoder": ["type": "ByteLevel"],
  ]
  file.merge(changes) { $1 }
  return object(file)
}

private func object(_ members: [String: JSON]) -> JSON {
  .object(.init(uniqueKeysWithValues: members.sorted { $0.key < $1.key }))
}

private func wordFile(_ words: [String], _ changes: [String: JSON]) -> JSON {
  let vocabulary = words.enumerated().map { ($1, JSON.integer($0)) }
  var file: [String: JSON] = [
    "model": [
      "type": "WordLevel", "vocab": .object(.init(uniqueKeysWithValues: vocabulary)),
    ]
  ]
  file.merge(changes) { $1 }
  return object(file)
}

private func make(_ json: JSON, configuration: JSON? = nil) throws -> Tokenizer {
  try Tokenizer(json: json, configuration: configuration, path: "tokenizer.json")
}

struct BytePairTests {
  @Test func mergesByRankThenFromTheLeft() throws {
    let tokenizer = try make(byteLevelFile())
    #expect(try tokenizer.encode("ababab") == [257, 256])
    #expect(try tokenizer.encode("abc a") == [256, 99, 258])
    #expect(try tokenizer.encode("bc") == [259])
    #expect(tokenizer.vocabularySize == 260)
    #expect(tokenizer.tokenID("Ġa") == 258)
  }

  @Test func mergesLongWordsAsShortOnes() throws {
    let tokenizer = try make(byteLevelFile())
    // 50 000 letters in one word: a quadratic merge would take minutes.
    #expect(
      try tokenizer.encode(String(repeating: "ab", count: 25_001))
        == Array(repeating: 257, count: 12_500) + [256])
    #expect(try tokenizer.encode(String(repeating: "abc", count: 99)).count == 198)
  }

  @Test func wholeWordsComeFirstWhenMergesAreIgnored() throws {
    let merges: JSON = [["a", "b"], ["b", "c"]]
    let plain = try make(byteLevelFile(model: ["merges": merges]))
    #expect(try plain.encode("abab") == [256, 256])
    let whole = try make(byteLevelFile(model: ["merges": merges, "ignore_merges": true]))
    #expect(try whole.encode("abab") == [257])
  }

  @Test func addedTokensTakeTheLongestMatchAndTheirBlanks() throws {
    // Tokens get the ids that follow one another, whatever the file says, as in tokenizers.
    let tokenizer = try make(
      byteLevelFile([
        "added_tokens": [
          ["id": 300, "content": "<x>", "special": true],
          ["id": 301, "content": "<x><y>", "special": false, "normalized": false],
          ["id": 260, "content": "<l>", "lstrip": true, "rstrip": true, "special": true],
          ["id": 303, "content": "word", "single_word": true, "special": false],
        ]
      ]))
    #expect(try tokenizer.encode("ab<x><y><x>ab") == [256, 261, 260, 256])
    #expect(try tokenizer.encode("ab \n<l>\t ab") == [256, 262, 256])
    #expect(try tokenizer.encode("word") == [263])
    #expect(try tokenizer.encode("words").first == Int(UInt8(ascii: "w")))
    #expect(try tokenizer.encode("ab.word.") == [256, 46, 263, 46])
    #expect(try tokenizer.decode([256, 262, 261], skipSpecialTokens: true) == "ab<x><y>")
    #expect(tokenizer.isSpecial(262) && !tokenizer.isSpecial(261))
    #expect(tokenizer.vocabularySize == 264)
  }

  @Test func templatesAddTheirTokens() throws {
    let tokenizer = try make(
      byteLevelFile([
        "post_processor": [
          "type": "TemplateProcessing",
          "single": [
            ["SpecialToken": ["id": "s", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
            ["SpecialToken": ["id": "e", "type_id": 0]],
          ],
          "pair": [],
          "special_tokens": [
            "s": ["id": "s", "ids": [1, 2], "tokens": ["b", "c"]],
            "e": ["id": "e", "ids": [3], "tokens": ["d"]],
          ],
        ]
      ]))
    #expect(try tokenizer.encode("ab") == [1, 2, 256, 3])
    #expect(try tokenizer.encode("ab", addSpecialTokens: false) == [256])
  }

  @Test func streamsHoldPartsOfCharacters() throws {
    let tokenizer = try make(byteLevelFile())
    var stream = tokenizer.streamDecoder()
    #expect(try [0xF0, 0x9F, 0x99, 0x82].map { try stream.append($0) } == ["", "", "", "🙂"])
    // An encoded surrogate can never become a character.
    #expect(try [0xED, 0xA0].map { try stream.append($0) } == ["", "\u{FFFD}\u{FFFD}"])
    #expect(try stream.append(0xE4) == "")
    #expect(try stream.finish() == "\u{FFFD}")
    #expect(throws: Fault.self) { try tokenizer.decode([260]) }
    #expect(throws: Fault.self) { try tokenizer.decode([-1]) }
  }

  @Test func canonicallyEquivalentTokensStayApart() throws {
    let text = #"""
      {"model": {"type": "BPE", "merges": [], "unk_token": "?",
        "vocab": {"?": 0, "é": 1, "e\u0301": 2, "\u212B": 3, "\u00c5": 4}}}
      """#
    let tokenizer = try Array(text.utf8).withUnsafeBytes {
      try Tokenizer(parsing: $0, configuration: nil, path: "tokenizer.json")
    }
    #expect(tokenizer.tokenID("\u{E9}") == 1)
    #expect(tokenizer.tokenID("e\u{301}") == 2)
    #expect(try tokenizer.encode("\u{212B}\u{C5}") == [3, 4])
  }
}

/// The layout of Llama 2's file: blanks as U+2581, bytes as "<0x..>".
struct SentencePieceTests {
  private func tokenizer() throws -> Tokenizer {
    var words =
      ["<unk>", "<s>"]
      + (0...255).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x" + (byte < 16 ? "0" : "") + digits + ">"
      }
    words += ["▁", "a", "b", "▁a", "▁ab"]
    let vocabulary = words.enumerated().map { ($1, JSON.integer($0)) }
    return try make([
      "added_tokens": [
        ["id": 0, "content": "<unk>", "special": true],
        ["id": 1, "content": "<s>", "special": true, "normalized": false],
      ],
      "normalizer": [
        "type": "Sequence",
        "normalizers": [
          ["type": "Prepend", "prepend": "▁"],
          ["type": "Replace", "pattern": ["String": " "], "content": "▁"],
        ],
      ],
      "pre_tokenizer": .null,
      "decoder": [
        "type": "Sequence",
        "decoders": [
          ["type": "Replace", "pattern": ["String": "▁"], "content": " "],
          ["type": "ByteFallback"], ["type": "Fuse"],
          ["type": "Strip", "content": " ", "start": 1, "stop": 0],
        ],
      ],
      "model": [
        "type": "BPE", "dropout": .null, "unk_token": "<unk>", "fuse_unk": true,
        "byte_fallback": true, "merges": ["▁ a", "▁a b"],
        "vocab": .object(.init(uniqueKeysWithValues: vocabulary)),
      ],
    ])
  }

  @Test func writesUnknownCharactersAsBytes() throws {
    let tokenizer = try tokenizer()
    #expect(try tokenizer.encode("ab a") == [262, 261])
    #expect(try tokenizer.encode("<s>é") == [1, 258, 2 + 0xC3, 2 + 0xA9])
    #expect(try tokenizer.encode("") == [])
    #expect(try tokenizer.decode([262, 261]) == "ab a")
    #expect(try tokenizer.decode([262, 2 + 0xC3, 2 + 0xA9, 259]) == "abéa")
    // The whole run counts: one bad byte spoils it, byte by byte.
    #expect(try tokenizer.decode([259, 2 + 0xC3, 2 + 0xA9, 2 + 0xFF, 259]) == "a���a")
  }

  @Test func streamsWhatItDecodes() throws {
    let tokenizer = try tokenizer()
    var stream = tokenizer.streamDecoder()
    let pieces = try [262, 2 + 0xC3, 2 + 0xA9, 259, 261].map { try stream.append($0) }
    #expect(pieces == ["ab", "", "", "éa", " a"])
    #expect(try stream.finish() == "")
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let ids = (0..<12).map { _ in Int.random(in: 0..<tokenizer.vocabularySize, using: &generator)
      }
      var stream = tokenizer.streamDecoder()
      var text = ""
      for id in ids { text += try stream.append(id) }
      text += try stream.finish()
      #expect(try text == tokenizer.decode(ids), "\(ids)")
    }
  }
}

struct PipelineTests {
  struct Splitting: Sendable {
    var behavior: String
    var inverted = false
    var pieces: [String]
  }

  static let splittings: [Splitting] = [
    Splitting(behavior: "Removed", pieces: ["a", "b"]),
    Splitting(behavior: "Removed", inverted: true, pieces: ["-", "-", "-"]),
    Splitting(behavior: "Isolated", pieces: ["a", "-", "-", "b", "-"]),
    Splitting(behavior: "MergedWithPrevious", pieces: ["a-", "-", "b-"]),
    Splitting(behavior: "MergedWithNext", pieces: ["a", "-", "-b", "-"]),
    Splitting(behavior: "Contiguous", pieces: ["a", "--", "b", "-"]),
  ]

  @Test(arguments: splittings) func splits(_ splitting: Splitting) throws {
    let patterns: [JSON] = [["String": "-"], ["Regex": "-"]]
    for pattern in patterns {
      let settings: JSON = [
        "type": "Split", "pattern": pattern, "behavior": .string(splitting.behavior),
        "invert": .boolean(splitting.inverted),
      ]
      let words = ["a", "b", "-", "a-", "b-", "-b", "--"]
      let tokenizer = try make(wordFile(words, ["pre_tokenizer": settings]))
      #expect(try tokenizer.encode("a--b-").compactMap(tokenizer.token) == splitting.pieces)
    }
  }

  struct Cutting: Sendable {
    var settings: String
    var text: String
    var pieces: [String]
  }

  static let cuttings: [Cutting] = [
    Cutting(
      settings: #""Whitespace""#, text: "a_b\u{301}, c.\u{180E}",
      pieces: ["a_b\u{301}", ",", "c", ".\u{180E}"]),
    Cutting(settings: #""WhitespaceSplit""#, text: " a,\u{A0}b\n", pieces: ["a,", "b"]),
    Cutting(settings: #""Digits""#, text: "a12b", pieces: ["a", "12", "b"]),
    Cutting(
      settings: #""Digits", "individual_digits": true"#, text: "a12b",
      pieces: ["a", "1", "2", "b"]),
    Cutting(settings: #""Punctuation""#, text: "a«b$", pieces: ["a", "«", "b", "$"]),
    Cutting(
      settings: #""Metaspace", "replacement": "▁""#, text: "a b", pieces: ["▁a", "▁b"]),
    Cutting(
      settings: #""Metaspace", "replacement": "▁", "prepend_scheme": "never""#, text: "a b",
      pieces: ["a", "▁b"]),
    // Neither Unicode nor Oniguruma counts U+180E as white space; PCRE2's own \s does.
    Cutting(
      settings: #""Split", "pattern": {"Regex": "\\s"}, "behavior": "Removed""#,
      text: "a\u{85}b\u{180E}\u{2003}c", pieces: ["a", "b\u{180E}", "c"]),
    Cutting(
      settings: #""Split", "pattern": {"Regex": "[^\\w]"}, "behavior": "Isolated""#,
      text: "ab\u{301}c-d", pieces: ["ab\u{301}c", "-", "d"]),
    Cutting(
      settings: #""Split", "pattern": {"Regex": "^b$|[[:digit:]\u0078]"}, "behavior": "Isolated""#,
      text: "a\nb\n1", pieces: ["a\n", "b", "\n", "1"]),
  ]

  @Test(arguments: cuttings) func preTokenizes(_ cutting: Cutting) throws {
    let settings = try JSON(parsing: "{\"type\": \(cutting.settings)}")
    let tokenizer = try make(wordFile(cutting.pieces, ["pre_tokenizer": settings]))
    #expect(try tokenizer.encode(cutting.text).compactMap(tokenizer.token) == cutting.pieces)
  }

  struct Decoding: Sendable {
    var decoders: String
    var tokens: [String]
    var text: String
  }

  static let decodings: [Decoding] = [
    Decoding(decoders: "", tokens: ["▁a", "▁b"], text: "▁a▁b"),
    Decoding(
      decoders: #"{"type": "Metaspace", "replacement": "▁"}"#, tokens: ["▁a", "▁b▁", "c"],
      text: "a b c"),
    Decoding(
      decoders: #"{"type": "Strip", "content": "-", "start": 1, "stop": 2}"#,
      tokens: ["--a---", "b", "-"], text: "-a-b"),
    Decoding(
      decoders: #"{"type": "Fuse"}, {"type": "Strip", "content": "-", "start": 2, "stop": 2}"#,
      tokens: ["-", "--a-", "-", "-b-", "-", "-"], text: "-a---b-"),
    Decoding(
      decoders:
        #"{"type": "Fuse"}, {"type": "Replace", "pattern": {"String": "ab"}, "content": "x"}"#,
      tokens: ["a", "b", "a"], text: "xa"),
    Decoding(
      decoders: #"{"type": "ByteLevel"}, {"type": "Strip", "content": "é", "start": 1, "stop": 0}"#,
      tokens: ["Ã", "©Ã", "©Ġ", "<a b>"], text: "é <a b>"),
  ]

  @Test(arguments: decodings) func decodes(_ decoding: Decoding) throws {
    let decoder = try JSON(
      parsing: "{\"type\": \"Sequence\", \"decoders\": [\(decoding.decoders)]}")
    let words = Array(Set(decoding.tokens)).sorted()
    let tokenizer = try make(wordFile(words, ["decoder": decoder]))
    let ids = decoding.tokens.compactMap(tokenizer.tokenID)
    #expect(ids.count == decoding.tokens.count)
    #expect(try tokenizer.decode(ids) == decoding.text)
    var stream = tokenizer.streamDecoder()
    #expect(
      try ids.map { try stream.append($0) }.joined() + stream.finish() == decoding.text)
  }

  struct Normalizing: Sendable {
    var type: String
    var text: String
    var expected: String
  }

  static let normalizings: [Normalizing] = [
    Normalizing(
      type: "NFC", text: "\u{AC00}\u{11A8}e\u{323}\u{301}", expected: "\u{AC01}\u{1EB9}\u{301}"),
    Normalizing(
      type: "NFC", text: "\u{958}\u{344}\u{F900}",
      expected: "\u{915}\u{93C}\u{308}\u{301}\u{8C48}"),
    Normalizing(
      type: "NFD", text: "\u{AC01}\u{1E69}", expected: "\u{1100}\u{1161}\u{11A8}s\u{323}\u{307}"),
    Normalizing(type: "NFKC", text: "ﬁ①\u{FF76}\u{FF9E}", expected: "fi1\u{30AC}"),
    Normalizing(
      type: "NFKD", text: "Å\u{1DF4}\u{F75}", expected: "A\u{F71}\u{F74}\u{30A}\u{1DF4}"),
    Normalizing(type: "Lowercase", text: "ÀΣİ", expected: "àσi\u{307}"),
    Normalizing(type: "Strip", text: "\u{A0} a b\n", expected: "a b"),
  ]

  @Test(arguments: normalizings) func normalizes(_ normalizing: Normalizing) throws {
    var settings: [String: JSON] = ["type": .string(normalizing.type)]
    if normalizing.type == "Strip" {
      settings["strip_left"] = true
      settings["strip_right"] = true
    }
    // Tokens are compared byte by byte, so only the exact form is found.
    let tokenizer = try make(
      wordFile([normalizing.expected], ["normalizer": object(settings)]))
    #expect(try tokenizer.encode(normalizing.text) == [0])
  }

  @Test func theConfigurationNamesAndAddsTokens() throws {
    let tokenizer = try make(
      wordFile(["a", "<eos>", "<unk>"], ["pre_tokenizer": ["type": "WhitespaceSplit"]]),
      configuration: [
        "eos_token": ["content": "<eos>", "special": true], "bos_token": .null,
        "unk_token": "<unk>",
        "added_tokens_decoder": ["3": ["content": "<new>", "special": true]],
      ])
    #expect(tokenizer.eosToken == "<eos>" && tokenizer.bosToken == nil)
    #expect(tokenizer.isSpecial(1) && tokenizer.tokenID("<new>") == 3)
    #expect(try tokenizer.encode("a<eos><new>") == [0, 1, 3])
    #expect(try tokenizer.decode([0, 3, 0]) == "a <new> a")
    #expect(throws: Fault.self) { try tokenizer.encode("a b") }
  }
}
