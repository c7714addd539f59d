import TacitFault
import TacitJSON

extension EvaluationSample {
  /// Reads an object of the ProsQA files of the Coconut authors.
  ///
  /// `extra` holds `hops` (number of steps), `steps`, `candidates` (the right one first), `root`
  /// and `edges`, the last three as symbols.
  /// - Throws: ``Fault`` for a missing or mistyped field or an index without a symbol.
  init(prosqa object: LocatedObject, id: String) throws(Fault) {
    let symbols = try object.strings("idx_to_symbol")
    let steps = try object.strings("steps")
    let target = try object.symbol("target", of: symbols)
    let distractor = try object.symbol("neg_target", of: symbols)
    let root = try object.symbol("root", of: symbols)
    let edges = try object.edges(of: symbols)
    self.init(
      id: id, question: try object.string("question"), target: try object.string("answer"),
      extra: [
        "hops": .integer(steps.count), "steps": .array(steps.map(JSON.string)),
        "candidates": [.string(target), .string(distractor)], "root": .string(root),
        "edges": .array(edges.map { [.string($0), .string($1)] }),
      ])
    let claim = ProsQAClaim(self.target)
    guard claim == ProsQAClaim(subject: root, symbol: target) else {
      throw object.error(
        expected: "'answer' to say '\(root) is a \(target).'", found: "'\(self.target)'")
    }
  }
}

extension LocatedObject {
  fileprivate func symbol(_ key: String, of symbols: [String]) throws(Fault) -> String {
    let value = try value(key)
    guard let index = value.integer else {
      throw error(expected: "an integer under '\(key)'", found: value.kind)
    }
    guard symbols.indices.contains(index) else {
      throw error(
        expected: "an index of 'idx_to_symbol' (\(symbols.count) symbols) under '\(key)'",
        found: "\(index)")
    }
    return symbols[index]
  }

  /// The edges, which some files hold as an array and some as its text.
  fileprivate func edges(of symbols: [String]) throws(Fault) -> [(String, String)] {
    var value = try value("edges")
    if let text = value.string {
      do {
        value = try JSON(parsing: text)
      } catch let problem {
        throw error(expected: "JSON within the string 'edges'", found: problem.description)
      }
    }
    guard let pairs = value.array else {
      throw error(expected: "an array under 'edges'", found: value.kind)
    }
    var edges: [(String, String)] = []
    edges.reserveCapacity(pairs.count)
    for pair in pairs {
      guard pair.array?.count == 2, let from = pair[0]?.integer, let to = pair[1]?.integer,
        symbols.indices.contains(from), symbols.indices.contains(to)
      else {
        throw error(
          expected: "pairs of indices of 'idx_to_symbol' under 'edges'", found: "another element")
      }
      edges.append((symbols[from], symbols[to]))
    }
    return edges
  }
}
