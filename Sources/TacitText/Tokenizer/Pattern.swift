import TacitFault

/// What a normalizer or a pre-tokenizer looks for.
enum Pattern: Sendable {
  case literal([UInt8])
  case expression(RegularExpression)
  case scalars(ScalarClass)

  /// Every character of which `isMember` holds, one by one.
  static func scalars(where isMember: @escaping @Sendable (Unicode.Scalar) -> Bool) -> Pattern {
    .scalars(ScalarClass(isMember))
  }

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ node: TokenizerNode) throws(Fault) {
    try node.allow("String", "Regex")
    if let literal = node["String"] {
      self = .literal(try literal.nonEmptyString())
    } else {
      let regex = try node.required("Regex", "{\"String\": …} or {\"Regex\": …}")
      do throws(Fault) {
        self = .expression(try RegularExpression(try Self.text(of: regex)))
      } catch {
        throw regex.error(
          expected: "a regular expression",
          found: error.message)
      }
    }
  }

  private static func text(
    of node: TokenizerNode
  ) throws(Fault) -> String {
    guard let text = node.value.string else {
      throw Fault(message: node.value.kind)
    }
    return text
  }

  /// A stretch of text that matches, or that lies between matches.
  struct Span {
    var range: Range<Int>
    var isMatch: Bool
  }

  /// Puts `content` in the place of each match.
  /// - Throws: ``Fault`` when the pattern takes too many steps, or when that makes
  ///   the text longer than `limit` bytes.
  func replace(
    in text: inout [UInt8], with content: [UInt8], limit: Int
  ) throws(Fault) {
    guard !text.isEmpty else { return }
    var spans: [Span] = []
    try text.withUnsafeBufferPointer { (bytes) throws(Fault) in
      try Finder(self).findSpans(in: bytes, into: &spans)
    }
    guard spans.contains(where: \.isMatch) else { return }
    let count = spans.reduce(0) { $0 + ($1.isMatch ? content.count : $1.range.count) }
    guard count <= max(limit, text.count) else {
      throw Fault(message: "replacements that make \(count) bytes of the text")
    }
    var replaced: [UInt8] = []
    replaced.reserveCapacity(count)
    for span in spans {
      replaced.append(contentsOf: span.isMatch ? content[...] : text[span.range])
    }
    text = replaced
  }

  /// Finds spans in many texts with one working memory.
  struct Finder {
    private let pattern: Pattern
    private let matcher: RegularExpression.Matcher?

    init(_ pattern: Pattern) {
      self.pattern = pattern
      matcher = if case .expression(let code) = pattern { .init(code) } else { nil }
    }

    /// Cuts a text into spans that cover it without gaps.
    func findSpans(
      in text: UnsafeBufferPointer<UInt8>, into spans: inout [Span]
    ) throws(Fault) {
      spans.removeAll(keepingCapacity: true)
      var end = 0
      func add(_ match: Range<Int>) {
        if end < match.lowerBound {
          spans.append(Span(range: end..<match.lowerBound, isMatch: false))
        }
        spans.append(Span(range: match, isMatch: true))
        end = match.upperBound
      }
      switch pattern {
      case .literal(let literal): forEachOccurrence(of: literal, in: text, add)
      case .expression: try matcher?.forEachMatch(in: text, add)
      case .scalars(let members):
        var index = 0
        while index < text.count {
          if text[index] < 0x80 {
            if members.contains(ascii: text[index]) { add(index..<(index + 1)) }
            index += 1
            continue
          }
          let (scalar, length) = UTF8Scalar.read(text, at: index)
          if members.contains(scalar) { add(index..<(index + length)) }
          index += length
        }
      }
      if end < text.count { spans.append(Span(range: end..<text.count, isMatch: false)) }
    }

    private func forEachOccurrence(
      of literal: [UInt8], in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
      var index = 0
      while index + literal.count <= text.count {
        if text[index] == literal[0], text[index...].starts(with: literal) {
          body(index..<(index + literal.count))
          index += literal.count
        } else {
          index += 1
        }
      }
    }
  }
}

/// A property of characters, asked beforehand for ASCII, of which most text consists.
struct ScalarClass: Sendable {
  private let isMember: @Sendable (Unicode.Scalar) -> Bool
  /// One bit for each character of ASCII.
  private let ascii: (low: UInt64, high: UInt64)

  init(_ isMember: @escaping @Sendable (Unicode.Scalar) -> Bool) {
    self.isMember = isMember
    func bits(from first: UInt8) -> UInt64 {
      (0..<64).reduce(0) { $0 | (isMember(Unicode.Scalar(first + $1)) ? 1 << UInt64($1) : 0) }
    }
    ascii = (bits(from: 0), bits(from: 64))
  }

  func contains(ascii byte: UInt8) -> Bool {
    (byte < 64 ? ascii.low : ascii.high) >> UInt64(byte & 63) & 1 == 1
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool { isMember(scalar) }
}
