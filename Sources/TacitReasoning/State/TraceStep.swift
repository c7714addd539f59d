import TacitJSON

/// One step of a run as a trace shows it.
public struct TraceStep: Sendable, Equatable {
  /// How the row of a step came about.
  public enum Kind: String, Sendable {
    /// A vector was read: a thought.
    case latent
    /// A sampled token was emitted.
    case explicit
    /// A token that the recipe or the stage prescribes was read or emitted.
    case forced
    /// Nothing was read: the stage says what it did or decided.
    case event
  }

  /// Name of the stage.
  public var stage: String
  /// Number of the step within the whole run, from 0.
  public var step: Int
  /// How its row came about.
  public var kind: Kind
  /// The token that was emitted or read, if there was one.
  public var tokenID: Int?
  /// Entropy in nats of the model's raw distribution at temperature 1, where it was computed.
  public var entropy: Double?
  /// Euclidean norm of the row, if it is a vector.
  public var norm: Double?
  /// The row itself, if it is a vector and vectors were asked for.
  public var vector: [Float]?
  /// Whatever else the stage says about the step.
  public var details: [String: JSON]

  /// Describes a step.
  public init(
    stage: String, step: Int, kind: Kind, tokenID: Int? = nil, entropy: Double? = nil,
    norm: Double? = nil, vector: [Float]? = nil, details: [String: JSON] = [:]
  ) {
    self.stage = stage
    self.step = step
    self.kind = kind
    self.tokenID = tokenID
    self.entropy = entropy
    self.norm = norm
    self.vector = vector
    self.details = details
  }
}
