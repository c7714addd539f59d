import TacitFault
import TacitReasoning

/// Which questions the accuracy is measured on while a run goes on, when, and how they are put.
public struct EvaluationSettings: OptionTable {
  /// One way of putting questions.
  public struct Mode: OptionTable {
    /// Its name in metrics.
    @Option("Name in metrics.") public var name: String
    /// What is read before the answer or the chain in words.
    @Option("What is read before the answer.") public var feed = TrainingMode.Feed.none
    /// What the model is made to write.
    @Option("What the model is made to write.", name: "follow")
    public var continuation = TrainingMode.Continuation.answer
    /// Rows that are fed.
    @Option("Rows that are fed.", 0...64) public var thoughts = 0

    /// One without a name, which must be given.
    public init() {}

    /// Refuses an empty name.
    public func validate() throws(Fault) { try refuseEmpty("name", name) }
  }

  /// Steps between two measurements; there is one at the end in any case.
  @Option("Steps between two measurements.", 1...1_000_000, name: "every")
  public var interval = 1000
  /// A dataset by name or path; nil is new problems that are drawn as ProsQA's are.
  @Option("Dataset by name or path; unset is new problems drawn as ProsQA's are.")
  public var dataset: String?
  /// Questions at most.
  @Option("Questions at most.", 1...1_000_000) public var limit = 300
  /// Seed of new problems.
  @Option("Seed of new problems, which a run does not train on.")
  public var seed: UInt64 = 1_000_003
  /// The ways of putting them.
  @Option("Ways in which questions are put.") public var modes: [Mode]

  /// One without ways, which must be given.
  public init() {}

  /// Refuses two ways of one name.
  public func validate() throws(Fault) {
    try refuseEmpty("dataset", dataset)
    for (index, mode) in modes.enumerated()
    where modes[..<index].contains(where: { $0.name == mode.name }) {
      throw Fault(
        option: "modes[\(index + 1)].name", expected: "a new name", found: "'\(mode.name)' again")
    }
  }
}
