import TacitFault

/// Which layers run, in which order and how often.
public struct LayerSchedule: Sendable, Hashable {
  /// A block of layers that runs several times in a row.
  public struct Loop: Sendable, Hashable {
    /// The block, layers from 0.
    public var layers: Range<Int>
    /// How often it runs.
    public var times: Int
    /// The share β of each run's change that is taken: x + β · (F(x) - x); 1 takes all of it.
    public var step: Float

    /// Describes a loop.
    public init(_ layers: Range<Int>, times: Int, step: Float = 1) {
      self.layers = layers
      self.times = times
      self.step = step
    }
  }

  /// What the columns of layers that do not run hold.
  public enum UnreadColumns: Sendable, Hashable {
    /// Keys and values that the layer makes of the state at hand where it would have run.
    case projected
    /// A copy of what an earlier column holds, counted from the first column of the memory.
    case copied(from: Int)
  }

  /// Blocks that run several times; they do not overlap.
  public var loops: [Loop]
  /// Layers that do not run.
  public var skipped: Set<Int>
  /// Layers from this one on do not run; nil runs all.
  public var end: Int?
  /// What columns of layers that do not run hold.
  public var unread: UnreadColumns

  /// Every layer once.
  public static let plain = LayerSchedule()

  /// A schedule that differs from ``plain`` in what is given.
  public init(
    loops: [Loop] = [], skipped: Set<Int> = [], end: Int? = nil,
    unread: UnreadColumns = .projected
  ) {
    self.loops = loops
    self.skipped = skipped
    self.end = end
    self.unread = unread
  }
}

/// A run of a layer beyond its first in one pass; it has keys and values of its own.
struct RepeatedRun: Sendable, Hashable {
  let layer: Int
  /// Number of the run, from 1.
  let repetition: Int
}

/// One step of a pass through the stack.
struct ScheduleStep: Sendable, Equatable {
  let layer: Int
  /// Number of the layer's run in this pass, from 0.
  var repetition = 0
  /// Where a page holds the keys and values: the layer, or a place behind those of all layers.
  var slot: Int
  /// Whether the layer runs, or only its columns are filled.
  var runs = true
  /// Whether a loop's run begins here.
  var opensLoop = false
  /// Share of the change that is taken where a loop's run ends here; nil elsewhere.
  var loopStep: Float?
}

extension LayerSchedule {
  /// Whether every layer runs once.
  var isPlain: Bool { loops.isEmpty && skipped.isEmpty && end == nil }

  /// The steps of a pass through a stack of `layerCount` layers.
  func steps(layerCount: Int) -> [ScheduleStep] {
    var steps: [ScheduleStep] = []
    var slot = layerCount
    var layer = 0
    while layer < layerCount {
      guard let loop = loops.first(where: { $0.layers.lowerBound == layer && !$0.layers.isEmpty })
      else {
        steps.append(ScheduleStep(layer: layer, slot: layer, runs: runs(layer)))
        layer += 1
        continue
      }
      let running = loop.layers.filter(runs)
      for repetition in 0..<loop.times {
        for layer in repetition == 0 ? Array(loop.layers) : running {
          var step = ScheduleStep(layer: layer, repetition: repetition, slot: layer)
          step.runs = runs(layer)
          if repetition > 0 {
            step.slot = slot
            slot += 1
          }
          step.opensLoop = layer == running.first
          step.loopStep = layer == running.last && loop.step != 1 ? loop.step : nil
          steps.append(step)
        }
      }
      layer = loop.layers.upperBound
    }
    return steps
  }

  /// Runs that need keys and values beside those of each layer's first, by their slots' order.
  func repeatedRuns(layerCount: Int) -> [RepeatedRun] {
    guard !loops.isEmpty else { return [] }
    return steps(layerCount: layerCount).filter { $0.repetition > 0 }.map {
      RepeatedRun(layer: $0.layer, repetition: $0.repetition)
    }
  }

  private func runs(_ layer: Int) -> Bool { !skipped.contains(layer) && layer < end ?? .max }

  func validate(layerCount: Int, columns: Int) throws(Fault) {
    guard !isPlain else { return }
    let layers = 0..<layerCount
    for loop in loops {
      guard loop.layers.lowerBound >= 0, loop.layers.upperBound <= layerCount,
        !loop.layers.isEmpty
      else {
        throw .plan("a loop's layers", expected: "within \(layers)", found: "\(loop.layers)")
      }
      guard (1...256).contains(loop.times) else {
        throw .plan("runs of a loop", expected: "1 to 256", found: "\(loop.times)")
      }
      guard loop.step.isFinite else {
        throw .plan("the step of a loop", expected: "a finite number", found: "\(loop.step)")
      }
    }
    let sorted = loops.map(\.layers).sorted { $0.lowerBound < $1.lowerBound }
    for (loop, next) in zip(sorted, sorted.dropFirst()) where loop.overlaps(next) {
      throw .plan("loops", expected: "blocks that do not overlap", found: "\(loop) and \(next)")
    }
    if let layer = skipped.first(where: { !layers.contains($0) }) {
      throw .plan("a skipped layer", expected: "within \(layers)", found: "\(layer)")
    }
    if let end, !(1...layerCount).contains(end) {
      throw .plan("the end of the schedule", expected: "1 to \(layerCount)", found: "\(end)")
    }
    guard layers.contains(where: runs) else {
      throw .plan("the schedule", expected: "a layer that runs", found: "none")
    }
    if case .copied(let column) = unread, !(0..<columns).contains(column) {
      throw .plan(
        "the column to copy", expected: "one of \(columns) in the memory", found: "\(column)")
    }
  }
}
