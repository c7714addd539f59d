/// What a chart can measure compute by.
enum ComputeQuantity: String, CaseIterable {
  case positions, flops, tokens, seconds

  /// What it is, for a title.
  var name: String {
    switch self {
    case .positions: "Positions"
    case .flops: "FLOPs"
    case .tokens: "Tokens"
    case .seconds: "Time"
    }
  }

  /// Its unit after a prefix.
  func unit(_ prefix: String) -> String {
    switch self {
    case .positions: prefix.isEmpty ? "positions" : prefix + " positions"
    case .flops: prefix + "FLOP"
    case .tokens: prefix.isEmpty ? "tokens" : prefix + " tokens"
    case .seconds: prefix + "s"
    }
  }

  /// Mean per completion that did not fail, in the base unit; 0 where all failed.
  func mean(_ results: EvaluationResults) -> Double {
    let total =
      switch self {
      case .positions: Double(results.counts.positions)
      case .flops: results.counts.floatingPointOperations
      case .tokens: Double(results.counts.tokens)
      case .seconds: results.prefillSeconds + results.decodeSeconds
      }
    return results.mean(total) ?? 0
  }
}
