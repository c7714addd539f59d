import TacitFault
import TacitModel

/// What a model is asked to do.
public enum Workload: String, Sendable, CaseIterable {
  /// Reads prompts.
  case prefill
  /// Emits tokens, each the most probable one.
  case decode
  /// Feeds hidden states back, without logits.
  case latent
}

/// What is measured, and how often.
public struct BenchSettings: Sendable, Equatable {
  /// Workloads, in this order.
  public var workloads = Workload.allCases
  /// Numbers of live sessions of decoding and of latent steps.
  public var sessionCounts = [1, 4, 8, 16, 32]
  /// Numbers of sessions that read prompts.
  public var prefillSessionCounts = [1]
  /// Positions of a prompt.
  public var promptLength = 512
  /// Positions read before the first token or thought.
  public var contextLength = 128
  /// Tokens or thoughts of each session in one repetition.
  public var stepCount = 32
  /// Repetitions that are timed, after one that is not.
  public var repetitionCount = 5
  /// Seed of the prompts.
  public var seed: UInt64 = 0

  /// Everything, on one prompt and on 1 to 32 sessions.
  public init() {}

  /// Finds what a model cannot do.
  /// - Throws: ``Fault`` when a workload needs more positions than the model has.
  public func check(_ configuration: ModelConfiguration) throws(Fault) {
    let most = configuration.maximumPositions
    if workloads.contains(.prefill), promptLength > most {
      throw Fault(
        "--prompt", expected: "at most \(most) positions, as the model has",
        found: "\(promptLength)")
    }
    let needsContext = workloads.contains(.decode) || workloads.contains(.latent)
    if needsContext, contextLength + stepCount > most {
      throw Fault(
        "--context and --steps", expected: "at most \(most) positions together, as the model has",
        found: "\(contextLength) + \(stepCount)")
    }
  }

  func sessionCounts(of workload: Workload) -> [Int] {
    workload == .prefill ? prefillSessionCounts : sessionCounts
  }
}
