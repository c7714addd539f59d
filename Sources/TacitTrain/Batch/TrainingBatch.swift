/// Graphs, questions and continuations of one pass forward and back, as token ids.
///
/// The facts of a graph are read once; every question goes on from there as a branch, with its
/// chain of thoughts; every tail goes on from some row of its branch.
public struct TrainingBatch: Sendable {
  /// A continuation whose tokens are predicted.
  struct Tail: Sendable, Equatable {
    /// Rows of the branch, behind the facts, that it sees.
    var column: Int
    /// Tokens that are read.
    var tokens: [Int32]
    /// The token after each of them.
    var labels: [Int32]
    /// How much each label matters.
    var weights: [Float]
    /// Where the label is the answer, if thoughts enough came before it to know it.
    var answerRow: Int?
  }

  /// A question with all its continuations.
  struct Branch: Sendable, Equatable {
    /// Tokens of the question, with the start marker where a chain follows.
    var tokens: [Int32]
    var tails: [Tail]
    /// For the state after the start marker and after each thought, the tokens it is to hold in
    /// equal parts; empty where thoughts are not supervised.
    var targets: [[Int32]]
  }

  /// A graph with its questions.
  struct Graph: Sendable, Equatable {
    /// Tokens of the facts.
    var facts: [Int32]
    var branches: [Branch]
  }

  /// What chains are made of.
  var feed: TrainingMode.Feed
  /// Thoughts of each chain.
  var chainLength: Int
  var graphs: [Graph]

  /// Weights of all labels together.
  var labelWeight: Double {
    graphs.lazy.flatMap(\.branches).flatMap(\.tails).reduce(0) { sum, tail in
      tail.weights.reduce(sum) { $0 + Double($1) }
    }
  }

  /// States that are supervised.
  var targetCount: Int { branches.reduce(0) { $0 + $1.targets.count } }

  /// Rows that the model reads.
  var rowCount: Int {
    graphs.reduce(0) { $0 + $1.facts.count }
      + branches.reduce(0) { sum, branch in
        sum + branch.tokens.count + chainLength + branch.tails.reduce(0) { $0 + $1.tokens.count }
      }
  }

  var branches: [Branch] { graphs.flatMap(\.branches) }
}
