import TacitFault
import TacitJSON
import TacitReasoning

/// Everything that decides what a run computes: the options of `tacit.training`.
public struct TrainingSettings: Configurable {
  /// Name of the run and of its folder.
  @Option("Name of the run, and of its folder below runs/train.") public var name: String
  /// Seed of all random numbers.
  @Option("Seed of all random numbers.") public var seed: UInt64 = 0
  /// Steps of the optimiser.
  @Option("Steps of the optimiser.", 1...100_000_000, name: "steps") public var stepCount: Int
  /// The model whose tokenizer is used.
  @Option("Model whose tokenizer is used.") public var tokenizer = "prosqa"
  /// The model whose weights the run begins with; nil is random weights.
  @Option("Model whose weights are the first ones; unset is random weights.")
  public var start: String?
  @Option("The network, unless `start` names it.", name: "model")
  private var givenModel: ModelSettings?
  @Option("Random weights, unless `start` names others.", name: "init")
  private var givenInitialization: InitializationSettings?
  @Option("AdamW and its learning rate.") var optimizer = OptimizerSettings()
  @Option("Graphs and questions.") var problems = ProblemSettings()
  @Option("Graphs of a batch.", 1...4096, name: "graphs") var graphCount = 16
  /// Batches whose gradients make one step.
  @Option("Batches whose gradients make one step.", 1...4096, name: "accumulate")
  public var batchesPerStep = 1
  @Option("Kinds of batches.", name: "batches") var kinds: [BatchKind]
  /// Nil leaves thoughts alone.
  @Option("Supervision of thoughts; unset leaves them alone.")
  var thoughtTargets: ThoughtTargetSettings?
  /// Accuracy on held-out questions; nil is none.
  @Option("Accuracy while the run goes on.") public var evaluation: EvaluationSettings?
  @Option("Copies of the model that are kept.", name: "snapshots")
  private var givenSnapshots: [SnapshotSettings]?
  /// Texts of the model card, which change nothing that is computed.
  @Option("Texts of the model card.") var card = CardSettings()
  /// Steps between two lines of metrics.
  @Option("Steps between metrics.", 1...1_000_000, name: "log_every") public var logInterval = 50
  /// Steps between two savings.
  @Option("Steps between savings.", 1...1_000_000, name: "save_every")
  public var saveInterval = 500

  /// One without a name, steps and batches, which must be given.
  public init() {}

  /// All of it but the card, defaults included: the same settings always give the same bytes.
  public var json: JSON {
    .object(optionValues.filter { $0.key != "card" }.mapValues(\.json))
  }

  /// Copies of the model that are kept, by name, and after which step.
  public var snapshots: [(name: String, step: Int)] {
    (givenSnapshots ?? []).map { snapshot in
      (snapshot.name, max(1, Int((snapshot.share * Double(stepCount)).rounded())))
    }
  }

  /// The network, where no other model is the start.
  var model: ModelSettings { givenModel ?? ModelSettings() }

  /// The first weights, where no other model is the start.
  var initialization: Initialization {
    Initialization(
      settings: givenInitialization ?? InitializationSettings(), model: model, seed: seed)
  }
}

// MARK: Contradictions

extension TrainingSettings {
  /// Finds settings that contradict each other, and names that no folder can have.
  public func validate() throws(Fault) {
    try refuseEmpty("tokenizer", tokenizer)
    try refuseEmpty("start", start)
    for (option, isGiven) in [("model", givenModel != nil), ("init", givenInitialization != nil)]
    where start != nil && isGiven {
      throw Fault(option: option, expected: "nothing, as 'start' names a model", found: "a table")
    }
    do {
      try initialization.settings.check(model)
    } catch {
      throw error.below("init")
    }
    try validateSnapshots()
    guard Self.isFileName(name) else {
      throw Fault(option: "name", expected: "letters, digits, '_', '-' and '.'", found: name)
    }
    let points: [Double] = kinds.flatMap { $0.share.knots.map(\.share) } + [0, 1]
    for point in points {
      guard kinds.contains(where: { $0.share.value(at: point) > 0 }) else {
        throw Fault(
          option: "batches", expected: "a kind with a share above 0 at \(point) of the run",
          found: "none")
      }
    }
  }

  private func validateSnapshots() throws(Fault) {
    let names = (givenSnapshots ?? []).map(\.name)
    for (index, name) in names.enumerated() {
      guard Self.isFileName(name), !names[..<index].contains(name) else {
        throw Fault(
          option: "snapshots[\(index + 1)].name",
          expected: "a new name of letters, digits, '_', '-' and '.'", found: name)
      }
    }
  }

  private static func isFileName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix(".") && text.utf8.count <= 100
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
  }
}

extension Configurable {
  /// - Throws: ``Fault`` for a text without a character.
  func refuseEmpty(_ option: String, _ text: String?) throws(Fault) {
    guard text != "" else {
      throw Fault(option: option, expected: "a string that is not empty", found: "\"\" (string)")
    }
  }
}

// MARK: Tables

/// AdamW and its learning rate.
struct OptimizerSettings: OptionTable {
  @Option("Learning rate.", 0...10) var learningRate = Schedule(0.001)
  @Option("Steps over which the rate rises from 0 as well.", 0...1_000_000) var warmupSteps = 0
  @OptionGroup var adam = AdamW.Settings()
}

/// What thoughts are trained to hold.
struct ThoughtTargetSettings: OptionTable {
  enum Target: String, OptionChoice { case walk }

  @Option("What thought k holds: the ends of walks of k edges from the root, in equal parts.")
  var target = Target.walk
  @Option("Weight next to the loss of the tokens.", 0...100) var weight = Schedule(1)
}

/// A copy of the model that is kept.
struct SnapshotSettings: OptionTable {
  @Option("Name of its folder below snapshots/.") var name: String
  @Option("Share of the run after which it is taken.", 0...1, name: "at") var share: Double
}

/// Texts of the model card.
struct CardSettings: OptionTable {
  @Option("What the model is.") var summary: String?
  @Option("What its accuracies must not be taken for.") var caution: String?
}
