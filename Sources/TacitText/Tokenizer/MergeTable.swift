import HeapModule
import TacitFault

/// The merges of a byte-pair model: pairs of ids with their rank and the id they make.
struct MergeTable: Sendable {
  private struct Entry {
    var pair: UInt64
    /// Rank in the upper half, so that the smaller value merges first; new id in the lower half.
    var merge: UInt64
  }

  private static let none = UInt64.max
  /// Up to this many symbols a scan for the best pair beats a heap.
  private static let scanLimit = 48

  /// Open addressing in a power of two of slots, at most half full.
  private let entries: [Entry]
  private let shift: UInt64
  /// Odd and different in every table, so that no file can aim at one slot.
  private let multiplier = UInt64.random(in: 0...UInt64.max) | 1

  /// Takes the left and the right token of each merge in turn.
  /// - Throws: ``Fault`` for a merge of tokens, or into one, that the vocabulary lacks.
  init(
    _ halves: ByteStrings, _ vocabulary: Vocabulary, path: String
  ) throws(Fault) {
    let count = halves.count / 2
    var bits: UInt64 = 4
    while 1 << bits < count * 2 { bits += 1 }
    shift = 64 - bits
    var entries = [Entry](repeating: Entry(pair: Self.none, merge: Self.none), count: 1 << bits)
    for rank in 0..<count {
      func id(_ token: some Collection<UInt8>) throws(Fault) -> UInt64 {
        if let id = vocabulary.id(of: token) { return UInt64(id) }
        throw Fault(
          path, "model.merges[\(rank)]", expected: "tokens of the vocabulary",
          found: "\"\(String(decoding: Array(token), as: UTF8.self))\"")
      }
      let (left, right) = (halves[2 * rank], halves[2 * rank + 1])
      let pair = try id(left) << 32 | id(right)
      // The two halves lie side by side.
      let joined = halves.bytes[left.startIndex..<right.endIndex]
      let slot = Self.slot(of: pair, in: entries, multiplier, shift)
      // Of a repeated pair the last rank counts.
      entries[slot] = Entry(pair: pair, merge: UInt64(rank) << 32 | (try id(joined)))
    }
    self.entries = entries
  }

  private static func slot(
    of pair: UInt64, in entries: [Entry], _ multiplier: UInt64, _ shift: UInt64
  ) -> Int {
    var slot = Int(truncatingIfNeeded: (pair &* multiplier) >> shift)
    while entries[slot].pair != pair, entries[slot].pair != none {
      slot = (slot + 1) & (entries.count - 1)
    }
    return slot
  }

  private func merge(_ left: Int32, _ right: Int32) -> UInt64 {
    let pair = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    return entries[Self.slot(of: pair, in: entries, multiplier, shift)].merge
  }

  struct Scratch {
    fileprivate var merges: [UInt64] = []
  }

  /// Joins pairs until none is left: lowest rank first, leftmost first among equals.
  func merge(_ symbols: inout [Int32], _ scratch: inout Scratch) {
    guard symbols.count > 1 else { return }
    if symbols.count <= Self.scanLimit {
      mergeByScanning(&symbols, &scratch.merges)
    } else {
      mergeByHeap(&symbols)
    }
  }

  private func mergeByScanning(_ symbols: inout [Int32], _ merges: inout [UInt64]) {
    var count = symbols.count
    merges.removeAll(keepingCapacity: true)
    for index in 1..<count { merges.append(merge(symbols[index - 1], symbols[index])) }
    while count > 1 {
      var best = 0
      for index in 1..<(count - 1) where merges[index] < merges[best] { best = index }
      guard merges[best] != Self.none else { break }
      symbols[best] = Int32(truncatingIfNeeded: merges[best] & 0x7FFF_FFFF)
      count -= 1
      for index in (best + 1)..<count { symbols[index] = symbols[index + 1] }
      for index in best..<(count - 1) { merges[index] = merges[index + 1] }
      if best > 0 { merges[best - 1] = merge(symbols[best - 1], symbols[best]) }
      if best < count - 1 { merges[best] = merge(symbols[best], symbols[best + 1]) }
    }
    symbols.removeLast(symbols.count - count)
  }

  private struct Candidate: Comparable {
    var merge: UInt64
    var position: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.merge, left.position) < (right.merge, right.position)
    }
  }

  /// As ``mergeByScanning(_:_:)`` in O(n log n), for the long words that hostile texts have.
  private func mergeByHeap(_ symbols: inout [Int32]) {
    let count = symbols.count
    var next = Array(1...count)
    var previous = Array(-1..<(count - 1))
    var heap = Heap<Candidate>()
    for index in 1..<count {
      let value = merge(symbols[index - 1], symbols[index])
      if value != Self.none { heap.insert(Candidate(merge: value, position: index - 1)) }
    }
    while let best = heap.popMin() {
      let left = best.position
      let right = next[left]
      // Symbols that were merged away are marked -1; candidates may be out of date.
      guard symbols[left] >= 0, right < count, merge(symbols[left], symbols[right]) == best.merge
      else { continue }
      symbols[left] = Int32(truncatingIfNeeded: best.merge & 0x7FFF_FFFF)
      symbols[right] = -1
      next[left] = next[right]
      if next[left] < count {
        previous[next[left]] = left
        let value = merge(symbols[left], symbols[next[left]])
        if value != Self.none { heap.insert(Candidate(merge: value, position: left)) }
      }
      if previous[left] >= 0 {
        let value = merge(symbols[previous[left]], symbols[left])
        if value != Self.none { heap.insert(Candidate(merge: value, position: previous[left])) }
      }
    }
    symbols.removeAll { $0 < 0 }
  }
}
