import TacitTensor

extension Engine {
  /// Runs one batch: some rows of each reading request, and all projections.
  func step(_ requests: [PendingRequest]) {
    var parts: [BatchPart] = []
    var room = Self.maximumBatchRows
    // Short requests first: a step of decoding never waits for a long prompt.
    let readers = sharingPrefixes(requests.filter { $0.remaining > 0 })
    for request in readers.sorted(by: { $0.remaining < $1.remaining }) where room > 0 {
      let count = min(request.remaining, room)
      parts.append(BatchPart(request, rowCount: count))
      room -= count
    }
    var heads: [HeadRows] = []
    if !parts.isEmpty { read(parts, heads: &heads) }
    for request in requests {
      if case .project(let hidden) = request.work {
        heads.append(
          HeadRows(request: request, hidden: Tensor(rows: 1, columns: hidden.count, values: hidden))
        )
      }
    }
    project(heads)
    for part in parts {
      part.finish()
      let request = part.request
      if request.holdsOnlyPrompt { prefixes.insert(request.session, tokens: request.promptTokens) }
    }
  }

  /// Gives prompts the pages that are known, and leaves out those that had better wait because
  /// another one is about to read more of the same tokens.
  private func sharingPrefixes(_ requests: [PendingRequest]) -> [PendingRequest] {
    var reading: [PendingRequest] = []
    return requests.filter { request in
      guard request.canSharePages else { return true }
      let before = request.session.count
      prefixes.extend(&request.session, along: request.promptTokens)
      request.skip(request.session.count - before, model.configuration)
      let keptColumns = prefixes.maximumDepth * PageLayout.columnCount
      let waits = reading.contains { other in
        min(other.sharedPrefix(with: request), keptColumns) > request.session.count
      }
      if !waits { reading.append(request) }
      return !waits
    }
  }

  private func read(_ parts: [BatchPart], heads: inout [HeadRows]) {
    for part in parts { part.request.session.makeRoom(for: part.rowCount) }
    var memory = PagedMemory(parts: parts, configuration: model.configuration)
    let layers = parts.reduce(into: Set<Int>()) { layers, part in
      for case .residual(let layer) in part.taps { layers.insert(layer) }
    }
    let output = model.forward(
      embed(parts), positions: parts.flatMap(\.positions), memory: &memory, layers: layers)
    let needsNorm = parts.contains { $0.needsFinalNorm }
    let hidden = needsNorm ? model.normalize(output.residual) : output.residual
    var start = 0
    for part in parts {
      let rows = start..<start + part.wantedCount
      start = rows.upperBound
      let first = part.request.session.count
      part.request.ledger.add(
        model.configuration.cost(
          ofRows: first..<first + part.rowCount, wanted: part.wantedCount))
      guard !rows.isEmpty else { continue }
      for tap in part.taps {
        let source =
          switch tap {
          case .finalNorm: hidden
          case .preNorm: output.residual
          case .residual(let layer): output.layers[layer] ?? output.residual
          }
        part.deliver(source.slice(rows: part.select(part.statesWanted, of: rows)), for: tap)
      }
      let headRows = part.select(part.logitsWanted, of: rows)
      if !headRows.isEmpty {
        heads.append(HeadRows(request: part.request, hidden: hidden.slice(rows: headRows)))
      }
    }
  }

  /// Embeds the rows of all parts: tokens by look-up, vectors as they are. [T, D]
  private func embed(_ parts: [BatchPart]) -> Tensor {
    let rows = parts.flatMap(\.rows)
    let ids = rows.map { if case .token(let id) = $0 { Int32(id) } else { Int32(0) } }
    var input = model.embed(ids)
    let width = input.columns
    input.withUnsafeMutableBufferPointer { buffer in
      for case (let index, .vector(let vector)) in rows.enumerated() {
        for component in 0..<width { buffer[index * width + component] = vector[component] }
      }
    }
    return input
  }

  /// Computes the head once for all rows that want logits.
  private func project(_ heads: [HeadRows]) {
    guard !heads.isEmpty else { return }
    let logits = model.project(Tensor.concatenated(heads.map(\.hidden)))
    let flops = 2.0 * Double(model.configuration.hiddenSize * model.configuration.vocabularySize)
    var start = 0
    for head in heads {
      let rows = start..<start + head.hidden.rows
      start = rows.upperBound
      head.request.deliver(logits: logits.slice(rows: rows))
      var counts = Counts()
      counts.headRows = rows.count
      counts.floatingPointOperations = flops * Double(rows.count)
      head.request.ledger.add(counts)
    }
  }
}

/// States whose logits are wanted.
private struct HeadRows {
  let request: PendingRequest
  let hidden: Tensor
}
