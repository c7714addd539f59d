import TacitTensor

extension Engine {
  /// Runs one batch: some rows of each reading request, all projections and all mixtures.
  func step(_ requests: [PendingRequest]) {
    let parts = partition(requests)
    var heads: [HeadRows] = []
    for group in Self.bySchedule(parts) { read(group, heads: &heads) }
    for request in requests {
      if case .project(let hidden) = request.work {
        heads.append(HeadRows(request: request, hidden: hidden))
      }
    }
    project(heads)
    mix(requests)
    for part in parts {
      part.finish(configuration)
      let request = part.request
      if request.holdsOnlyPrompt { prefixes.insert(request.memory, tokens: request.promptTokens) }
    }
  }

  /// Parts whose layers run alike, in the order in which their schedules first occur.
  private static func bySchedule(_ parts: [BatchPart]) -> [[BatchPart]] {
    guard parts.contains(where: { !$0.wish.runsEveryLayerOnce }) else {
      return parts.isEmpty ? [] : [parts]
    }
    var groups: [[BatchPart]] = []
    var indices: [LayerSchedule: Int] = [:]
    for part in parts {
      let index = indices[part.wish.schedule, default: groups.count]
      indices[part.wish.schedule] = index
      if index == groups.count { groups.append([]) }
      groups[index].append(part)
    }
    return groups
  }

  /// Short requests first, as far as there is room: no step of decoding waits for a long prompt.
  ///
  /// Blocks that are read in one pass or not at all come before them.
  private func partition(_ requests: [PendingRequest]) -> [BatchPart] {
    var readers = sharingPrefixes(requests)
    if readers.count > 1 {
      readers.sort {
        $0.canBeCut == $1.canBeCut ? $0.remaining < $1.remaining : !$0.canBeCut
      }
    }
    var parts: [BatchPart] = []
    parts.reserveCapacity(readers.count)
    var room = Self.maximumBatchRows
    for request in readers {
      guard room > 0 else { break }
      guard case .read(let wish) = request.work, request.remaining > 0 else { continue }
      let count = min(request.remaining, room)
      guard wish.canBeCut || count == request.remaining else { continue }
      parts.append(BatchPart(request, wish, rowCount: count))
      room -= count
    }
    return parts
  }

  /// Gives prompts the pages that are known, and leaves out those that had better wait because
  /// another one is about to read more of the same tokens.
  private func sharingPrefixes(_ requests: [PendingRequest]) -> [PendingRequest] {
    guard requests.contains(where: \.canSharePages) else { return requests }
    var reading: [PendingRequest] = []
    return requests.filter { request in
      guard request.canSharePages else { return true }
      let before = request.memory.count
      prefixes.extend(&request.memory, along: request.promptTokens)
      request.skip(request.memory.count - before, configuration)
      let keptColumns = prefixes.maximumDepth * PageLayout.columnCount
      let waits = reading.contains { other in
        min(other.sharedPrefix(with: request), keptColumns) > request.memory.count
      }
      if !waits { reading.append(request) }
      return !waits
    }
  }

  private func read(_ parts: [BatchPart], heads: inout [HeadRows]) {
    let schedule = parts[0].wish.schedule
    let repeatedRuns = schedule.repeatedRuns(layerCount: configuration.layerCount)
    var positions: [Int32] = []
    var layers: Set<Int> = []
    var edits: [PassEdits.Part] = []
    var tailCount = 0
    for part in parts {
      if !repeatedRuns.isEmpty { part.request.memory.arrange(for: repeatedRuns) }
      part.request.memory.makeRoom(for: part.rowCount)
      if part.wish.editsRows { edits.append(part.edits(from: positions.count, tailCount)) }
      tailCount += part.wantedCount
      let first = Int32(part.request.memory.nextPosition)
      for offset in 0..<Int32(part.rowCount) { positions.append(first + offset) }
      for case (.residual(let layer), _) in part.wish.states { layers.insert(layer) }
    }
    var memory = PagedMemory(parts: parts, shape: attentionShape)
    let output = model.forward(
      embed(parts, rowCount: positions.count), positions: positions, memory: &memory,
      schedule: schedule, edits: PassEdits(edits), layers: layers)
    let needsNorm = parts.contains { $0.needsFinalNorm }
    let hidden = needsNorm ? model.normalize(output.residual) : output.residual
    var start = 0
    for part in parts {
      let tail = start..<start + part.wantedCount
      start = tail.upperBound
      guard !tail.isEmpty else { continue }
      for (tap, rows) in part.wish.states {
        let rows = part.select(rows, of: tail)
        guard !rows.isEmpty else { continue }
        let source =
          switch tap {
          case .finalNorm: hidden
          case .preNorm: output.residual
          case .residual(let layer): output.layers[layer] ?? output.residual
          }
        part.deliver(source.slice(rows: rows), for: tap)
      }
      guard let logits = part.wish.logits else { continue }
      let headRows = part.select(logits, of: tail)
      if !headRows.isEmpty {
        heads.append(HeadRows(request: part.request, hidden: hidden.slice(rows: headRows)))
      }
    }
  }

  /// Embeds the rows of all parts: tokens by look-up, vectors as they are. [T, D]
  private func embed(_ parts: [BatchPart], rowCount: Int) -> Tensor {
    var ids: [Int32] = []
    ids.reserveCapacity(rowCount)
    var vectorCount = 0
    for part in parts {
      for row in part.rows {
        if case .token(let id) = row {
          ids.append(Int32(id))
        } else {
          ids.append(0)
          vectorCount += 1
        }
      }
    }
    guard vectorCount > 0 else { return model.embed(ids) }
    let width = configuration.hiddenSize
    var input =
      vectorCount < rowCount
      ? model.embed(ids) : Tensor(rows: rowCount, columns: width, uninitialized: { _ in })
    input.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress.unsafelyUnwrapped
      for part in parts {
        for row in part.rows {
          if case .vector(let vector) = row { start.update(from: vector, count: width) }
          start += width
        }
      }
    }
    return input
  }

  /// Computes the head once for all rows that want logits.
  private func project(_ heads: [HeadRows]) {
    guard !heads.isEmpty else { return }
    let logits = model.project(Tensor.concatenated(heads.map(\.hidden)))
    var start = 0
    for head in heads {
      let rows = start..<start + head.hidden.rows
      start = rows.upperBound
      head.request.deliver(logits: logits.slice(rows: rows))
      head.request.ledger.add(configuration.headCost(ofRows: rows.count))
    }
  }

  /// Reads a matrix once for all mixtures of its rows.
  private func mix(_ requests: [PendingRequest]) {
    guard requests.contains(where: \.mixes) else { return }
    for matrix in VocabularyMatrix.allCases {
      var mixing: [(request: PendingRequest, weights: Tensor)] = []
      for request in requests {
        if case .mix(let weights, of: matrix) = request.work { mixing.append((request, weights)) }
      }
      guard !mixing.isEmpty else { continue }
      let mixtures = model.mix(Tensor.concatenated(mixing.map(\.weights)), of: matrix)
      var start = 0
      for (request, weights) in mixing {
        request.mixture = mixtures.slice(rows: start..<start + weights.rows)
        start += weights.rows
        var counts = configuration.headCost(ofRows: weights.rows)
        counts.headRows = 0
        request.ledger.add(counts)
      }
    }
  }
}

/// States whose logits are wanted.
private struct HeadRows {
  let request: PendingRequest
  let hidden: Tensor
}
