import TacitFault

/// Rewrites text before it is cut: the `normalizer` of a tokenizer file.
indirect enum Normalizer: Sendable {
  case form(UnicodeForm)
  case lowercase
  case replace(Pattern, with: [UInt8])
  case prepend([UInt8])
  case strip(left: Bool, right: Bool)
  case sequence([Normalizer])

  private static let known =
    "NFC, NFD, NFKC, NFKD, Lowercase, Replace, Prepend, Strip or Sequence"

  init(_ node: TokenizerNode) throws(Fault) {
    let type = try node.type(Self.known)
    if let form = UnicodeForm(rawValue: type) {
      try node.allow("type")
      self = .form(form)
      return
    }
    switch type {
    case "Lowercase":
      try node.allow("type")
      self = .lowercase
    case "Replace":
      try node.allow("type", "pattern", "content")
      self = .replace(
        try Pattern(node.required("pattern", "a pattern")),
        with: Array(try node.required("content", "a string").string().utf8))
    case "Prepend":
      try node.allow("type", "prepend")
      self = .prepend(Array(try node.required("prepend", "a string").string().utf8))
    case "Strip":
      try node.allow("type", "strip_left", "strip_right")
      self = .strip(
        left: try node.boolean("strip_left", default: false),
        right: try node.boolean("strip_right", default: false))
    case "Sequence":
      try node.allow("type", "normalizers")
      var parts: [Normalizer] = []
      for part in try node.required("normalizers", "an array").elements() {
        parts.append(try Normalizer(part))
      }
      self = .sequence(parts)
    default: throw try node.required("type", Self.known).error(expected: Self.known)
    }
  }

  /// - Throws: ``Fault`` when a pattern takes too many steps, or when a chain of
  ///   replacements, which could double the text again and again, makes it far longer.
  func apply(to text: inout [UInt8]) throws(Fault) {
    try apply(to: &text, limit: max(1 << 20, 16 * text.count))
  }

  private func apply(to text: inout [UInt8], limit: Int) throws(Fault) {
    switch self {
    case .form(let form): form.apply(to: &text)
    case .lowercase: Self.lowercase(&text)
    case .replace(let pattern, let content):
      try pattern.replace(in: &text, with: content, limit: limit)
    case .prepend(let prefix):
      if !text.isEmpty { text.insert(contentsOf: prefix, at: 0) }
    case .strip(let left, let right): Self.strip(&text, left: left, right: right)
    case .sequence(let parts):
      for part in parts { try part.apply(to: &text, limit: limit) }
    }
  }

  /// Maps each scalar by itself: no rule for final sigma, as in Hugging Face's library.
  private static func lowercase(_ text: inout [UInt8]) {
    var lower: [UInt8] = []
    lower.reserveCapacity(text.count)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      if scalar.isASCII {
        let isUpper = scalar >= "A" && scalar <= "Z"
        lower.append(UInt8(truncatingIfNeeded: scalar.value) | (isUpper ? 0x20 : 0))
      } else {
        lower.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
      }
    }
    text = lower
  }

  private static func strip(_ text: inout [UInt8], left: Bool, right: Bool) {
    let kept = text.withUnsafeBufferPointer { bytes in
      let start = left ? UTF8Scalar.endOfBlanks(from: 0, in: bytes) : 0
      let end = right ? UTF8Scalar.startOfBlanks(before: bytes.count, in: bytes) : bytes.count
      return start..<max(start, end)
    }
    text = Array(text[kept])
  }
}
