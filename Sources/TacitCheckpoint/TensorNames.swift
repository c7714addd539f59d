/// What the checkpoints of a family call their tensors: on the Hugging Face Hub and in GGUF files.
///
/// Names lack the last part, `.weight` or `.bias`. On the Hub the whole name may have a prefix.
public struct TensorNames: Sendable {
  /// A row for each token that is read.
  public let embedding: String
  /// A row for each token that may follow, where it is not the embedding.
  public let head = "lm_head"
  /// A row for each position; nil where positions are not learned.
  public let positions: String?
  /// The norm after the last layer.
  public let finalNorm: String
  /// What the names of a layer's tensors begin with, before its number.
  public let layers: String
  /// The parts of a layer, with their names in GGUF files.
  private let parts: [String: String]

  /// The names of a family; `parts` are those of a layer, each with its name in GGUF files.
  public init(
    embedding: String, positions: String? = nil, finalNorm: String, layers: String,
    parts: [String: String]
  ) {
    self.embedding = embedding
    self.positions = positions
    self.finalNorm = finalNorm
    self.layers = layers
    self.parts = parts
  }

  /// What the weight of this name is for.
  public func role(of name: String) -> WeightRole {
    if name.hasSuffix(embedding + ".weight") { return .embedding }
    if name == head + ".weight" { return .head }
    return positions.map { name.hasSuffix($0 + ".weight") } == true ? .positions : .layer
  }

  /// Whether layers have the part of this name in GGUF files.
  func hasPart(_ part: String) -> Bool { parts.values.contains(part) }

  /// The name of a tensor in a GGUF file; nil for one that the family does not have.
  func ggufName(of tensor: String) -> String? {
    guard let end = tensor.lastIndex(of: ".") else { return nil }
    let (name, kind) = (tensor[..<end], tensor[end...])
    if name == embedding { return "token_embd" + kind }
    if name == head { return "output" + kind }
    if name == finalNorm { return "output_norm" + kind }
    if let positions, name == positions { return "position_embd" + kind }
    guard name.hasPrefix(layers) else { return nil }
    let rest = name.dropFirst(layers.count)
    guard let dot = rest.firstIndex(of: "."), let part = parts[String(rest[dot...].dropFirst())]
    else { return nil }
    return "blk.\(rest[..<dot]).\(part)\(kind)"
  }
}
