import TacitFault
/// A decoder at work on one list of tokens.
struct Decoding {
  /// A token, or a part of one that more parts may follow.
  private struct Fragment {
    var bytes: [UInt8]
    var startsToken: Bool
  }

  fileprivate struct Stage {
    let step: Decoder.Step
    /// Whether a later step needs the joined text as a whole.
    let holdsText: Bool
    var tokenCount = 0
    var held: [UInt8] = []
    /// How many characters may still be stripped from the start of the current token.
    var stripsLeft = 0
  }

  /// The most bytes that replacements may make of a token, or of text that was joined.
  private static let growthLimit = 1 << 24

  private var stages: [Stage]
  private let separator: [UInt8]
  private var tokenCount = 0
  /// What has been decoded and not been taken; may end within a character.
  private var output: [UInt8] = []

  init(_ decoder: Decoder) {
    let steps = decoder.steps ?? []
    separator = decoder.steps == nil ? [0x20] : []
    stages = steps.indices.map { index in
      Stage(
        step: steps[index],
        holdsText: steps[(index + 1)...].contains { steps[index].mustHoldText(for: $0) })
    }
  }

  /// - Throws: ``Fault`` when a pattern takes too many steps.
  mutating func append(_ token: ArraySlice<UInt8>) throws(Fault) {
    if tokenCount > 0 { output.append(contentsOf: separator) }
    tokenCount += 1
    try pass(Fragment(bytes: Array(token), startsToken: true), to: 0)
  }

  /// Takes the text up to the last character that is whole.
  mutating func takeWholeCharacters() -> String {
    take(output.count - UTF8Scalar.incompleteSuffix(of: output))
  }

  /// Releases and takes all that was held back; no token may follow.
  /// - Throws: as ``append(_:)``.
  mutating func finish() throws(Fault) -> String {
    for index in stages.indices {
      switch stages[index].step {
      case .byteFallback: try releaseBytes(at: index)
      case .byteLevel, .fuse:
        guard stages[index].holdsText else { continue }
        try pass(Fragment(bytes: stages[index].held, startsToken: true), to: index + 1)
      // What a strip step holds at the end is what it strips.
      case .strip, .replace, .metaspace: break
      }
      stages[index].held = []
    }
    return take(output.count)
  }

  /// Bytes that are no UTF-8 become U+FFFD, one for each maximal part.
  private mutating func take(_ count: Int) -> String {
    let text = String(decoding: output[..<count], as: UTF8.self)
    output.removeFirst(count)
    return text
  }

  private mutating func pass(
    _ fragment: Fragment, to index: Int
  ) throws(Fault) {
    guard index < stages.count else { return output.append(contentsOf: fragment.bytes) }
    var fragment = fragment
    switch stages[index].step {
    case .byteLevel:
      var bytes: [UInt8] = []
      ByteAlphabet.decode(fragment.bytes[...], into: &bytes)
      try join(bytes, at: index)
    case .fuse: try join(fragment.bytes, at: index)
    case .byteFallback:
      if let byte = Self.byte(named: fragment.bytes) {
        stages[index].held.append(byte)
      } else {
        try releaseBytes(at: index)
        try pass(fragment, to: index + 1)
      }
    case .strip(let content, let start, let stop):
      stages[index].strip(&fragment.bytes, fragment.startsToken, content, start, stop)
      try pass(fragment, to: index + 1)
    case .replace(let pattern, let content):
      try pattern.replace(in: &fragment.bytes, with: content, limit: Self.growthLimit)
      try pass(fragment, to: index + 1)
    case .metaspace(let options):
      if fragment.startsToken { stages[index].tokenCount += 1 }
      let isFirst = stages[index].tokenCount == 1
      let blank: [UInt8] = isFirst && options.prependScheme != .never ? [] : [0x20]
      try Pattern.literal(options.replacement).replace(
        in: &fragment.bytes, with: blank, limit: fragment.bytes.count)
      try pass(fragment, to: index + 1)
    }
  }

  private mutating func join(
    _ bytes: [UInt8], at index: Int
  ) throws(Fault) {
    if stages[index].holdsText {
      stages[index].held += bytes
    } else {
      stages[index].tokenCount += 1
      let isFirst = stages[index].tokenCount == 1
      try pass(Fragment(bytes: bytes, startsToken: isFirst), to: index + 1)
    }
  }

  /// A run of bytes is one token when it is UTF-8, else each byte becomes U+FFFD.
  private mutating func releaseBytes(at index: Int) throws(Fault) {
    let bytes = stages[index].held
    guard !bytes.isEmpty else { return }
    stages[index].held = []
    if String(validating: bytes, as: UTF8.self) != nil {
      try pass(Fragment(bytes: bytes, startsToken: true), to: index + 1)
    } else {
      for _ in bytes {
        try pass(Fragment(bytes: Array("\u{FFFD}".utf8), startsToken: true), to: index + 1)
      }
    }
  }

  /// The byte that a token such as "<0x0A>" stands for.
  private static func byte(named token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
      token[3] != UInt8(ascii: "-")
    else { return nil }
    return UInt8(String(decoding: token[3...4], as: UTF8.self), radix: 16)
  }
}

extension Decoding.Stage {
  /// Strips the start of a token, and holds back what may be its end.
  fileprivate mutating func strip(
    _ bytes: inout [UInt8], _ startsToken: Bool, _ content: [UInt8], _ start: Int, _ stop: Int
  ) {
    if startsToken { stripsLeft = start } else { bytes = held + bytes }
    held = []
    var lower = 0
    while stripsLeft > 0, bytes[lower...].starts(with: content) {
      lower += content.count
      stripsLeft -= 1
    }
    if lower < bytes.count { stripsLeft = 0 }
    var upper = bytes.count
    var remaining = stop
    while remaining > 0, upper - content.count >= lower,
      bytes[(upper - content.count)..<upper].elementsEqual(content)
    {
      upper -= content.count
      remaining -= 1
    }
    held = Array(bytes[upper...])
    bytes = Array(bytes[lower..<upper])
  }
}
