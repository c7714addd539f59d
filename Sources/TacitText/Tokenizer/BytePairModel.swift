import TacitFault

/// Byte-pair encoding: joins neighbouring tokens by the rank of their pair, lowest first.
///
/// Source: Sennrich et al. 2016, arXiv:1508.07909, section 3.2.
struct BytePairModel: Sendable {
  private let vocabulary: Vocabulary
  private let merges: MergeTable
  /// Ids of the single characters below U+0800, or -1.
  private let scalarIDs: [Int32]
  /// Ids of "<0x00>" to "<0xFF>", or -1; nil without byte fallback.
  private let byteIDs: [Int32]?
  private let unknown: Int32?
  private let fusesUnknown: Bool
  private let ignoresMerges: Bool

  init(
    _ node: TokenizerNode, _ vocabulary: Vocabulary, merges: ByteStrings
  ) throws(Fault) {
    try node.allow(
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
      "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges")
    try node.reject("dropout", unless: 0, 0.0)
    try node.reject("continuing_subword_prefix", unless: "")
    try node.reject("end_of_word_suffix", unless: "")
    self.vocabulary = vocabulary
    self.merges = try MergeTable(merges, vocabulary, path: node.path)
    fusesUnknown = try node.boolean("fuse_unk", default: false)
    ignoresMerges = try node.boolean("ignore_merges", default: false)
    if let name = node["unk_token"] {
      guard let id = try vocabulary.id(ofMember: name) else {
        throw name.error(expected: "a token of the vocabulary")
      }
      unknown = id
    } else {
      unknown = nil
    }
    scalarIDs = (0..<0x800).map { code in
      Unicode.Scalar(code).flatMap { UTF8.encode($0) }.flatMap { vocabulary.id(of: $0) } ?? -1
    }
    byteIDs =
      try node.boolean("byte_fallback", default: false)
      ? (0...UInt8.max).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return vocabulary.id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>".utf8) ?? -1
      } : nil
  }

  /// Working memory, kept from word to word.
  struct Scratch {
    fileprivate var symbols: [Int32] = []
    var merging = MergeTable.Scratch()
  }

  /// Appends the ids of one word.
  /// - Returns: false when a character has no token and the model has none for unknown ones.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, into ids: inout [Int], _ scratch: inout Scratch
  ) -> Bool {
    if ignoresMerges, let id = vocabulary.id(of: word) {
      ids.append(Int(id))
      return true
    }
    guard readSymbols(of: word, into: &scratch.symbols) else { return false }
    merges.merge(&scratch.symbols, &scratch.merging)
    for symbol in scratch.symbols { ids.append(Int(symbol)) }
    return true
  }

  /// The ids of a word's characters before any merge.
  private func readSymbols(
    of word: UnsafeBufferPointer<UInt8>, into symbols: inout [Int32]
  ) -> Bool {
    symbols.removeAll(keepingCapacity: true)
    var pendingUnknown: Int32?
    var index = 0
    while index < word.count {
      let length = min(UTF8Scalar.length(leading: word[index]), word.count - index)
      let scalar = UnsafeBufferPointer(rebasing: word[index..<(index + length)])
      index += length
      let id = id(ofScalar: scalar)
      if id >= 0 {
        if let unknown = pendingUnknown { symbols.append(unknown) }
        pendingUnknown = nil
        symbols.append(id)
      } else if let byteIDs, scalar.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
        for byte in scalar { symbols.append(byteIDs[Int(byte)]) }
      } else {
        guard let unknown else { return false }
        if pendingUnknown != nil, !fusesUnknown { symbols.append(unknown) }
        pendingUnknown = unknown
      }
    }
    if let unknown = pendingUnknown { symbols.append(unknown) }
    return true
  }

  private func id(ofScalar bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    switch bytes.count {
    case 1: scalarIDs[Int(bytes[0] & 0x7F)]
    case 2: scalarIDs[Int(bytes[0] & 0x1F) << 6 | Int(bytes[1] & 0x3F)]
    default: vocabulary.id(of: bytes) ?? -1
    }
  }
}
