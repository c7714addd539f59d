import TacitTensor

extension Engine {
  /// The gradient, with respect to the next row, of a loss of that row and of the state after it.
  ///
  /// The memory is a constant and stays as it is. Charged as one row that is read, with twice the
  /// arithmetic: the way back through the inputs costs as much as the way there.
  /// - Parameters:
  ///   - row: Vector that is read behind the memory, D components.
  ///   - session: Memory that it sees.
  ///   - ledger: Where the cost is counted.
  ///   - loss: One number made of the state after the final norm and the row, [1, D] each.
  /// - Returns: D components.
  /// - Throws: ``EngineError`` for a row that the model cannot read.
  public func gradient(
    at row: [Float], after session: Session, ledger: Ledger,
    of loss: (_ state: Tensor, _ row: Tensor) -> Tensor
  ) throws(EngineError) -> [Float] {
    try validate(ForwardRequest(rows: [.vector(row)]), session: session)
    let memoryBytes = session.count * layout.columnStride * layout.layerCount * 4
    ledger.meter.add(memoryBytes)
    defer { ledger.meter.remove(memoryBytes) }
    let past = RecordedSession(session, configuration: configuration)
    var memory = RecordedMemory([RecordedPart(past, rowCount: 1)], configuration: configuration)
    let tape = Tape()
    let input = tape.watching(Tensor([row]))
    let value = tape.recording {
      let output = model.forward(
        input, positions: memory.positions, memory: &memory, layers: [])
      return loss(model.normalize(output.residual), input)
    }
    tape.backward(from: value)
    var counts = configuration.cost(ofRows: session.count..<session.count + 1, wanted: 1)
    counts.floatingPointOperations *= 2
    counts.forwardPasses = 1
    counts.positions = 1
    ledger.add(counts)
    return tape.gradient(of: input)[0]
  }
}
