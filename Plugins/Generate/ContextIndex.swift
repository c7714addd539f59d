/// A growing text in which continuations of its own last tokens are looked up.
///
/// Every run of tokens, up to the longest length, has a number: a trie. For each run the latest
/// places after it are known that had different continuations. So a token costs time and memory by
/// the lengths and the number of continuations, whatever the length of the text.
struct ContextIndex: Sendable {
  /// Lengths of runs whose continuations are looked up.
  private let lengths: ClosedRange<Int>
  /// Tokens of a continuation.
  private let continuationLength: Int
  /// Continuations of a run that are kept.
  private let limit: Int
  /// The text.
  private(set) var tokens: [Int] = []
  /// Numbers of runs by the number of the run without its last token, and that token.
  private var runs: [Edge: Int32] = [:]
  /// For each place, from 0 on, the numbers of the runs of 1, 2, … tokens that end before it; -1
  /// where the text is too short.
  private var endings: [Int32]
  /// For each run `limit` places after it, the latest first: all with complete continuations, no
  /// two of which are equal; -1 where there are fewer.
  private var latest: [Int32]

  /// - Parameters:
  ///   - lengths: Lengths of runs, from 1.
  ///   - continuationLength: Tokens of a continuation, from 1.
  ///   - limit: Continuations of one run at most, from 1.
  init(lengths: ClosedRange<Int>, continuationLength: Int, limit: Int) {
    precondition(lengths.lowerBound > 0 && continuationLength > 0 && limit > 0, "nothing to find")
    self.lengths = lengths
    self.continuationLength = continuationLength
    self.limit = limit
    endings = Array(repeating: -1, count: lengths.upperBound)
    latest = Array(repeating: -1, count: limit)
  }

  private struct Edge: Hashable {
    let run: Int32
    let token: Int
  }

  /// What followed the last `length` tokens earlier in the text, without repetition.
  /// - Returns: continuations by their latest places, the latest first; they end with the text.
  func continuations(of length: Int) -> [[Int]] {
    precondition(lengths.contains(length), "no index of this length")
    guard let run = run(of: length, before: tokens.count) else { return [] }
    // Continuations that end with the text are all of different lengths.
    let incomplete = (max(0, tokens.count - continuationLength + 1)..<tokens.count).reversed()
      .filter { self.run(of: length, before: $0) == run }
    let complete = slots(run).lazy.map { Int(latest[$0]) }.prefix { $0 >= 0 }
    return (incomplete + complete).prefix(limit).map { continuation(at: $0) }
  }

  /// Lengthens the text.
  mutating func append(_ token: Int) {
    let shorter = [0] + endings.suffix(lengths.upperBound).dropLast()
    endings += shorter.map { $0 < 0 ? -1 : number(of: Edge(run: $0, token: token)) }
    tokens.append(token)
    // The first place whose continuation became complete.
    let place = tokens.count - continuationLength
    guard place > 0 else { return }
    for length in lengths {
      if let run = run(of: length, before: place) { note(place, after: run) }
    }
  }

  private mutating func number(of edge: Edge) -> Int32 {
    if let run = runs[edge] { return run }
    let run = Int32(runs.count + 1)
    runs[edge] = run
    latest += Array(repeating: -1, count: limit)
    return run
  }

  /// Puts a place in front of a run's others, in place of the one with an equal continuation or, if
  /// there is none, of the earliest.
  private mutating func note(_ place: Int, after run: Int32) {
    let slots = slots(run)
    let old = slots.first { latest[$0] < 0 || continues(Int(latest[$0]), as: place) }
    for slot in (slots.lowerBound..<(old ?? slots.upperBound - 1)).reversed() {
      latest[slot + 1] = latest[slot]
    }
    latest[slots.lowerBound] = Int32(place)
  }

  private func run(of length: Int, before place: Int) -> Int32? {
    let run = endings[place * lengths.upperBound + length - 1]
    return run < 0 ? nil : run
  }

  private func slots(_ run: Int32) -> Range<Int> { Int(run) * limit..<(Int(run) + 1) * limit }

  private func continuation(at place: Int) -> [Int] {
    Array(tokens[place...].prefix(continuationLength))
  }

  private func continues(_ place: Int, as other: Int) -> Bool {
    (0..<continuationLength).allSatisfy { tokens[place + $0] == tokens[other + $0] }
  }
}
