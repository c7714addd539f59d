import TacitReasoning

/// Decides from the entropy of each step whether the model reads soft embeddings or tokens.
///
/// Source: arXiv:2510.05069, section 3, and the authors' code. Falling below the reference entropy
/// ends latent mode at once; rising above it begins latent mode only after a dwell in explicit
/// mode. The reference is the entropy of the first step or of the last switch.
struct ModeController: Sendable, Equatable {
  /// What the model reads.
  enum Mode: String, OptionChoice {
    /// Soft embeddings.
    case latent
    /// Tokens.
    case explicit
  }

  /// A change of mode.
  enum Switch: String, Sendable {
    case toLatent = "to_latent"
    case toExplicit = "to_explicit"
  }

  /// Steps in explicit mode before latent mode may begin.
  let window: Int
  private(set) var mode: Mode
  /// Entropy in nats that decides; nil before the first step.
  private(set) var referenceEntropy: Float?
  /// Steps since the last switch.
  private(set) var dwell = 0
  /// Switches from latent to explicit so far.
  private(set) var count = 0
  /// Whether tokens are read for good.
  private(set) var isLocked = false

  init(mode: Mode, window: Int) {
    self.mode = mode
    self.window = window
  }

  /// Whether the model reads tokens now.
  var readsTokens: Bool { mode == .explicit || isLocked }

  /// Keeps to tokens for good; the mode itself may still turn explicit once.
  mutating func lock() { isLocked = true }

  /// Takes in the entropy of a step, in nats; at most one switch follows.
  mutating func observe(_ entropy: Float) -> Switch? {
    guard let reference = referenceEntropy else {
      referenceEntropy = entropy
      return nil
    }
    dwell += 1
    switch mode {
    case .latent:
      guard entropy < reference else { return nil }
      mode = .explicit
      count += 1
    case .explicit:
      guard entropy > reference, dwell >= window, !isLocked else { return nil }
      mode = .latent
    }
    referenceEntropy = entropy
    dwell = 0
    return mode == .latent ? .toLatent : .toExplicit
  }
}
