import TacitFault
import TacitTensor

/// One sequence of a model: its key/value memory, its positions, and rows that wait to be read.
///
/// The one door to a model. A value: assigning it forks it, and both sides share their pages until
/// one of them writes. Rows that are fed wait until something is asked for, so that the model reads
/// as many as possible in one pass; this changes no result. Whatever is read is charged to the
/// sequence's account.
public struct ModelSequence: Sendable {
  private let engine: Engine
  /// Whether vectors that it reads count as thoughts of the account.
  private let countsThoughts: Bool
  /// Where its reads are charged.
  public private(set) var ledger: Ledger
  /// Keys and values of the rows that were read.
  public private(set) var memory: KeyValueMemory
  /// Rows that wait, with the plan through which they will be read.
  private var waiting: [(rows: [InputRow], plan: StackPlan?)] = []

  /// The plan of rows that are fed from here on; nil is the plain one.
  private var standing: StackPlan?

  /// How rows that are fed from here on pass through the stack.
  public var plan: StackPlan {
    get { standing ?? .plain }
    set { standing = newValue.isPlain ? nil : newValue }
  }

  init(_ engine: Engine, _ ledger: Ledger, countsThoughts: Bool = true) {
    self.engine = engine
    self.countsThoughts = countsThoughts
    self.ledger = ledger
    memory = engine.makeMemory(ledger)
  }

  /// What config.json says.
  public var configuration: ModelConfiguration { engine.configuration }

  /// Rows that wait to be read.
  public var waitingCount: Int { waiting.reduce(0) { $0 + $1.rows.count } }

  /// Rows that wait under the last of the plans, from which outputs are counted.
  package var lastWaitingCount: Int { waiting.last?.rows.count ?? 0 }

  /// Rows read or waiting to be read.
  public var rowCount: Int { memory.count + waitingCount }

  /// Rows that still fit the model's context.
  public var remainingContext: Int {
    engine.configuration.maximumPositions - memory.nextPosition - waitingCount
  }

  /// Feeds rows, which wait until something is asked for.
  public mutating func feed(_ rows: some Sequence<InputRow>) {
    let rows = Array(rows)
    guard !rows.isEmpty else { return }
    if let last = waiting.indices.last, waiting[last].plan == standing {
      waiting[last].rows.append(contentsOf: rows)
    } else {
      waiting.append((rows, standing))
    }
  }

  /// Reads the rows that wait.
  ///
  /// What is wanted is counted from the first of the rows that pass through the last of the plans:
  /// rows that were fed under other plans are read before.
  /// - Parameter want: Outputs wanted.
  /// - Returns: the outputs.
  /// - Throws: ``Fault`` for rows or plans that the model cannot serve; ``BudgetExhausted``
  ///   when the account allows no more positions; `CancellationError`. The rows of a plan that fails
  ///   still wait.
  public mutating func read(want: [Want] = [.states()]) async throws -> Readout {
    while waiting.count > 1 { _ = try await readFirst(want: []) }
    guard !waiting.isEmpty else { return Readout() }
    return try await readFirst(want: want)
  }

  /// Feeds rows and reads them together with those that wait.
  /// - Parameters:
  ///   - rows: Rows to read.
  ///   - want: Outputs wanted, counted from the first of the rows that pass through the plan.
  ///   - plan: How they pass; nil is the sequence's own plan.
  /// - Returns: the outputs.
  /// - Throws: as ``read(want:)``.
  public mutating func read(
    _ rows: some Sequence<InputRow>, want: [Want] = [.states()], through plan: StackPlan? = nil
  ) async throws -> Readout {
    let standing = standing
    if let plan { self.plan = plan }
    feed(rows)
    self.standing = standing
    return try await read(want: want)
  }

  private mutating func readFirst(want: [Want]) async throws -> Readout {
    try ledger.checkPositions(adding: waiting[0].rows.count)
    let request = ForwardRequest(
      rows: waiting[0].rows, want: want, through: waiting[0].plan, countsThoughts: countsThoughts)
    let readout = try await engine.forward(request, memory: &memory, ledger: ledger)
    waiting.removeFirst()
    return readout
  }
}

// MARK: Without reading

extension ModelSequence {
  /// Logits of a state that is already known, without a forward pass: D components to V.
  /// - Throws: ``Fault/vectorWidth(found:expected:)``; `CancellationError`.
  public func logits(of hidden: [Float]) async throws -> [Float] {
    try await logits(of: Tensor([hidden]))[0]
  }

  /// Logits of states that are already known, without a forward pass: [rows, D] to [rows, V].
  /// - Throws: as for one state.
  public func logits(of states: Tensor) async throws -> Tensor {
    try await engine.project(states, ledger: ledger)
  }

  /// The sum of embedding rows, weighted: V weights to D components.
  /// - Throws: `CancellationError`.
  public func softEmbedding(_ weights: [Float]) async throws -> [Float] {
    try await engine.mix(Tensor([weights]), of: .embedding, ledger: ledger)[0]
  }

