/// What a plugin says of itself, apart from its options.
public struct About: Sendable {
  /// One sentence: what it does.
  public let summary: String
  /// Name in recipes; nil is that of the type, without its ending, in snake case.
  public let name: String?
  /// Where the method comes from: paper and section, or "Tacit" for our own.
  public let source: String
  /// How close this is to the published method.
  public let fidelity: Fidelity
  /// What earlier stages must have provided.
  public let requires: Set<Capability>
  /// What later stages may rely on.
  public let provides: Set<Capability>
  /// Options of a short call that works on any model; empty where none have to be given.
  public let example: [String: OptionValue]

  /// Describes a plugin.
  public init(
    _ summary: String, name: String? = nil, source: String, fidelity: Fidelity,
    requires: Set<Capability> = [], provides: Set<Capability> = [],
    example: [String: OptionValue] = [:]
  ) {
    self.summary = summary
    self.name = name
    self.source = source
    self.fidelity = fidelity
    self.requires = requires
    self.provides = provides
    self.example = example
  }
}

/// How close an implementation is to the published method.
public enum Fidelity: String, Sendable, CaseIterable {
  /// Checked against the authors' code or an exact definition.
  case faithful
  /// The same idea, adapted to this runtime.
  case analogue
  /// Rebuilt from a description, because no code could be read.
  case reconstruction
}

/// What a stage leaves behind for later ones.
public enum Capability: String, Sendable, CaseIterable, Comparable {
  /// A question has been put before the model.
  case prompt
  /// The state after the last row is at hand.
  case hidden
  /// Thoughts lie in the memory.
  case memory
  /// Several continuations lie side by side, none of them chosen; a stage that requires them uses
  /// them up, unless it provides them again.
  case candidates
  /// Text has been emitted.
  case text

  /// The order of declaration.
  public static func < (lhs: Capability, rhs: Capability) -> Bool {
    allCases.firstIndex(of: lhs) ?? 0 < allCases.firstIndex(of: rhs) ?? 0
  }
}
