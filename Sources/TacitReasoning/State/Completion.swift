import TacitModel

/// What a pipeline made of one sample.
public struct Completion: Sendable {
  /// Why the pipeline stopped.
  public enum FinishReason: String, Sendable {
    /// The model ended its text.
    case endOfSequence = "eos"
    /// A stop text appeared.
    case stop
    /// The limit of new tokens or the model's context was reached.
    case length
    /// The budget was used up.
    case budget
    /// A stage of the recipe set the completion, or no stage decodes.
    case done
  }

  /// Tokens of the prompt, in the order read.
  public var promptTokenIDs: [Int]
  /// Tokens emitted, sampled and forced alike; the token that ended the text is not among them.
  public var tokenIDs: [Int]
  /// The emitted tokens as text, special tokens left out.
  public var text: String
  /// Why it ended.
  public var finishReason: FinishReason
  /// What it cost.
  public var counts: Counts
  /// Wall-clock time from the start of the first stage to the end of the last.
  public var seconds: Double
  /// Part of `seconds` up to the first sampled token; equal to it when nothing was sampled.
  public var secondsToFirstToken: Double
  /// One entry per step, if a trace was asked for.
  public var trace: [TraceStep]
  /// Whether a stage saw a verdict that knows the right answer; then the text is no honest answer.
  public var isOracle: Bool

  /// Collects the results of a run.
  public init(
    promptTokenIDs: [Int] = [], tokenIDs: [Int] = [], text: String = "",
    finishReason: FinishReason = .done, counts: Counts = Counts(), seconds: Double = 0,
    secondsToFirstToken: Double = 0, trace: [TraceStep] = [], isOracle: Bool = false
  ) {
    self.promptTokenIDs = promptTokenIDs
    self.tokenIDs = tokenIDs
    self.text = text
    self.finishReason = finishReason
    self.counts = counts
    self.seconds = seconds
    self.secondsToFirstToken = secondsToFirstToken
    self.trace = trace
    self.isOracle = isOracle
  }
}
