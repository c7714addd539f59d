import TacitFault
import TacitReasoning

/// One way in which questions are put and continued: Coconut, a chain in words, and all between.
public struct TrainingMode: OptionTable {
  /// What is read in place of the first steps of reasoning.
  public enum Feed: String, OptionChoice {
    /// Nothing, and no markers.
    case none
    /// The state behind the row before, through which gradients flow: thoughts.
    case state
    /// The embedding of the latent marker.
    case pause
  }

  /// What comes after that.
  public enum Continuation: String, OptionChoice {
    /// The answer.
    case answer
    /// The steps that are left, then the answer.
    case steps
  }

  /// What is read in place of steps.
  @Option("What is read in place of the first steps.") public var feed = Feed.none
  /// What comes after that.
  @Option("What comes after that.", name: "follow") public var continuation = Continuation.answer
  /// Numbers of steps that may be replaced, each by one row.
  ///
  /// Only those below the number of hops count where steps follow: some must be left.
  @Option("Numbers of steps that are replaced, or left out where nothing is fed.", 0...64)
  public var thoughts = [0]
  /// How many of these numbers a question is given with, drawn anew; nil is all.
  @Option("How many of these numbers are drawn; unset is all.", 1...65) public var draw: Int?
  /// The numbers that are always among the drawn ones.
  @Option("Numbers among the drawn ones always.", 0...64) public var always: [Int] = []
  /// The probability that a question is put in this way.
  @Option("Probability that a question is put in this way.", 0...1) public var share = Schedule(1)
  /// How much the tokens matter.
  @Option("How much the tokens matter in the loss.") public var weights = TokenWeights()

  /// An answer at once.
  public init() {}

  /// Finds numbers of thoughts that contradict each other.
  public func validate() throws(Fault) {
    guard !thoughts.isEmpty, Set(thoughts).count == thoughts.count else {
      throw Fault(option: "thoughts", expected: "different numbers, at least one", found: "others")
    }
    guard Set(always).isSubset(of: thoughts), always.count <= draw ?? thoughts.count else {
      throw Fault(
        option: "always", expected: "some of 'thoughts', no more than 'draw'", found: "others")
    }
    guard draw ?? 1 <= thoughts.count else {
      throw Fault(
        option: "draw", expected: "at most \(thoughts.count), as many as 'thoughts'",
        found: "\(draw ?? thoughts.count)")
    }
    guard feed != .none || continuation == .steps || thoughts == [0] else {
      throw Fault(
        option: "thoughts", expected: "nothing, where nothing is fed and no step follows",
        found: "a list")
    }
  }
}

/// How much each kind of token matters in the loss; 0 leaves it out.
public struct TokenWeights: OptionTable {
  /// Where a step leads.
  @Option("Where a step leads.", 0...100) public var node = 1.0
  /// Where a step starts, which the step before says.
  @Option("Where a step starts.", 0...100) public var origin = 0.3
  /// The full stop of a step.
  @Option("The full stop of a step.", 0...100) public var stop = 0.2
  /// The end of a chain in words.
  @Option("The end of a chain in words.", 0...100) public var close = 0.3
  /// What opens the answer.
  @Option("What opens the answer.", 0...100) public var marker = 0.2
  /// Whom the answer is about.
  @Option("Whom the answer is about.", 0...100) public var subject = 0.1
  /// The answer.
  @Option("The answer.", 0...100) public var answer = Schedule(1)
  /// The answer after fewer thoughts than there are hops, and without any.
  @Option("The answer at once, after fewer thoughts than hops; one hop needs no thought.", 0...100)
  public var early = Schedule(1)
  /// The full stop and the end of the text.
  @Option("The full stop and the end of the text.", 0...100) public var end = 0.1

  /// What has proved itself.
  public init() {}
}

/// One kind of batch: so many questions about each graph, each put in some ways.
public struct BatchKind: OptionTable {
  /// How often it is chosen, next to the other kinds.
  @Option("How often it is chosen, next to the others.", 0...1_000_000)
  public var share = Schedule(1)
  /// Questions about each graph.
  @Option("Questions about each graph.", 1...64) public var questions = 1
  /// The ways in which each question is put.
  @Option("Ways in which questions are put.") public var modes: [TrainingMode]

  /// One without ways, which must be given.
  public init() {}

  /// Finds ways that one batch cannot hold.
  public func validate() throws(Fault) {
    guard Set(modes.map(\.feed)).subtracting([.none]).count <= 1 else {
      throw Fault(
        option: "modes", expected: "thoughts or pauses in one kind of batch", found: "both")
    }
  }

  /// What its chains of thoughts are made of; `none` when it has none.
  var feed: TrainingMode.Feed { modes.map(\.feed).first { $0 != .none } ?? .none }

  /// Thoughts of the longest chain.
  var longestChain: Int { modes.filter { $0.feed != .none }.flatMap(\.thoughts).max() ?? 0 }
}
