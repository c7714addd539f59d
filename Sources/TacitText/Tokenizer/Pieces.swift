import TacitFault

/// Text on its way from the normalizer to the model: bytes, and the pieces they are cut into.
struct Pieces {
  /// Valid UTF-8.
  private(set) var bytes: [UInt8]
  /// In order, none empty.
  private(set) var ranges: [Range<Int>]
  /// Whether the first piece starts the whole text, so that no added token is before it.
  let startsText: Bool

  init(_ text: [UInt8], startsText: Bool) {
    bytes = text
    ranges = text.isEmpty ? [] : [0..<text.count]
    self.startsText = startsText
  }

  /// Cuts every piece where a pattern matches.
  mutating func split(
    _ pattern: Pattern, _ behavior: SplitBehavior, inverted: Bool
  ) throws(Fault) {
    let finder = Pattern.Finder(pattern)
    var cut: [Range<Int>] = []
    cut.reserveCapacity(max(ranges.count, bytes.count / 4))
    var spans: [Pattern.Span] = []
    try bytes.withUnsafeBufferPointer { [ranges] (bytes) throws(Fault) in
      for range in ranges {
        try finder.findSpans(in: UnsafeBufferPointer(rebasing: bytes[range]), into: &spans)
        if inverted { for index in spans.indices { spans[index].isMatch.toggle() } }
        behavior.join(spans) { piece in
          guard !piece.isEmpty else { return }
          cut.append((piece.lowerBound + range.lowerBound)..<(piece.upperBound + range.lowerBound))
        }
      }
    }
    ranges = cut
  }

  /// Writes every piece anew.
  mutating func rewrite(
    _ write: (_ piece: ArraySlice<UInt8>, _ isFirst: Bool, inout [UInt8]) -> Void
  ) {
    var written: [UInt8] = []
    written.reserveCapacity(bytes.count + bytes.count / 2)
    for index in ranges.indices {
      let start = written.count
      write(bytes[ranges[index]], index == 0, &written)
      ranges[index] = start..<written.count
    }
    bytes = written
  }
}

/// What becomes of the matches when text is cut at them.
enum SplitBehavior: String, Sendable, CaseIterable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  init(_ node: TokenizerNode) throws(Fault) {
    guard let behavior = node.value.string.flatMap(Self.init(rawValue:)) else {
      throw node.error(
        expected: "one of " + Self.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self = behavior
  }

  /// Calls `body` with the pieces that spans make, from left to right.
  func join(_ spans: [Pattern.Span], _ body: (Range<Int>) -> Void) {
    switch self {
    case .isolated: for span in spans { body(span.range) }
    case .removed: for span in spans where !span.isMatch { body(span.range) }
    default:
      var index = 0
      while index < spans.count {
        let start = index
        while index + 1 < spans.count, joins(spans, index, index + 1) { index += 1 }
        body(spans[start].range.lowerBound..<spans[index].range.upperBound)
        index += 1
      }
    }
  }

  /// Whether two neighbours belong to one piece.
  private func joins(_ spans: [Pattern.Span], _ left: Int, _ right: Int) -> Bool {
    switch self {
    case .removed, .isolated: false
    case .contiguous: spans[left].isMatch == spans[right].isMatch
    case .mergedWithPrevious: !spans[left].isMatch && spans[right].isMatch
    case .mergedWithNext: spans[left].isMatch && !spans[right].isMatch
    }
  }
}
