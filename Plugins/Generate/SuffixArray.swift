/// The places of a sequence of symbols, sorted by what stands there.
///
/// Source: Manber and Myers 1990, doi:10.1137/0222058: sorting by prefixes of doubled length, each
/// time with a counting sort; O(n log depth).
struct SuffixArray: Sendable {
  /// The sequence, n symbols.
  let symbols: [Int32]
  /// Its n places, sorted by at least the first `depth` symbols from there.
  let places: [Int32]
  /// A tree of minima in level order: `places` are the leaves, from n on; node i is above 2i, 2i + 1.
  private let minima: [Int32]

  /// Sorts the places of a sequence.
  /// - Parameters:
  ///   - symbols: Numbers from 0, not many more of them than places.
  ///   - depth: How many symbols from a place on are looked at, at least.
  init(_ symbols: [Int32], depth: Int) {
    self.symbols = symbols
    places = Self.sorted(symbols, depth: depth)
    var minima = Array(repeating: Int32(0), count: places.count) + places
    for node in stride(from: places.count - 1, to: 0, by: -1) {
      minima[node] = min(minima[2 * node], minima[2 * node + 1])
    }
    self.minima = minima
  }

  /// Where in ``places`` those are that begin with a pattern of at most `depth` symbols.
  func range(of pattern: [Int32], within range: Range<Int>? = nil) -> Range<Int> {
    let range = range ?? places.indices
    let lower = end(of: range) { isOrdered(Int(places[$0]), before: pattern) }
    let upper = end(of: lower..<range.upperBound) { begins(Int(places[$0]), with: pattern) }
    return lower..<upper
  }

  /// The least of the places of a range that is not empty.
  func leastPlace(in range: Range<Int>) -> Int {
    var (lower, upper) = (range.lowerBound + places.count, range.upperBound + places.count)
    var least = Int32.max
    while lower < upper {
      if lower % 2 == 1 {
        least = min(least, minima[lower])
        lower += 1
      }
      if upper % 2 == 1 {
        upper -= 1
        least = min(least, minima[upper])
      }
      (lower, upper) = (lower / 2, upper / 2)
    }
    return Int(least)
  }
}

// MARK: Searching

extension SuffixArray {
  /// The end of the part of a range, at its beginning, whose elements have a property.
  private func end(of range: Range<Int>, where isInside: (Int) -> Bool) -> Int {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    while lower < upper {
      let middle = lower + (upper - lower) / 2
      if isInside(middle) { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }

  private func isOrdered(_ place: Int, before pattern: [Int32]) -> Bool {
    for (offset, symbol) in pattern.enumerated() {
      guard place + offset < symbols.count else { return true }
      let found = symbols[place + offset]
      if found != symbol { return found < symbol }
    }
    return false
  }

  private func begins(_ place: Int, with pattern: [Int32]) -> Bool {
    symbols[place...].starts(with: pattern)
  }
}

// MARK: Sorting

extension SuffixArray {
  private static func sorted(_ symbols: [Int32], depth: Int) -> [Int32] {
    let count = symbols.count
    var ranks = symbols
    var order = sorted(Array(0..<Int32(count)), by: ranks)
    var length = 1
    // Ranks are those by the first `length` symbols once they have been renumbered.
    var rankCount = renumber(&ranks, order, offset: 0)
    while length < depth, rankCount < count {
      // In the order of what follows the first `length` symbols: first where nothing does.
      var next = Array(Int32(max(0, count - length))..<Int32(count))
      next.reserveCapacity(count)
      for place in order where place >= length { next.append(place - Int32(length)) }
      order = sorted(next, by: ranks)
      rankCount = renumber(&ranks, order, offset: length)
      length *= 2
    }
    return order
  }

  /// Sorts places by rank and keeps the order among equals.
  private static func sorted(_ places: [Int32], by ranks: [Int32]) -> [Int32] {
    var starts = Array(repeating: 0, count: Int(ranks.max() ?? 0) + 2)
    for rank in ranks { starts[Int(rank) + 1] += 1 }
    for rank in starts.indices.dropFirst() { starts[rank] += starts[rank - 1] }
    var sorted = places
    for place in places {
      let rank = Int(ranks[Int(place)])
      sorted[starts[rank]] = place
      starts[rank] += 1
    }
    return sorted
  }

  /// Numbers places by their rank and the rank `offset` later, in the order that these give.
  /// - Returns: how many numbers there are.
  private static func renumber(_ ranks: inout [Int32], _ order: [Int32], offset: Int) -> Int {
    guard let first = order.first else { return 0 }
    func later(_ place: Int) -> Int32 {
      place + offset < ranks.count ? ranks[place + offset] : -1
    }
    var numbers = ranks
    var (number, before) = (Int32(0), Int(first))
    for place in order.lazy.map({ Int($0) }) {
      if ranks[place] != ranks[before] || later(place) != later(before) { number += 1 }
      numbers[place] = number
      before = place
    }
    ranks = numbers
    return Int(number) + 1
  }
}
