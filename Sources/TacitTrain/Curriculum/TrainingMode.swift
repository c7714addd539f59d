/// One way in which questions are put and continued: Coconut, a chain in words, and all between.
public struct TrainingMode: Sendable {
  /// What is read in place of the first steps of reasoning.
  public enum Feed: String, Sendable, CaseIterable {
    /// Nothing, and no markers.
    case none
    /// The state behind the row before, through which gradients flow: thoughts.
    case state
    /// The embedding of the latent marker.
    case pause
  }

  /// What comes after that.
  public enum Continuation: String, Sendable, CaseIterable {
    /// The answer.
    case answer
    /// The steps that are left, then the answer.
    case steps
  }

  /// What is read in place of steps.
  public var feed: Feed
  /// What comes after that.
  public var continuation: Continuation
  /// Numbers of steps that may be replaced, each by one row.
  ///
  /// Only those below the number of hops count where steps follow: some must be left.
  public var thoughts: [Int]
  /// How many of these numbers a question is given with, drawn anew; nil is all.
  public var draw: Int?
  /// The numbers that are always among the drawn ones.
  public var always: [Int]
  /// The probability that a question is put in this way.
  public var share: Schedule
  /// How much the tokens matter.
  public var weights: TokenWeights

  static let specification: [SettingSpecification] = [
    .optional(
      "feed", .choice(Feed.allCases.map(\.rawValue)), default: "none",
      "What is read in place of the first steps."),
    .optional(
      "follow", .choice(Continuation.allCases.map(\.rawValue)), default: "answer",
      "What comes after that."),
    .optional(
      "thoughts", .integers(0...64), default: [0],
      "Numbers of steps that are replaced, or left out where nothing is fed."),
    .optional("draw", .integer(1...65), "How many of these numbers are drawn; unset is all."),
    .optional("always", .integers(0...64), default: [], "Numbers among the drawn ones always."),
    .optional(
      "share", .schedule(0...1), default: 1, "Probability that a question is put in this way."),
    .optional(
      "weights", .table(TokenWeights.specification), default: [:],
      "How much the tokens matter in the loss."),
  ]

  init(_ settings: Settings) throws(SettingError) {
    feed = settings.choice("feed", as: Feed.self)
    continuation = settings.choice("follow", as: Continuation.self)
    thoughts = settings.integers("thoughts")
    draw = settings.optionalInteger("draw")
    always = settings.integers("always")
    share = settings.schedule("share")
    weights = TokenWeights(try settings.table("weights", TokenWeights.specification))
    guard !thoughts.isEmpty, Set(thoughts).count == thoughts.count else {
      throw settings.error("thoughts", expected: "different numbers, at least one", found: "others")
    }
    guard Set(always).isSubset(of: thoughts), always.count <= draw ?? thoughts.count else {
      throw settings.error(
        "always", expected: "some of 'thoughts', no more than 'draw'", found: "others")
    }
    guard draw ?? 1 <= thoughts.count else {
      throw settings.error(
        "draw", expected: "at most \(thoughts.count), as many as 'thoughts'",
        found: "\(draw ?? thoughts.count)")
    }
    guard feed != .none || continuation == .steps || thoughts == [0] else {
      throw settings.error(
        "thoughts", expected: "nothing, where nothing is fed and no step follows", found: "a list")
    }
  }
}

/// How much each kind of token matters in the loss; 0 leaves it out.
public struct TokenWeights: Sendable {
  /// Where a step leads.
  public var node: Double
  /// Where a step starts, which the step before says.
  public var origin: Double
  /// The full stop of a step.
  public var stop: Double
  /// The end of a chain in words.
  public var close: Double
  /// What opens the answer.
  public var marker: Double
  /// Whom the answer is about.
  public var subject: Double
  /// The answer.
  public var answer: Schedule
  /// The answer after fewer thoughts than there are hops, and without any.
  public var early: Schedule
  /// The full stop and the end of the text.
  public var end: Double

  static let specification: [SettingSpecification] = [
    .optional("node", .number(0...100), default: 1, "Where a step leads."),
    .optional("origin", .number(0...100), default: 0.3, "Where a step starts."),
    .optional("stop", .number(0...100), default: 0.2, "The full stop of a step."),
    .optional("close", .number(0...100), default: 0.3, "The end of a chain in words."),
    .optional("marker", .number(0...100), default: 0.2, "What opens the answer."),
    .optional("subject", .number(0...100), default: 0.1, "Whom the answer is about."),
    .optional("answer", .schedule(0...100), default: 1, "The answer."),
    .optional(
      "early", .schedule(0...100), default: 1,
      "The answer at once, after fewer thoughts than hops; one hop needs no thought."),
    .optional("end", .number(0...100), default: 0.1, "The full stop and the end of the text."),
  ]

  init(_ settings: Settings) {
    node = settings.number("node")
    origin = settings.number("origin")
    stop = settings.number("stop")
    close = settings.number("close")
    marker = settings.number("marker")
    subject = settings.number("subject")
    answer = settings.schedule("answer")
    early = settings.schedule("early")
    end = settings.number("end")
  }
}

/// One kind of batch: so many questions about each graph, each put in some ways.
public struct BatchKind: Sendable {
  /// How often it is chosen, next to the other kinds.
  public var share: Schedule
  /// Questions about each graph.
  public var questions: Int
  /// The ways in which each question is put.
  public var modes: [TrainingMode]

  static let specification: [SettingSpecification] = [
    .optional(
      "share", .schedule(0...1_000_000), default: 1, "How often it is chosen, next to the others."),
    .optional("questions", .integer(1...64), default: 1, "Questions about each graph."),
    .required("modes", .tables(TrainingMode.specification), "Ways in which questions are put."),
  ]

  init(_ settings: Settings) throws(SettingError) {
    share = settings.schedule("share")
    questions = settings.integer("questions")
    modes = []
    for mode in try settings.tables("modes", TrainingMode.specification) {
      modes.append(try TrainingMode(mode))
    }
    guard Set(modes.map(\.feed)).subtracting([.none]).count <= 1 else {
      throw settings.error(
        "modes", expected: "thoughts or pauses in one kind of batch", found: "both")
    }
  }

  /// What its chains of thoughts are made of; `none` when it has none.
  var feed: TrainingMode.Feed { modes.map(\.feed).first { $0 != .none } ?? .none }

  /// Thoughts of the longest chain.
  var longestChain: Int { modes.filter { $0.feed != .none }.flatMap(\.thoughts).max() ?? 0 }
}