  /// Sums of rows of the output head, weighted: [rows, V] to [rows, D].
  /// - Throws: `CancellationError`.
  public func headMixture(_ weights: Tensor) async throws -> Tensor {
    try await engine.mix(weights, of: .head, ledger: ledger)
  }
}

// MARK: Memory

extension ModelSequence {
  /// A second sequence that starts out equal.
  public func fork() -> ModelSequence { self }

  /// An empty sequence of a model that is charged to the same account; vectors that it reads are
  /// not thoughts of that account.
  public func sibling(on network: Network) -> ModelSequence {
    ModelSequence(network.engine, ledger, countsThoughts: false)
  }

  /// Charges what is read from here on to another account; pages that the sequence takes still
  /// count where those before them do.
  public mutating func charge(to ledger: Ledger) { self.ledger = ledger }

  /// Forgets everything that was read and whatever waits.
  public mutating func reset() {
    memory = engine.makeMemory(ledger)
    waiting = []
  }

  /// Keeps the first `count` columns; the next row continues after the last one kept.
  ///
  /// Rows that wait are dropped first; columns of the memory go where that does not suffice.
  /// - Throws: ``Fault/columns(_:found:held:)`` for more rows than there are.
  public mutating func crop(to count: Int) throws(Fault) {
    guard (0...rowCount).contains(count) else {
      throw .columns("a crop", found: count, held: rowCount)
    }
    var surplus = rowCount - count
    while surplus > 0, let last = waiting.indices.last {
      let dropped = min(surplus, waiting[last].rows.count)
      waiting[last].rows.removeLast(dropped)
      surplus -= dropped
      if waiting[last].rows.isEmpty { waiting.removeLast() }
    }
    if surplus > 0 { memory.crop(to: memory.count - surplus) }
  }

  /// Keeps the last `count` columns with the positions they have.
  /// - Parameters:
  ///   - count: Columns at most.
  ///   - restartsPositions: Whether the next row gets the position `count`, as if the columns kept
  ///     began at 0; else it continues as if nothing had been dropped.
  /// - Throws: as ``read(want:)``, for rows that wait are read first.
  public mutating func keepTail(_ count: Int, restartsPositions: Bool = false) async throws {
    if !waiting.isEmpty { _ = try await read(want: []) }
    memory.keepTail(min(max(count, 0), memory.count))
    if restartsPositions { memory.nextPosition = memory.count }
  }

  /// Adds the columns of another sequence of the model after this one's, with their positions.
  ///
  /// The next row continues after the highest position of both.
  /// - Throws: as ``read(want:)``, for rows that wait are read first; ``Fault`` for a sequence of
  ///   another model.
  public mutating func append(_ other: ModelSequence) async throws {
    guard engine === other.engine else {
      throw Fault(
        "memory to append", expected: "columns of the same model", found: "those of another one")
    }
    if !waiting.isEmpty { _ = try await read(want: []) }
    var other = other
    if !other.waiting.isEmpty { _ = try await other.read(want: []) }
    memory.append(other.memory)
  }
}

// MARK: Gradients

extension ModelSequence {
  /// The gradient, with respect to the next row, of a loss of that row and of the state after it.
  ///
  /// The memory is a constant and stays as it is. Charged as one row that is read, with twice the
  /// arithmetic: the way back through the inputs costs as much as the way there.
  /// - Parameters:
  ///   - row: Vector that is read behind the memory, D components.
  ///   - plan: How it passes; nil is the sequence's own plan. Visibility has no meaning for one row.
  ///   - loss: One number made of the state after the final norm and the row, [1, D] each.
  /// - Returns: D components.
  /// - Throws: as ``read(want:)``; rows that wait are read first.
  public mutating func gradient(
    at row: [Float], through plan: StackPlan? = nil,
    of loss: (_ state: Tensor, _ row: Tensor) -> Tensor
  ) async throws -> [Float] {
    if !waiting.isEmpty { _ = try await read(want: []) }
    var plan = plan ?? self.plan
    plan.visibility = .causal
    try ledger.checkPositions(adding: 1)
    try Task.checkCancellation()
    try engine.validate(ForwardRequest(rows: [.vector(row)], through: plan), memory: memory)
    let memoryBytes = memory.count * engine.layout.columnStride * memory.layout.layerCount * 4
    ledger.meter.add(memoryBytes)
    defer { ledger.meter.remove(memoryBytes) }
    let past = RecordedSession(memory, configuration: configuration)
    var pass = try RecordedMemory(
      [RecordedPart(past, rowCount: 1)], through: [plan], configuration: configuration)
    let tape = Tape()
    let input = tape.watching(Tensor([row]))
    let value = tape.recording {
      let output = engine.model.forward(input, memory: &pass)
      return loss(engine.model.normalize(output.residual), input)
    }
    tape.backward(from: value)
    var counts = configuration.cost(
      ofRows: memory.count..<memory.count + 1, wanted: 1, plan: plan)
    counts.floatingPointOperations *= 2
    counts.forwardPasses = 1
    counts.positions = 1
    ledger.add(counts)
    return tape.gradient(of: input)[0]
  }
}
