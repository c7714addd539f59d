/// What a matrix is for, by its name in a checkpoint.
public enum WeightRole: Sendable {
  /// A row for each token that is read.
  case embedding
  /// A row for each token that may follow.
  case head
  /// A row for each position, where positions are learned.
  case positions
  /// A linear layer.
  case layer

  /// The role of the weight of this name.
  public init(ofWeight name: String) {
    if name.hasSuffix("embed_tokens.weight") || name.hasSuffix("wte.weight") {
      self = .embedding
    } else if name == "lm_head.weight" {
      self = .head
    } else {
      self = name.hasSuffix("wpe.weight") ? .positions : .layer
    }
  }
}
