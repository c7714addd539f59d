import TacitFault

/// Cuts text into the pieces that the model sees one by one: the `pre_tokenizer` of a file.
indirect enum PreTokenizer: Sendable {
  case byteLevel(addsPrefixSpace: Bool, words: Pattern?)
  case split(Pattern, SplitBehavior, inverted: Bool)
  case metaspace(MetaspaceOptions)
  case sequence([PreTokenizer])

  private static let known =
    "ByteLevel, Split, Whitespace, WhitespaceSplit, Digits, Punctuation, Metaspace or Sequence"
  /// GPT-2's words: contractions, then runs of letters, of numbers, of the rest, of blanks.
  private static let byteLevelWords =
    #"'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  init(_ node: TokenizerNode) throws(Fault) {
    switch try node.type(Self.known) {
    case "ByteLevel": self = try Self.byteLevel(node)
    case "Split":
      try node.allow("type", "pattern", "behavior", "invert")
      self = .split(
        try Pattern(node.required("pattern", "a pattern")),
        try SplitBehavior(node.required("behavior", "a behavior")),
        inverted: try node.boolean("invert", default: false))
    case "Whitespace":
      try node.allow("type")
      // Words and runs of symbols, where \w is Unicode's and not Oniguruma's.
      self = .sequence([
        .split(.scalars { $0.properties.isWhitespace }, .removed, inverted: false),
        .split(.scalars { $0.isWordPart }, .contiguous, inverted: false),
      ])
    case "WhitespaceSplit":
      try node.allow("type")
      self = .split(.scalars { $0.properties.isWhitespace }, .removed, inverted: false)
    case "Digits":
      try node.allow("type", "individual_digits")
      let isolates = try node.boolean("individual_digits", default: false)
      self = .split(.scalars { $0.isNumeric }, isolates ? .isolated : .contiguous, inverted: false)
    case "Punctuation":
      try node.allow("type", "behavior")
      let behavior = try node["behavior"].map { node throws(Fault) in
        try SplitBehavior(node)
      }
      self = .split(.scalars { $0.isPunctuation }, behavior ?? .isolated, inverted: false)
    case "Metaspace": self = .metaspace(try MetaspaceOptions(node))
    case "Sequence":
      try node.allow("type", "pretokenizers")
      var parts: [PreTokenizer] = []
      for part in try node.required("pretokenizers", "an array").elements() {
        parts.append(try PreTokenizer(part))
      }
      self = .sequence(parts)
    default: throw try node.required("type", Self.known).error(expected: Self.known)
    }
  }

  private static func byteLevel(_ node: TokenizerNode) throws(Fault) -> PreTokenizer {
    try node.allow("type", "add_prefix_space", "trim_offsets", "use_regex")
    let addsPrefixSpace = try node.boolean("add_prefix_space", default: true)
    guard try node.boolean("use_regex", default: true) else {
      return .byteLevel(addsPrefixSpace: addsPrefixSpace, words: nil)
    }
    do throws(Fault) {
      return .byteLevel(
        addsPrefixSpace: addsPrefixSpace,
        words: .expression(try RegularExpression(byteLevelWords)))
    } catch {
      throw node.error(expected: "a PCRE2 with Unicode support", found: error.message)
    }
  }

  /// - Throws: ``Fault`` when a pattern takes too many steps.
  func apply(to pieces: inout Pieces) throws(Fault) {
    switch self {
    case .byteLevel(let addsPrefixSpace, let words):
      if addsPrefixSpace {
        pieces.rewrite { piece, _, target in
          if piece.first != 0x20 { target.append(0x20) }
          target.append(contentsOf: piece)
        }
      }
      if let words { try pieces.split(words, .isolated, inverted: false) }
      pieces.rewrite { piece, _, target in ByteAlphabet.encode(piece, into: &target) }
    case .split(let pattern, let behavior, let inverted):
      try pieces.split(pattern, behavior, inverted: inverted)
    case .metaspace(let options): try options.apply(to: &pieces)
    case .sequence(let parts):
      for part in parts { try part.apply(to: &pieces) }
    }
  }
}

/// Writes blanks as a visible character, as SentencePiece does; also the decoder of that name.
struct MetaspaceOptions: Sendable {
  enum PrependScheme: String, Sendable { case always, first, never }

  let replacement: [UInt8]
  let prependScheme: PrependScheme
  private let splits: Bool

  init(_ node: TokenizerNode) throws(Fault) {
    try node.allow(
      "type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep")
    replacement = try node.required("replacement", "a character").scalar()
    splits = try node.boolean("split", default: true)
    if let scheme = node["prepend_scheme"] {
      guard let value = scheme.value.string.flatMap(PrependScheme.init(rawValue:)) else {
        throw scheme.error(expected: "always, first or never")
      }
      prependScheme = value
    } else {
      prependScheme = try node.boolean("add_prefix_space", default: true) ? .always : .never
    }
  }

  func apply(to pieces: inout Pieces) throws(Fault) {
    let startsText = pieces.startsText
    pieces.rewrite { piece, isFirst, target in
      let prepends =
        switch prependScheme {
        case .always: true
        case .first: isFirst && startsText
        case .never: false
        }
      if prepends, piece.first != 0x20, !piece.starts(with: replacement) {
        target.append(contentsOf: replacement)
      }
      for byte in piece {
        if byte == 0x20 { target.append(contentsOf: replacement) } else { target.append(byte) }
      }
    }
    if splits { try pieces.split(.literal(replacement), .mergedWithNext, inverted: false) }
  }
}
