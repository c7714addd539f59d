@testable import TacitStrategies

/// A guess of several continuations, as the reference makes it: what the text and the documents hold.
struct Draft: Sendable, Equatable {
  /// How many of the last tokens were found; 0 if none were, and the tree is then empty.
  var matchLength = 0
  /// The continuations.
  var tree = DraftTree()
}

extension Drafter {
  /// Guesses several continuations, as a tree of `limit` nodes at most.
  func draft(limit: Int) -> Draft {
    for length in settings.matches.reversed() where length <= context.tokens.count {
      var found = context.continuations(of: length)
      if found.count < settings.branches, let datastore {
        let others = datastore.continuations(
          of: context.tokens.suffix(length), length: settings.length, limit: settings.branches)
        found += others.filter { !found.contains($0) }
      }
      guard !found.isEmpty else { continue }
      var draft = Draft(matchLength: length)
      for continuation in found.prefix(settings.branches) {
        draft.tree.insert(continuation, limit: limit)
      }
      return draft
    }
    return Draft()
  }
}

/// Tokens that may follow a text, as a tree that the model checks in one pass.
///
/// Node 0 is the last token of the text itself, which is read in the same pass; the tokens of the
/// draft are the nodes from 1 on, in the order in which they were added.
struct DraftTree: Sendable, Equatable {
  /// Tokens of the nodes from 1 on.
  private(set) var tokens: [Int] = []
  /// Parents of the nodes from 1 on.
  private(set) var parents: [Int] = []
  /// Distance of every node from node 0: how many positions it is after it.
  private(set) var depths = [0]

  /// Adds a node, which may repeat one of its siblings; such a node is never reached.
  /// - Returns: its number.
  mutating func add(_ token: Int, below parent: Int) -> Int {
    tokens.append(token)
    parents.append(parent)
    depths.append(depths[parent] + 1)
    return tokens.count
  }

  /// Adds a continuation of the text, as far as no more than `limit` nodes are needed for the tree.
  mutating func insert(_ continuation: [Int], limit: Int) {
    var node = 0
    for token in continuation {
      if let child = child(of: node, token) {
        node = child
      } else if tokens.count < limit {
        node = add(token, below: node)
      } else {
        return
      }
    }
  }

  /// The nodes from node 0 to a node, both included: what the node may see of the tree.
  func path(to node: Int) -> [Int] {
    var path = [node]
    while let node = path.last, node > 0 { path.append(parents[node - 1]) }
    return path.reversed()
  }

  /// The first child with a token.
  private func child(of node: Int, _ token: Int) -> Int? {
    parents.indices.first { parents[$0] == node && tokens[$0] == token }.map { $0 + 1 }
  }
}

// MARK: Verification

extension DraftTree {
  /// A path through the tree.
  struct Walk: Sendable, Equatable {
    /// Nodes of the draft whose tokens were chosen, from the text on.
    var nodes: [Int] = []
    /// The tokens chosen: those of the nodes and, unless the walk was ended, one more.
    var tokens: [Int] = []
  }

  /// Goes from node 0 to the node of the token that follows there, and on from that one.
  ///
  /// The tokens are those of plain decoding, whatever the draft, if each is chosen as plain decoding
  /// chooses it: from the logits after its node, with the random numbers of its own step. Where
  /// plain decoding would have stopped, `choose` ends the walk with nil.
  func walk(choosing choose: (_ node: Int) throws -> Int?) rethrows -> Walk {
    var walk = Walk()
    var node = 0
    while let token = try choose(node) {
      walk.tokens.append(token)
      guard let child = child(of: node, token) else { break }
      walk.nodes.append(child)
      node = child
    }
    return walk
  }
}
