import TacitFault

/// Turns tokens back into text: the `decoder` of a tokenizer file.
///
/// The steps of a decoder rewrite a list of tokens in turn. All of them are written so that tokens may
/// come one by one; text that later tokens could still change is held back.
struct Decoder: Sendable {
  enum Step: Sendable {
    /// Characters of the byte alphabet become bytes; joins all tokens.
    case byteLevel
    /// Runs of tokens such as "<0xE4>" become the text they are the UTF-8 of.
    case byteFallback
    case fuse
    case strip([UInt8], start: Int, stop: Int)
    case replace(Pattern, with: [UInt8])
    case metaspace(MetaspaceOptions)

    /// Whether this step joins all tokens to one that `step` can only take as a whole.
    func mustHoldText(for step: Step) -> Bool {
      switch (self, step) {
      case (.byteLevel, .fuse): false
      // Bytes may come in parts of a character.
      case (.byteLevel, _): true
      case (.fuse, .byteLevel), (.fuse, .byteFallback), (.fuse, .replace): true
      default: false
      }
    }
  }

  /// Without a decoder, tokens are set apart by blanks.
  let steps: [Step]?

  private static let known =
    "ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace or Sequence"

  init(_ node: TokenizerNode?) throws(Fault) {
    steps = if let node { try Self.steps(node) } else { nil }
  }

  private static func steps(_ node: TokenizerNode) throws(Fault) -> [Step] {
    switch try node.type(known) {
    case "ByteLevel":
      try node.allow("type", "add_prefix_space", "trim_offsets", "use_regex")
      return [.byteLevel]
    case "ByteFallback":
      try node.allow("type")
      return [.byteFallback]
    case "Fuse":
      try node.allow("type")
      return [.fuse]
    case "Strip":
      try node.allow("type", "content", "start", "stop")
      let content = try node.required("content", "a character").scalar()
      let start = try node.required("start", "a count").integer(in: 0..<Vocabulary.idBound)
      let stop = try node.required("stop", "a count").integer(in: 0..<Vocabulary.idBound)
      return [.strip(content, start: start, stop: stop)]
    case "Replace":
      try node.allow("type", "pattern", "content")
      let pattern = try Pattern(node.required("pattern", "a pattern"))
      let content = try node.required("content", "a string").string()
      return [.replace(pattern, with: Array(content.utf8))]
    case "Metaspace": return [.metaspace(try MetaspaceOptions(node))]
    case "Sequence":
      try node.allow("type", "decoders")
      var steps: [Step] = []
      for part in try node.required("decoders", "an array").elements() {
        steps += try Self.steps(part)
      }
      return steps
    default: throw try node.required("type", known).error(expected: known)
    }
  }
}
