import TacitJSON

/// Everything that decides what a run computes.
public struct TrainingSettings: Sendable {
  /// Name of the run and of its folder.
  public let name: String
  /// Seed of all random numbers.
  public let seed: UInt64
  /// Steps of the optimiser.
  public let stepCount: Int
  /// The model whose tokenizer is used.
  public let tokenizer: String
  /// The model whose weights the run begins with; nil is random weights.
  public let start: String?
  /// Batches whose gradients make one step.
  public let batchesPerStep: Int
  /// Steps between two lines of metrics, and between two savings.
  public let logInterval, saveInterval: Int
  /// Accuracy on held-out questions; nil is none.
  public let evaluation: EvaluationSettings?
  /// Copies of the model that are kept, by name, and after which step.
  public let snapshots: [(name: String, step: Int)]
  /// Texts of the model card, which change nothing that is computed.
  public let card: (summary: String, caution: String)
  /// All of it but the card, defaults included.
  public let json: JSON

  let model: ModelSettings
  let initialization: Initialization
  let optimizer: AdamW.Settings
  let learningRate: Schedule
  let warmupSteps: Int
  let problems: ProblemSettings
  let graphCount: Int
  let kinds: [BatchKind]
  /// Weight of the thoughts' targets; nil leaves thoughts alone.
  let thoughtWeight: Schedule?

  /// The settings of `tacit.training`.
  public static let specification: [SettingSpecification] = [
    .required("name", .string, "Name of the run, and of its folder below runs/train."),
    .optional("seed", .integer(0...Int.max), default: 0, "Seed of all random numbers."),
    .required("steps", .integer(1...100_000_000), "Steps of the optimiser."),
    .optional("tokenizer", .string, default: "prosqa", "Model whose tokenizer is used."),
    .optional("start", .string, "Model whose weights are the first ones; unset is random weights."),
    .optional(
      "model", .table(ModelSettings.specification), "The network, unless `start` names it."),
    .optional(
      "init", .table(Initialization.specification), "Random weights, unless `start` names others."),
    .optional(
      "optimizer", .table(optimizerSpecification), default: [:], "AdamW and its learning rate."),
    .optional(
      "problems", .table(ProblemSettings.specification), default: [:], "Graphs and questions."),
    .optional("graphs", .integer(1...4096), default: 16, "Graphs of a batch."),
    .optional(
      "accumulate", .integer(1...4096), default: 1, "Batches whose gradients make one step."),
    .required("batches", .tables(BatchKind.specification), "Kinds of batches."),
    .optional(
      "thought_targets", .table(thoughtSpecification),
      "Supervision of thoughts; unset leaves them alone."),
    .optional(
      "evaluation", .table(EvaluationSettings.specification), "Accuracy while the run goes on."),
    .optional("snapshots", .tables(snapshotSpecification), "Copies of the model that are kept."),
    .optional("card", .table(cardSpecification), default: [:], "Texts of the model card."),
    .optional("log_every", .integer(1...1_000_000), default: 50, "Steps between metrics."),
    .optional("save_every", .integer(1...1_000_000), default: 500, "Steps between savings."),
  ]

  private static let optimizerSpecification: [SettingSpecification] = [
    .optional("learning_rate", .schedule(0...10), default: 0.001, "Learning rate."),
    .optional(
      "warmup_steps", .integer(0...1_000_000), default: 0,
      "Steps over which the rate rises from 0 as well."),
    .optional("beta1", .number(0...0.9999), default: 0.9, "Share of the first moment kept."),
    .optional("beta2", .number(0...0.999999), default: 0.98, "Share of the second moment kept."),
    .optional("epsilon", .number(1e-12...1), default: 1e-8, "Added to the root of the second."),
    .optional("weight_decay", .number(0...1), default: 0.01, "Decoupled decay of matrices."),
    .optional("clip_norm", .number(1e-6...1e6), default: 1, "Greatest norm of the gradient."),
  ]

  private static let thoughtSpecification: [SettingSpecification] = [
    .optional(
      "target", .choice(["walk"]), default: "walk",
      "What thought k holds: the ends of walks of k edges from the root, in equal parts."),
    .optional("weight", .schedule(0...100), default: 1, "Weight next to the loss of the tokens."),
  ]

