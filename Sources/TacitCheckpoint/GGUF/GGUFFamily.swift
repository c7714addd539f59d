/// What GGUF files hold of a family of decoders, in the terms of Hugging Face.
public struct GGUFFamily: Sendable {
  /// `general.architecture` in the metadata and `model_type` in config.json.
  let name: String
  /// What its tensors are called.
  let names: TensorNames
  /// Keys of the metadata, without the family's name before them, and of config.json.
  let keys: [(metadata: String, configuration: String)]
  /// Whether queries and keys are rotated, by frequencies that the metadata give.
  let rotates: Bool
  /// Whether converters change the order of the rows of query and key projections: a head's rows
  /// come from its two halves in turn.
  let interleavesRows: Bool

  /// A family of this name; the parameters are the properties.
  public init(
    name: String, names: TensorNames, keys: [(metadata: String, configuration: String)],
    rotates: Bool,
    interleavesRows: Bool
  ) {
    self.name = name
    self.names = names
    self.keys = keys
    self.rotates = rotates
    self.interleavesRows = interleavesRows
  }
}
