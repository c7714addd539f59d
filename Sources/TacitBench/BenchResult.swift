/// What was measured of one workload with one number of sessions.
public struct BenchResult: Sendable {
  /// The workload.
  public let workload: Workload
  /// Sessions that were alive.
  public let sessionCount: Int
  /// Positions that each session read in one repetition.
  public let positionCount: Int
  /// Steps of one repetition: one token or thought of each session, or all prompts.
  public let stepCount: Int
  /// Seconds of each repetition.
  public let seconds: Repetitions
  /// Multiply-adds times two of one repetition, as the engine counts them.
  public let floatingPointOperations: Double
  /// Bytes of weights that one step reads.
  public let weightByteCount: Int
  /// Bytes of keys and values that all sessions read in one repetition.
  public let keyValueBytesRead: Int
  /// Bytes of keys and values of all sessions at the end.
  public let keyValueByteCount: Int

  /// Positions of all sessions per second.
  public var positionsPerSecond: Repetitions {
    seconds.map { Double(self.sessionCount * self.positionCount) / $0 }
  }

  /// Milliseconds of one step.
  public var millisecondsPerStep: Repetitions {
    seconds.map { 1000 * $0 / Double(self.stepCount) }
  }

  /// Bytes of weights, keys and values that one step reads, on average.
  public var bytesPerStep: Double {
    Double(weightByteCount) + Double(keyValueBytesRead) / Double(stepCount)
  }

  /// Bytes of weights, keys and values per second, at the median.
  public var bytesPerSecond: Double { bytesPerStep * Double(stepCount) / seconds.median }

  /// Operations per second, at the median.
  public var operationsPerSecond: Double { floatingPointOperations / seconds.median }
}

/// A quantity that was measured several times.
public struct Repetitions: Sendable, Equatable {
  /// The values in the order of measurement; at least one.
  public let values: [Double]

  /// Keeps values; there must be one.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    self.values = values
  }

  /// The value in the middle, or the mean of the two there.
  public var median: Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The smallest value.
  public var minimum: Double { values.reduce(.infinity, min) }

  /// The largest value.
  public var maximum: Double { values.reduce(-.infinity, max) }

  func map(_ transform: (Double) -> Double) -> Repetitions { Repetitions(values.map(transform)) }
}
