/// Words that help after a name that does not exist: the nearest one, and all there are.
public struct Suggestion: Sendable {
  /// Names that exist.
  let names: [String]

  /// What the names are: "options".
  let noun: String

  /// Names that exist, and what they are.
  public init(names: [String], noun: String) {
    self.names = names
    self.noun = noun
  }

  /// "did you mean 'top_k'? (all options: min_p, top_k)", or the list alone when none is near.
  public func hint(for name: String) -> String {
    let all =
      names.isEmpty ? "there are no \(noun)" : "all \(noun): " + names.joined(separator: ", ")
    return nearest(to: name).map { "did you mean '\($0)'? (\(all))" } ?? all
  }

  /// The name at the smallest edit distance, when that is at most a third of its length.
  public func nearest(to name: String) -> String? {
    guard name.utf8.count <= 100 else { return nil }
    return
      names
      .map { (name: $0, distance: Self.distance($0, name)) }
      .filter { $0.distance <= max(1, $0.name.utf8.count / 3) }
      .min { $0.distance < $1.distance }?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
  static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
