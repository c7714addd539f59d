/// What a matrix is for.
public enum WeightRole: Sendable {
  /// A row for each token that is read.
  case embedding
  /// A row for each token that may follow.
  case head
  /// A row for each position, where positions are learned.
  case positions
  /// A linear layer.
  case layer
}
