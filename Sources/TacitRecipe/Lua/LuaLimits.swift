/// Bounds of one state; what a script uses beyond them ends it.
public struct LuaLimits: Sendable {
  /// Heap of the script.
  public var memoryBytes = 64 << 20
  /// Virtual machine instructions while the recipe loads.
  public var loadInstructions = 20_000_000
  /// Instructions between two waits of a running stage.
  public var runInstructions = 20_000_000
  /// Calls of one run that wait for the model.
  public var waits = 10_000
  /// Processor time of one such stretch: a net under the instruction count, which decides first.
  public var seconds = 10.0
  /// Longest result of string.rep.
  public var stringBytes = 16 << 20
  /// Nesting of a table that crosses between script and host; at most 64.
  public var valueDepth = 32
  /// Values in one crossing.
  public var valueCount = 100_000
  /// Steps of one pattern search.
  public var patternSteps = 10_000_000

  /// The limits that recipes run under by default.
  public static let standard = LuaLimits()

  /// The default limits, to be changed one by one.
  public init() {}
}