  private static let cardSpecification: [SettingSpecification] = [
    .optional("summary", .string, "What the model is."),
    .optional("caution", .string, "What its accuracies must not be taken for."),
  ]

  private static let snapshotSpecification: [SettingSpecification] = [
    .required("name", .string, "Name of its folder below snapshots/."),
    .required("at", .number(0...1), "Share of the run after which it is taken."),
  ]

  /// Checks the settings of a recipe.
  /// - Throws: ``SettingError`` for the first that does not fit.
  public init(_ json: JSON) throws(SettingError) {
    let settings = try Settings(json, Self.specification)
    let texts = try settings.table("card", Self.cardSpecification)
    card = (texts.optionalString("summary") ?? "", texts.optionalString("caution") ?? "")
    self.json = settings.json(without: "card")
    name = settings.string("name")
    seed = UInt64(settings.integer("seed"))
    stepCount = settings.integer("steps")
    tokenizer = settings.string("tokenizer")
    start = settings.optionalString("start")
    for name in ["model", "init"] where start != nil && json[name] != nil {
      throw settings.error(name, expected: "nothing, as 'start' names a model", found: "a table")
    }
    model = try ModelSettings(settings.tableOrDefaults("model", ModelSettings.specification))
    initialization = try Initialization(
      settings.tableOrDefaults("init", Initialization.specification), model: model, seed: seed)
    let rates = try settings.table("optimizer", Self.optimizerSpecification)
    learningRate = rates.schedule("learning_rate")
    warmupSteps = rates.integer("warmup_steps")
    optimizer = AdamW.Settings(rates)
    problems = ProblemSettings(try settings.table("problems", ProblemSettings.specification))
    graphCount = settings.integer("graphs")
    batchesPerStep = settings.integer("accumulate")
    var kinds: [BatchKind] = []
    for kind in try settings.tables("batches", BatchKind.specification) {
      kinds.append(try BatchKind(kind))
    }
    self.kinds = kinds
    thoughtWeight = try settings.optionalTable("thought_targets", Self.thoughtSpecification)?
      .schedule("weight")
    let measured = try settings.optionalTable("evaluation", EvaluationSettings.specification)
    evaluation = try measured.map { (table) throws(SettingError) in try EvaluationSettings(table) }
    snapshots = try Self.snapshots(settings, stepCount: stepCount)
    logInterval = settings.integer("log_every")
    saveInterval = settings.integer("save_every")
    guard Self.isFileName(name) else {
      throw settings.error("name", expected: "letters, digits, '_', '-' and '.'", found: name)
    }
    let points: [Double] = kinds.flatMap { $0.share.knots.map(\.share) } + [0, 1]
    for point in points {
      guard kinds.contains(where: { $0.share.value(at: point) > 0 }) else {
        throw settings.error(
          "batches", expected: "a kind with a share above 0 at \(point) of the run", found: "none")
      }
    }
  }

  private static func snapshots(
    _ settings: Settings, stepCount: Int
  ) throws(SettingError) -> [(name: String, step: Int)] {
    var snapshots: [(name: String, step: Int)] = []
    for snapshot in try settings.tables("snapshots", snapshotSpecification) {
      let name = snapshot.string("name")
      guard isFileName(name), !snapshots.contains(where: { $0.name == name }) else {
        throw snapshot.error(
          "name", expected: "a new name of letters, digits, '_', '-' and '.'", found: name)
      }
      let step = Int((snapshot.number("at") * Double(stepCount)).rounded())
      snapshots.append((name, max(1, step)))
    }
    return snapshots
  }

  private static func isFileName(_ text: String) -> Bool {
    !text.hasPrefix(".") && text.utf8.count <= 100
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
  }
}

extension AdamW.Settings {
  fileprivate init(_ settings: Settings) {
    beta1 = settings.number("beta1")
    beta2 = settings.number("beta2")
    epsilon = settings.number("epsilon")
    weightDecay = settings.number("weight_decay")
    clipNorm = settings.number("clip_norm")
  }
}
