/// Something that drives one sequence: a registered stage, or one written in a recipe.
public protocol StageBody: Sendable {
  /// Whether the stage leaves its work to branches of the sequence and waits for them.
  var waitsForBranches: Bool { get }

  /// Drives one sequence from where earlier stages left it.
  func run(_ state: inout ReasoningState, in context: StageContext) async throws
}

extension StageBody {
  /// By default a stage drives its sequence itself.
  public var waitsForBranches: Bool { false }
}

/// A reasoning strategy, or a part of one, written for one sequence.
///
/// The runtime batches: every `await` on the state hands a request to the engine, which serves it
/// together with those of all other sequences.
public protocol Stage: StageBody, Plugin {}

extension Stage {
  /// A stage.
  public static var kind: PluginKind { .stage }
}

/// Where in the pipeline a stage runs.
public struct StageContext: Sendable {
  /// Position of the stage, from 0.
  public let index: Int
  /// Stages of the pipeline.
  public let count: Int

  /// A place in a pipeline.
  public init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }
}
