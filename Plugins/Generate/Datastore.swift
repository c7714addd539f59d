/// Documents in which continuations are looked up.
struct Datastore: Sendable {
  /// Tokens and what follows them that can be told apart.
  private let depth: Int
  /// The documents one after the other; a token t is t + 1, and 0 ends each document.
  private let array: SuffixArray

  /// Indexes documents.
  /// - Parameters:
  ///   - documents: Their token ids.
  ///   - depth: Longest match and longest continuation together.
  init(_ documents: [[Int]], depth: Int) {
    var symbols: [Int32] = []
    symbols.reserveCapacity(documents.reduce(0) { $0 + $1.count + 1 })
    for document in documents {
      symbols += Self.symbols(document)
      symbols.append(0)
    }
    self.depth = depth
    array = SuffixArray(symbols, depth: depth)
  }

  private static func symbols(_ tokens: some Sequence<Int>) -> [Int32] {
    tokens.map { Int32($0 + 1) }
  }

  /// What follows the places of a few tokens, without repetition.
  ///
  /// Equal continuations are neighbours in the order of the suffix array. So each continuation is
  /// the one at the leftmost place that is left, and all that equal it are cut out of their range.
  /// - Parameters:
  ///   - match: The tokens.
  ///   - length: Tokens of a continuation; fewer where a document ends, but at least one.
  ///   - limit: Continuations at most.
  /// - Returns: continuations by their first places, in the order of the documents.
  func continuations(of match: some Collection<Int>, length: Int, limit: Int) -> [[Int]] {
    precondition(match.count + length <= depth, "the datastore was made for shorter continuations")
    let match = Self.symbols(match)
    let all = array.range(of: match)
    // Where a document ends nothing follows; these places come first.
    let ended = array.range(of: match + [0], within: all)
    var left = [part(ended.upperBound..<all.upperBound)].compactMap { $0 }
    var found: [[Int]] = []
    while found.count < limit, let index = left.indices.min(by: { left[$0].place < left[$1].place })
    {
      let part = left.remove(at: index)
      let continuation = symbols(from: part.place + match.count, length: length)
      found.append(continuation.filter { $0 > 0 }.map { Int($0) - 1 })
      let equal = array.range(of: match + continuation, within: part.range)
      left += [
        self.part(part.range.lowerBound..<equal.lowerBound),
        self.part(equal.upperBound..<part.range.upperBound),
      ].compactMap { $0 }
    }
    return found
  }

  /// A part of the suffix array, and the leftmost place in it.
  private struct Part {
    let range: Range<Int>
    let place: Int
  }

  private func part(_ range: Range<Int>) -> Part? {
    range.isEmpty ? nil : Part(range: range, place: array.leastPlace(in: range))
  }

  /// Symbols from a place on, up to the end of its document, which is one of them.
  private func symbols(from place: Int, length: Int) -> [Int32] {
    let symbols = array.symbols[place...].prefix(length)
    return Array(symbols.firstIndex(of: 0).map { symbols[...$0] } ?? symbols)
  }
}
