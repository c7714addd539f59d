import Synchronization
import TacitModel

/// What one run of a pipeline on one sample shares among all copies of its state.
final class SampleRuntime: Sendable {
  let models: ReasoningModels
  let sample: SampleInput
  let options: RunOptions
  let budget: Budget
  /// An empty sequence, whose account is the sample's.
  let root: ModelSequence
  let start: ContinuousClock.Instant
  private let recorded = Mutex((steps: [TraceStep](), count: 0, firstToken: Duration?.none))
  private let isBranch: Bool
  private let retired = Mutex<[KeyValueMemory]>([])
  private let asksOracle = Mutex(false)
  private let draws = Mutex((invocations: 0, numbers: 0))

  init(
    models: ReasoningModels, sample: SampleInput, options: RunOptions, budget: Budget,
    start: ContinuousClock.Instant = .now, isBranch: Bool = false
  ) {
    self.start = start
    self.isBranch = isBranch
    self.models = models
    self.sample = sample
    self.options = options
    self.budget = budget
    root = models.main.network.makeSequence(positionLimit: budget.positions)
  }

  /// What the sample has cost so far, branches that have ended included.
  var counts: Counts { root.ledger.counts }

  var trace: [TraceStep] { recorded.withLock { $0.steps } }

  var durationToFirstToken: Duration? { recorded.withLock { $0.firstToken } }

  /// Whether a stage has seen a verdict that knows the right answer.
  var isOracle: Bool { asksOracle.withLock { $0 } }

  /// Takes note of such a verdict.
  func noteOracle() { asksOracle.withLock { $0 = true } }

  /// Numbers a step and keeps it if a trace is wanted.
  func record(_ makeStep: (Int) -> TraceStep) {
    recorded.withLock { recorded in
      if options.trace != .none { recorded.steps.append(makeStep(recorded.count)) }
      recorded.count += 1
    }
  }

  /// A number for the next stage that a recipe's own stage runs, from 1.
  ///
  /// Restoring a state does not take it back: two answers from one memory are drawn differently.
  func nextInvocation() -> Int {
    draws.withLock {
      $0.invocations += 1; return $0.invocations
    }
  }

  /// A number for the next draw of a recipe's own stage, from 0.
  func nextDraw() -> Int {
    draws.withLock {
      $0.numbers += 1; return $0.numbers - 1
    }
  }

  /// Counts a token; a prescribed one says nothing about when the model answered.
  func countToken(isSampled: Bool) {
    root.ledger.countToken()
    guard isSampled else { return }
    recorded.withLock { $0.firstToken = $0.firstToken ?? (ContinuousClock.now - start) }
  }
}

// MARK: Branches

extension SampleRuntime {
  /// A runtime with costs, steps and random numbers of its own, until it is absorbed.
  func branch(seed: UInt64, budget: Budget) -> SampleRuntime {
    var options = options
    options.seed = seed
    options.onText = nil
    return SampleRuntime(
      models: models, sample: sample, options: options, budget: budget, start: start,
      isBranch: true)
  }

  /// Keeps memory that a branch lets go until all branches have ended.
  ///
  /// When others let go of theirs is a matter of timing, of which the peak must be independent.
  func retire(_ memory: KeyValueMemory) {
    if isBranch { retired.withLock { $0.append(memory) } }
  }

  /// Takes over costs and steps of a branch that has ended.
  func absorb(_ branch: SampleRuntime, number: Int) {
    root.ledger.absorb(branch.root.ledger)
    if branch.isOracle { noteOracle() }
    for memory in branch.retired.withLock({ $0 }) { retire(memory) }
    let (steps, count, firstToken) = branch.recorded.withLock { $0 }
    recorded.withLock { recorded in
      for var step in steps {
        step.step += recorded.count
        let inner = step.details["branch"]?.string.map { ".\($0)" } ?? ""
        step.details["branch"] = .string("\(number)\(inner)")
        recorded.steps.append(step)
      }
      recorded.count += count
      recorded.firstToken = [recorded.firstToken, firstToken].compactMap(\.self).min()
    }
  }
}

/// One question as a pipeline sees it.
public struct SampleInput: Sendable {
  /// Name in messages and in the key of random numbers: "gsm8k/17".
  public var name: String
  /// The question.
  public var question: String
  /// Number of the repeat, from 0.
  public var repetition: Int

  /// A question; `name` decides its random numbers.
  public init(name: String, question: String, repetition: Int = 0) {
    self.name = name
    self.question = question
    self.repetition = repetition
  }
}

/// How a pipeline is run, apart from what the recipe says.
public struct RunOptions: Sendable {
  /// How much of each step is kept.
  public enum Trace: Sendable {
    /// Nothing.
    case none
    /// Everything but vectors.
    case steps
    /// Vectors too.
    case vectors
  }

  /// Seed of the run.
  public var seed: UInt64
  /// How much of each step is kept.
  public var trace: Trace
  /// Receives text as it is emitted.
  public var onText: (@Sendable (String) -> Void)?
  /// The answer within a text, for stages of recipes that ask for it.
  public var answer: @Sendable (String) -> String?
  /// What is to be thought of a text by the right answer, from 0 to 1; nil where none is known.
  public var score: (@Sendable (String) throws -> Double)?

  /// Seed 0 and no trace by default.
  public init(
    seed: UInt64 = 0, trace: Trace = .none, onText: (@Sendable (String) -> Void)? = nil,
    answer: @escaping @Sendable (String) -> String? = { $0 },
    score: (@Sendable (String) throws -> Double)? = nil
  ) {
    self.seed = seed
    self.trace = trace
    self.onText = onText
    self.answer = answer
    self.score = score
  }
}
