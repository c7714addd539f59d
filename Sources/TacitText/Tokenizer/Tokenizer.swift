import TacitFault
import TacitJSON

/// Translates between text and token ids as a Hugging Face tokenizer.json describes it.
///
/// The members `truncation` and `padding` are left to the caller, as transformers does.
public final class Tokenizer: Sendable {
  /// The file that this was read from.
  public let path: String
  /// The tokenizer_config.json; an empty object when there is none.
  public let configuration: JSON
  /// The token that starts a text, when the configuration names one.
  public let bosToken: String?
  /// The token that ends a text, when the configuration names one.
  public let eosToken: String?
  /// The token that fills batches, when the configuration names one.
  public let padToken: String?
  /// The token for what is unknown, when the configuration names one.
  public let unkToken: String?

  /// The highest id and one.
  public let vocabularySize: Int

  let decoder: Decoder
  private let vocabulary: Vocabulary
  private let addedTokens: AddedTokens
  private let normalizer: Normalizer?
  private let preTokenizer: PreTokenizer?
  private let model: TokenModel
  private let postProcessor: PostProcessor

  init(_ file: TokenizerFile, configuration: JSON?, path: String) throws(Fault) {
    let root = TokenizerNode(value: file.tree, path: path, keyPath: "")
    guard root.value.object != nil else { throw root.error(expected: "an object") }
    try root.allow(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model")
    let settings = TokenizerConfiguration(configuration ?? [:], path: path)
    self.path = path
    self.configuration = configuration ?? [:]
    bosToken = try settings.token("bos_token")
    eosToken = try settings.token("eos_token")
    padToken = try settings.token("pad_token")
    unkToken = try settings.token("unk_token")

    vocabulary = try Vocabulary(strings: file.tokens, ids: file.ids, path: path)
    model = try TokenModel(
      root.required("model", "a model"), vocabulary, merges: file.merges)
    normalizer = try root["normalizer"].map { node throws(Fault) in
      try Normalizer(node)
    }
    preTokenizer = try root["pre_tokenizer"].map { node throws(Fault) in
      try PreTokenizer(node)
    }
    postProcessor =
      try root["post_processor"].map { node throws(Fault) in
        try PostProcessor(node)
      } ?? PostProcessor()
    decoder = try Decoder(root["decoder"])
    let tokens = try settings.addedTokens(in: root, vocabulary)
    do throws(Fault) {
      addedTokens = try AddedTokens(tokens, normalizer: normalizer)
    } catch {
      throw Fault(path, "normalizer", expected: "rules that end", found: error.message)
    }
    vocabularySize = max(vocabulary.highestID ?? -1, addedTokens.highestID ?? -1) + 1
  }

  /// The ids of a text.
  ///
  /// Special tokens that are written out in the text are recognised.
  /// - Parameters:
  ///   - text: what to encode.
  ///   - addSpecialTokens: whether to add the tokens that the file puts around every text.
  /// - Returns: the ids in the order of the text.
  /// - Throws: ``Fault`` when the text has a character that the model has no token for and
  ///   no unknown token, or when a pattern of the file takes too many steps.
  public func encode(
    _ text: String, addSpecialTokens: Bool = true
  ) throws(Fault) -> [Int] {
    let segments: [AddedTokens.Segment]
    do throws(Fault) {
      segments = try addedTokens.segments(of: Array(text.utf8), normalizer)
    } catch {
      throw failure(error, keyPath: "normalizer")
    }
    var ids: [Int] = []
    var scratch = BytePairModel.Scratch()
    for segment in segments {
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let text, let startsText):
        try encode(Pieces(text, startsText: startsText), into: &ids, &scratch)
      }
    }
    return addSpecialTokens ? postProcessor.apply(to: ids) : ids
  }

  private func encode(
    _ pieces: Pieces, into ids: inout [Int], _ scratch: inout BytePairModel.Scratch
  ) throws(Fault) {
    var pieces = pieces
    do throws(Fault) {
      try preTokenizer?.apply(to: &pieces)
    } catch {
      throw failure(error, keyPath: "pre_tokenizer")
    }
    ids.reserveCapacity(ids.count + pieces.ranges.count)
    let unencodable = pieces.bytes.withUnsafeBufferPointer { bytes in
      pieces.ranges.first { range in
        !encode(UnsafeBufferPointer(rebasing: bytes[range]), into: &ids, &scratch)
      }
    }
    guard let unencodable else { return }
    throw Fault(
      path, "model", expected: "text that the vocabulary covers",
      found: "\"\(String(decoding: pieces.bytes[unencodable].prefix(80), as: UTF8.self))\"",
      hint: "the model has no unknown token")
  }

  /// - Returns: false when the model has no token for the piece.
  private func encode(
    _ piece: UnsafeBufferPointer<UInt8>, into ids: inout [Int],
    _ scratch: inout BytePairModel.Scratch
  ) -> Bool {
    switch model {
    case .bytePairs(let model): return model.encode(piece, into: &ids, &scratch)
    case .words(let unknown):
      guard let id = vocabulary.id(of: piece) ?? unknown else { return false }
      ids.append(Int(id))
      return true
    }
  }

  /// The text of ids, where bytes that are no UTF-8 become U+FFFD.
  /// - Throws: ``Fault`` for an id that no token has.
  public func decode(
    _ ids: [Int], skipSpecialTokens: Bool = false
  ) throws(Fault) -> String {
    var decoder = streamDecoder(skipSpecialTokens: skipSpecialTokens)
    for id in ids { try decoder.add(id) }
    return try decoder.finish()
  }

  /// A decoder for tokens that come one by one.
  public func streamDecoder(skipSpecialTokens: Bool = false) -> StreamDecoder {
    StreamDecoder(self, skipsSpecialTokens: skipSpecialTokens)
  }

  /// The id of a token with exactly this content, added tokens included.
  public func tokenID(_ token: String) -> Int? {
    addedTokens.id(of: Array(token.utf8)) ?? vocabulary.id(of: token.utf8).map { Int($0) }
  }

  /// The content of a token as the file has it, which for byte-level models is no plain text.
  public func token(_ id: Int) -> String? {
    bytes(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether an id is of a special token, which decoding may skip.
  public func isSpecial(_ id: Int) -> Bool { addedTokens[id]?.isSpecial ?? false }

  func bytes(of id: Int) -> ArraySlice<UInt8>? {
    addedTokens[id]?.content[...] ?? vocabulary.token(id)
  }

  func failure(_ fault: Fault, keyPath: String) -> Fault {
    Fault(path, keyPath, expected: "text that its rules finish with", found: fault.message)
  }
}
