import Foundation
import TacitFault
import TacitJSON
import TacitText
import Testing

private func read(_ text: some Collection<UInt8>) throws(Fault) -> Tokenizer {
  try Array(text).withUnsafeBufferPointer { (bytes) throws(Fault) in
    try Tokenizer(
      parsing: UnsafeRawBufferPointer(bytes), configuration: nil, path: "tokenizer.json")
  }
}

struct HostileTokenizerTests {
  /// One of everything, so that mutations reach every reader.
  private static let file = #"""
    {"version": "1.0", "truncation": null, "added_tokens": [
      {"id": 8, "content": "<s>", "special": true, "lstrip": true, "normalized": false},
      {"id": 9, "content": "<t>", "special": false, "rstrip": true, "normalized": true}],
     "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"},
      {"type": "Replace", "pattern": {"Regex": "x+"}, "content": "a"}]},
     "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": "[^\\s]+|\\s+(?!\\S)"}, "behavior": "Isolated"},
      {"type": "Digits", "individual_digits": true}, {"type": "Punctuation"},
      {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}]},
     "post_processor": {"type": "TemplateProcessing", "single": [
      {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "special_tokens": {"<s>": {"id": "<s>", "ids": [8], "tokens": ["<s>"]}}},
     "decoder": {"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 2}]},
     "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": false, "byte_fallback": true,
      "vocab": {"<unk>": 0, "a": 1, "b": 2, "▁": 3, "ab": 4, "\u0120": 5, "▁a": 6, "<0xC3>": 7},
      "merges": [["a", "b"], "▁ a"]}}
    """#

  private static let fragments = [
    "9e18", "-1", "2147483648", "99999999999999999999", "null", "{}", "[]", "\"\"", "\"ab\"",
    "true",
    "\\ud800", "\"type\"", "1.5", "(", "(a+)+$", "\u{0}", "{", "]", ",", "\\",
    String(repeating: "[", count: 5_000), String(repeating: "{\"a\":", count: 3_000),
  ]

  @Test func mutationsGiveErrorsOrTokenizers() throws {
    let original = Array(Self.file.utf8)
    #expect(try read(original).encode("ab 1é<t>") == [8, 3, 4, 3, 0, 0, 9])
    var random = SplitMix(state: 7)
    var working = 0
    for _ in 0..<2_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...2, using: &random) { Self.mutate(&bytes, &random) }
      guard let tokenizer = try? read(bytes) else { continue }
      working += 1
      let ids = (try? tokenizer.encode("<s> ab x1é\u{AC00}\u{11A8}?<t> \n")) ?? []
      _ = try? tokenizer.decode(ids)
    }
    #expect(working > 20)
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 0...9, using: &random))
    switch Int.random(in: 0..<9, using: &random) {
    case 0: bytes.removeSubrange(place...)
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 3, 4:
      let fragment = fragments[Int.random(in: 0..<fragments.count, using: &random)]
      bytes.replaceSubrange(place..<end, with: fragment.utf8)
    default:
      guard place < bytes.count else { return }
      // Mostly other characters of JSON, since other bytes seldom get far.
      bytes[place] =
        Bool.random(using: &random)
        ? UInt8.random(in: 0...255, using: &random)
        : bytes[Int.random(in: 0..<bytes.count, using: &random)]
    }
  }

  static let faults: [(String, String, String)] = [
    (#"{"type": "Unigram"}"#, "model.type", "Unigram"),
    (#"{"type": "BPE", "vocab": {"a": 0}}"#, "model", "merges"),
    (#"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}"#, "model.merges[0]", "\"b\""),
    (#"{"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []}"#, "model.vocab", "0 twice"),
    (#"{"type": "BPE", "vocab": {"a": 0, "a": 1}, "merges": []}"#, "model.vocab", "\"a\" twice"),
    (#"{"type": "BPE", "vocab": {"a": 9e18}, "merges": []}"#, "byte 42", "integer"),
    (#"{"type": "BPE", "vocab": {"a": -1}, "merges": []}"#, "byte 41", "integer"),
    (#"{"type": "BPE", "vocab": {"a": 2147483648}, "merges": []}"#, "byte 50", "2^31"),
    (#"{"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}"#, "model.dropout", "0.1"),
    (#"{"type": "BPE", "vocab": {}, "merges": [], "new": 1}"#, "model.new", "new"),
    (#"{"type": "BPE", "vocab": {}, "merges": [], "unk_token": "?"}"#, "model.unk_token", "?"),
  ]

  @Test(arguments: faults) func namesTheFault(_ model: String, _ keyPath: String, _ part: String)
    throws
  {
    let error = #expect(throws: Fault.self) { try read(#"{"model": \#(model)}"#.utf8) }
    #expect(error?.place == (keyPath.isEmpty ? "tokenizer.json" : "tokenizer.json: \(keyPath)"))
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
  }

  static let places: [(String, String)] = [
    (#""normalizer": {"type": "Precompiled"}"#, "normalizer.type"),
    (
      #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Removed"}"#,
      "pre_tokenizer.pattern.Regex"
    ),
    (
      #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a&&b]"}, "behavior": "Removed"}"#,
      "pre_tokenizer.pattern.Regex"
    ),
    (
      #""decoder": {"type": "Sequence", "decoders": [{"type": "WordPiece"}]}"#,
      "decoder.decoders[0].type"
    ),
    (#""post_processor": {"type": "BertProcessing"}"#, "post_processor.cls"),
    (#""post_processor": {"type": "BartProcessing"}"#, "post_processor.type"),
    (#""added_tokens": [{"id": 0, "content": ""}]"#, "added_tokens[0].content"),
  ]

  @Test(arguments: places) func namesThePlace(_ member: String, _ keyPath: String) throws {
    let text = #"{"model": {"type": "WordLevel", "vocab": {"a": 0}}, \#(member)}"#
    let error = #expect(throws: Fault.self) { try read(text.utf8) }
    #expect(error?.place == (keyPath.isEmpty ? "tokenizer.json" : "tokenizer.json: \(keyPath)"))
  }

  @Test func runawayPatternsEnd() throws {
    let tokenizer = try read(
      #"""
      {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "pre_tokenizer":
        {"type": "Split", "pattern": {"Regex": "(?:a|aa|b?a)+$"}, "behavior": "Isolated"}}
      """#.utf8)
    let start = ContinuousClock.now
    let error = #expect(throws: Fault.self) {
      try tokenizer.encode(String(repeating: "a", count: 500) + "!")
    }
    #expect(error?.place.hasSuffix(": pre_tokenizer") == true)
    #expect(ContinuousClock.now - start < .seconds(900))
  }

  @Test func growthEnds() throws {
    let doubling = #"{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}"#
    let list = Array(repeating: doubling, count: 60).joined(separator: ",")
    let tokenizer = try read(
      #"""
      {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, "normalizer":
        {"type": "Sequence", "normalizers": [\#(list)]}}
      """#.utf8)
    let error = #expect(throws: Fault.self) {
      try tokenizer.encode(String(repeating: "a", count: 1_000))
    }
    #expect(error?.place.hasSuffix(": normalizer") == true)
  }

  @Test func sparseIDsCostNoMemory() throws {
    let tokenizer = try read(
      #"{"model": {"type": "WordLevel", "vocab": {"a": 2147483647, "b": 5}}}"#.utf8)
    #expect(try tokenizer.encode("a") == [2_147_483_647])
    #expect(tokenizer.vocabularySize == 1 << 31)
    #expect(try tokenizer.decode([5]) == "b")
    #expect(tokenizer.token(6) == nil)
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014), seeded so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
