import TacitModel
import TacitTensor

/// Everything that a benchmark found out.
public struct BenchReport: Sendable {
  /// What the command knows of its surroundings.
  public struct Surroundings: Sendable {
    /// The date in ISO 8601.
    public var date: String
    /// The version of the program.
    public var version: String
    /// What the processor calls itself.
    public var processor: String
    /// Processors that the process may use.
    public var coreCount: Int

    /// Takes note of where and when.
    public init(date: String, version: String, processor: String, coreCount: Int) {
      self.date = date
      self.version = version
      self.processor = processor
      self.coreCount = coreCount
    }
  }

  /// Where and when.
  public let surroundings: Surroundings
  /// Threads that shared the work.
  public let threadCount: Int
  /// Instructions of the kernels.
  public let instructions: InstructionSet
  /// The model.
  public let model: BenchModel
  /// What was asked for.
  public let settings: BenchSettings
  /// What the machine can do; nil where it was not measured.
  public let limits: MachineLimits?
  /// Most bytes resident until the model was loaded.
  public let peakBytesAfterLoading: Int?
  /// Most bytes resident until the last workload ended.
  public let peakBytesAtEnd: Int?
  /// The results.
  public let results: [BenchResult]

  /// Loads nothing and measures nothing: puts together what is known.
  public init(
    surroundings: Surroundings, model: BenchModel, settings: BenchSettings,
    limits: MachineLimits?, peakBytesAfterLoading: Int?, peakBytesAtEnd: Int?,
    results: [BenchResult]
  ) {
    self.surroundings = surroundings
    threadCount = Threads.count
    instructions = .current
    self.model = model
    self.settings = settings
    self.limits = limits
    self.peakBytesAfterLoading = peakBytesAfterLoading
    self.peakBytesAtEnd = peakBytesAtEnd
    self.results = results
  }

  /// What part of the machine's read bandwidth the bytes of a result take.
  public func shareOfBandwidth(_ result: BenchResult) -> Double? {
    limits.map { result.bytesPerSecond / $0.readBytesPerSecond }
  }

  /// What part of the machine's arithmetic a result takes.
  public func shareOfArithmetic(_ result: BenchResult) -> Double? {
    limits?.operationsPerSecond(model.arithmetic).map { result.operationsPerSecond / $0 }
  }

  /// Whether bytes were read faster than memory can be, so that caches must have held some.
  public var readsFromCaches: Bool {
    results.contains { (shareOfBandwidth($0) ?? 0) > 1 }
  }
}
