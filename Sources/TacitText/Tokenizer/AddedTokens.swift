import TacitFault
/// Tokens found in text before the model sees it: special tokens and others added to the model.
struct AddedTokens: Sendable {
  struct Token: Sendable {
    var id: Int
    var content: [UInt8]
    var isSpecial: Bool
    /// Looked for in normalized text instead of the text as given.
    var isNormalized: Bool
    /// Takes the white space before it along.
    var stripsLeft: Bool
    /// Takes the white space after it along.
    var stripsRight: Bool
    /// Is no match inside a longer word.
    var isSingleWord: Bool
  }

  private let tokensByID: [Int: Token]
  private let idsByContent: [[UInt8]: Int]
  private let verbatim: TokenTrie
  private let normalized: TokenTrie

  /// - Throws: ``Fault`` when the normalizer takes too many steps or bytes.
  init(_ tokens: [Token], normalizer: Normalizer?) throws(Fault) {
    var tokensByID: [Int: Token] = [:]
    var idsByContent: [[UInt8]: Int] = [:]
    var verbatim = TokenTrie()
    var normalized = TokenTrie()
    for token in tokens {
      tokensByID[token.id] = token
      idsByContent[token.content] = token.id
      if token.isNormalized {
        var content = token.content
        try normalizer?.apply(to: &content)
        normalized.insert(content, id: token.id)
      } else {
        verbatim.insert(token.content, id: token.id)
      }
    }
    self.tokensByID = tokensByID
    self.idsByContent = idsByContent
    self.verbatim = verbatim
    self.normalized = normalized
  }

  var highestID: Int? { tokensByID.keys.max() }

  subscript(id: Int) -> Token? { tokensByID[id] }

  func id(of content: [UInt8]) -> Int? { idsByContent[content] }

  /// A stretch of text between added tokens, or the id of one.
  enum Segment {
    case text([UInt8], startsText: Bool)
    case token(Int)
  }

  /// Cuts out the added tokens and normalizes what lies between them.
  /// - Throws: ``Fault`` when the normalizer takes too many steps or bytes.
  func segments(
    of text: [UInt8], _ normalizer: Normalizer?
  ) throws(Fault) -> [Segment] {
    var segments: [Segment] = []
    for part in split(text, at: verbatim) {
      guard case .text(var text, _) = part else {
        segments.append(part)
        continue
      }
      try normalizer?.apply(to: &text)
      segments.append(contentsOf: split(text, at: normalized))
    }
    if case .text(let text, _)? = segments.first { segments[0] = .text(text, startsText: true) }
    return segments
  }

  private func split(_ text: [UInt8], at trie: TokenTrie) -> [Segment] {
    guard !text.isEmpty else { return [] }
    guard !trie.isEmpty else { return [.text(text, startsText: false)] }
    var segments: [Segment] = []
    var end = 0
    text.withUnsafeBufferPointer { bytes in
      trie.forEachMatch(in: bytes) { match, id in
        guard let token = tokensByID[id], isAllowed(token, at: match, in: bytes) else { return }
        var start = match.lowerBound
        if token.stripsLeft {
          start = max(UTF8Scalar.startOfBlanks(before: start, in: bytes), end)
        }
        if end < start { segments.append(.text(Array(bytes[end..<start]), startsText: false)) }
        segments.append(.token(id))
        end = match.upperBound
        if token.stripsRight { end = UTF8Scalar.endOfBlanks(from: end, in: bytes) }
      }
    }
    if end < text.count {
      segments.append(.text(end == 0 ? text : Array(text[end...]), startsText: false))
    }
    return segments
  }

  private func isAllowed(
    _ token: Token, at match: Range<Int>, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard token.isSingleWord else { return true }
    let (start, end) = (match.lowerBound, match.upperBound)
    return (start == 0 || !UTF8Scalar.read(text, before: start).scalar.isWordPart)
      && (end == text.count || !UTF8Scalar.read(text, at: end).scalar.isWordPart)
  }
}

/// Finds the longest of many strings at each place of a text.
struct TokenTrie: Sendable {
  /// From (node, byte) to node; node 0 is the root.
  private var edges: [Int: Int] = [:]
  /// The id that ends at a node, or -1.
  private var ids: [Int] = [-1]
  private var isFirstByte = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { ids.count == 1 }

  /// Of equal strings the first one counts.
  mutating func insert(_ string: [UInt8], id: Int) {
    guard let first = string.first else { return }
    isFirstByte[Int(first)] = true
    var node = 0
    for byte in string {
      let edge = node << 8 | Int(byte)
      if let next = edges[edge] {
        node = next
      } else {
        node = ids.count
        edges[edge] = node
        ids.append(-1)
      }
    }
    if ids[node] < 0 { ids[node] = id }
  }

  /// Calls `body` with matches that do not overlap, from left to right, the longest at each place.
  func forEachMatch(
    in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>, _ id: Int) -> Void
  ) {
    isFirstByte.withUnsafeBufferPointer { isFirstByte in
      var start = 0
      while start < text.count {
        guard isFirstByte[Int(text[start])], let (end, id) = longestMatch(in: text, at: start)
        else {
          start += 1
          continue
        }
        body(start..<end, id)
        start = end
      }
    }
  }

  private func longestMatch(
    in text: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (end: Int, id: Int)? {
    var best: (end: Int, id: Int)?
    var node = 0
    var index = start
    while index < text.count, let next = edges[node << 8 | Int(text[index])] {
      node = next
      index += 1
      if ids[node] >= 0 { best = (index, ids[node]) }
    }
    return best
  }
}
