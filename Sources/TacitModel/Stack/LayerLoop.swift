import TacitTensor

/// What a model computes for a batch.
public struct ModelOutput {
  /// Residual stream after the last layer that ran, [rows of the wanted tail, D].
  public var residual: Tensor
  /// Residual streams asked for by layer, [rows of the wanted tail, D]; 0 is what enters the first
  /// layer.
  public var layers: [Int: Tensor]
}

extension LanguageModel {
  /// Runs the layers of a schedule: the only loop over layers there is.
  ///
  /// The last layer computes keys and values of every row but states of the wanted tail only,
  /// unless layers behind it need the states of all rows. A tap of a layer that does not run is the
  /// state at hand there; that of a layer that runs several times is the state after its last run.
  /// - Parameters:
  ///   - input: [T, D], token embeddings or vectors.
  ///   - positions: Position of each row.
  ///   - memory: Keys and values; gains the batch's.
  ///   - schedule: Which layers run.
  ///   - edits: What changes single rows.
  ///   - wanted: Layers whose residual stream is wanted too.
  /// - Returns: the states of the wanted tail.
  func forward(
    _ input: Tensor, positions: [Int32], memory: inout some AttentionMemory,
    schedule: LayerSchedule = .plain, edits: PassEdits? = nil, layers wanted: Set<Int> = []
  ) -> ModelOutput {
    observer?.willRun(rows: input.rows)
    let steps = schedule.isPlain ? plainSteps : schedule.steps(layerCount: layers.count)
    let tail = memory.picker(.wantedTail)
    let places = encoding.places(positions, tail: tail)
    // Behind this step no layer needs the states of all rows.
    let lastRun = steps.lastIndex { $0.runs || schedule.unread == .projected } ?? 0
    var states = encoding.placed(input, positions)  // [T, D]
    states = edits.applied(to: states, at: .embedding, .all)
    var loopStart = states
    var isTail = false
    var taps: [Int: Tensor] = [:]
    if wanted.contains(0) { taps[0] = tail(states) }
    for (index, step) in steps.enumerated() {
      if step.runs {
        if step.opensLoop { loopStart = states }
        isTail = index == lastRun
        states = run(step, states, places, &memory, isTail ? .wantedTail : .all, edits)
        if let share = step.loopStep {
          let start = isTail ? tail(loopStart) : loopStart
          states = start.adding(states.adding(start, scale: -1), scale: share)
        }
        states = edits.applied(
          to: states, at: .residual(layer: step.layer), isTail ? .wantedTail : .all)
      } else {
        fill(step, states, places, &memory, schedule.unread)
      }
      if wanted.contains(step.layer + 1) {
        taps[step.layer + 1] = isTail ? states : tail(states)
      }
    }
    return ModelOutput(residual: isTail ? states : tail(states), layers: taps)
  }

  private func run(
    _ step: ScheduleStep, _ input: Tensor, _ places: RowPlaces,
    _ memory: inout some AttentionMemory,
    _ subset: RowSubset, _ edits: PassEdits?
  ) -> Tensor {
    let layer = layers[step.layer]
    let asking = memory.picker(subset)
    let (query, key, value) = layer.heads(input, places, asking: asking)
    let attended = memory.attend(
      step, query: query, key: key, value: value, subset: subset, window: layer.window,
      edits: edits)
    let middle = asking(input).adding(
      edits.applied(
        to: layer.attentionOutput(attended), at: .attention(layer: step.layer), subset))
    return middle.adding(
      edits.applied(to: layer.feedForward(middle), at: .feedForward(layer: step.layer), subset))
  }

  private func fill(
    _ step: ScheduleStep, _ states: Tensor, _ places: RowPlaces,
    _ memory: inout some AttentionMemory, _ unread: LayerSchedule.UnreadColumns
  ) {
    switch unread {
    case .projected:
      let (key, value) = layers[step.layer].keysAndValues(states, places)
      memory.store(step, key: key, value: value)
    case .copied(let column): memory.copyColumns(step, from: column)
    }
  }
}
