/// Which questions the accuracy is measured on while a run goes on, when, and how they are put.
public struct EvaluationSettings: Sendable {
  /// One way of putting questions.
  public struct Mode: Sendable {
    /// Its name in metrics.
    public let name: String
    /// What is read before the answer or the chain in words.
    public let feed: TrainingMode.Feed
    /// What the model is made to write.
    public let continuation: TrainingMode.Continuation
    /// Rows that are fed.
    public let thoughts: Int
  }

  /// Steps between two measurements; there is one at the end in any case.
  public let interval: Int
  /// A dataset by name or path; nil is new problems that are drawn as ProsQA's are.
  public let dataset: String?
  /// Questions at most.
  public let limit: Int
  /// Seed of new problems.
  public let seed: UInt64
  /// The ways of putting them.
  public let modes: [Mode]

  static let specification: [SettingSpecification] = [
    .optional("every", .integer(1...1_000_000), default: 1000, "Steps between two measurements."),
    .optional(
      "dataset", .string, "Dataset by name or path; unset is new problems drawn as ProsQA's are."),
    .optional("limit", .integer(1...1_000_000), default: 300, "Questions at most."),
    .optional(
      "seed", .integer(0...Int.max), default: 1_000_003,
      "Seed of new problems, which a run does not train on."),
    .required("modes", .tables(modeSpecification), "Ways in which questions are put."),
  ]

  private static let modeSpecification: [SettingSpecification] = [
    .required("name", .string, "Name in metrics."),
    .optional(
      "feed", .choice(TrainingMode.Feed.allCases.map(\.rawValue)), default: "none",
      "What is read before the answer."),
    .optional(
      "follow", .choice(TrainingMode.Continuation.allCases.map(\.rawValue)), default: "answer",
      "What the model is made to write."),
    .optional("thoughts", .integer(0...64), default: 0, "Rows that are fed."),
  ]

  init(_ settings: Settings) throws(SettingError) {
    interval = settings.integer("every")
    dataset = settings.optionalString("dataset")
    limit = settings.integer("limit")
    seed = UInt64(settings.integer("seed"))
    var modes: [Mode] = []
    for table in try settings.tables("modes", Self.modeSpecification) {
      let mode = Mode(
        name: table.string("name"), feed: table.choice("feed", as: TrainingMode.Feed.self),
        continuation: table.choice("follow", as: TrainingMode.Continuation.self),
        thoughts: table.integer("thoughts"))
      guard !modes.contains(where: { $0.name == mode.name }) else {
        throw table.error("name", expected: "a new name", found: "'\(mode.name)' again")
      }
      modes.append(mode)
    }
    self.modes = modes
  }
}
