import TacitFault
import TacitModel

extension ReasoningState {
  /// The state of the last row after the final norm, D components.
  /// - Throws: ``BudgetExhausted``; `Fault` when nothing was read or the model cannot read it.
  public mutating func hidden() async throws -> [Float] {
    if let lastHidden { return lastHidden }
    _ = try await flush(want: [.states()])
    return lastHidden ?? []
  }

  /// The logits of the last row, V components.
  /// - Throws: as ``hidden()``.
  public mutating func logits() async throws -> [Float] {
    if let lastLogits { return lastLogits }
    if let lastHidden {
      let logits = try await sequence.logits(of: lastHidden)
      lastLogits = logits
      return logits
    }
    _ = try await flush(want: [.states(), .logits()])
    return lastLogits ?? []
  }

  /// What a stage throws when no token can be drawn from the logits of the last row.
  public var nonFiniteLogits: Fault {
    Fault(
      "stage '\(stageName)', model '\(model.located.name)'", expected: "finite logits",
      found: "NaN or infinities after row \(rowCount)", hint: "the weights may be damaged")
  }

  /// The sum of embedding rows, weighted: V weights to D components.
  /// - Throws: `CancellationError`.
  public func softEmbedding(_ weights: [Float]) async throws -> [Float] {
    try await sequence.softEmbedding(weights)
  }

  /// Feeds rows and reads them at once, together with those that wait.
  /// - Parameters:
  ///   - rows: Thoughts, or rows that are part of the prompt or of the text already.
  ///   - want: Outputs wanted, counted from the first row that waited.
  /// - Returns: the outputs.
  /// - Throws: as ``hidden()``.
  public mutating func read(
    _ rows: some Sequence<InputRow>, want: [Want]
  ) async throws -> Readout {
    dropAhead()
    feed(Array(rows))
    return try await flush(want: want)
  }

  /// Reads the rows that wait; the last row's outputs are known from then on.
  private mutating func flush(want: [Want]) async throws -> Readout {
    guard rowCount > memoryCount else {
      guard rowCount == 0 else {
        throw Fault(
          "stage '\(stageName)'", expected: "a row after the \(rowCount) that were read",
          found: "none", hint: "what the last row led to was not kept; feed a row first")
      }
      throw Fault(
        "stage '\(stageName)'", expected: "something to read before it", found: "an empty prompt",
        hint: "the template or the question may be empty")
    }
    pinWaitingRows()
    var want = want
    var states: RowSelection?
    var logits: RowSelection?
    for case .states(.finalNorm, let rows) in want { states = rows }
    for case .logits(let rows) in want { logits = rows }
    if states == nil {
      states = .last
      want.append(.states())
    }
    let count = sequence.lastWaitingCount
    let readout = try await read(want)
    lastHidden = states?.includesLast(of: count) == true ? readout.hidden : nil
    lastLogits =
      logits?.includesLast(of: count) == true ? readout.logits.map { $0[$0.rows - 1] } : nil
    return readout
  }

  /// - Throws: as `ModelSequence.read(want:)`; a fault names the stages whose controls shaped the read.
  private mutating func read(_ want: [Want]) async throws -> Readout {
    do {
      return try await sequence.read(want: want)
    } catch var fault as Fault where !controls.isEmpty {
      let stages = controls.map { "'\($0.stage)'" }.joined(separator: ", ")
      fault.hint = fault.hint ?? "read through the stack as it was shaped by: \(stages)"
      throw fault
    }
  }

  /// Decides how the rows that wait will pass through the stack.
  mutating func pinWaitingRows() {
    guard !waiting.isEmpty else { return }
    if !controls.isEmpty {
      var plan = StackPlan.plain
      for entry in controls { entry.control.shape(&plan, read: readCount - entry.firstRead) }
      sequence.plan = plan
    }
    readCount += 1
    sequence.feed(waiting)
    waiting = []
  }
}
