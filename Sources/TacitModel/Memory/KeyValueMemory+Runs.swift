import TacitTensor

// Keys and values of layers that run more than once in a pass.

extension KeyValueMemory {
  /// Gives every page room for the runs named, in this order.
  ///
  /// A run that the columns did not have holds what the layer's last run before it holds, as if the
  /// loop had settled there. Runs that are not named are forgotten.
  mutating func arrange(for runs: [RepeatedRun]) {
    guard runs != repeatedRuns else { return }
    let base = layout.layerCount - repeatedRuns.count
    let sources =
      Array(0..<base)
      + runs.map { run in
        let held = repeatedRuns.indices.filter {
          repeatedRuns[$0].layer == run.layer && repeatedRuns[$0].repetition <= run.repetition
        }
        return held.max { repeatedRuns[$0].repetition < repeatedRuns[$1].repetition }
          .map { base + $0 } ?? run.layer
      }
    layout.layerCount = base + runs.count
    let (layout, meter) = (layout, meter)
    pages = pages.map {
      HeldPage(KeyValuePage($0.page, layout: layout, copying: sources), meter: meter)
    }
    repeatedRuns = runs
  }

  /// Fills the runs that the last `count` columns did not have in the pass that read them.
  mutating func settleRepeatedRuns(ofLast count: Int, read runs: [RepeatedRun]) {
    guard runs.isEmpty, !repeatedRuns.isEmpty else { return }
    let base = layout.layerCount - repeatedRuns.count
    for column in self.count - count..<self.count {
      let (page, offset) = place(column)
      let target = pages[page].page
      for (index, run) in repeatedRuns.enumerated() {
        target.copyColumn(
          offset, layer: base + index, from: target, column: offset, layer: run.layer)
      }
    }
  }
}
