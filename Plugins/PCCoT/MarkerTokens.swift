import TacitFault
import TacitReasoning

/// Names of the tokens around and in place of thoughts, where a checkpoint has others than ours.
struct MarkerTokens: Configurable {
  @Option("Token that opens the thoughts; by default the model's start marker.")
  var startToken: String?
  @Option("Token whose embedding thoughts begin as; by default the model's latent marker.")
  var latentToken: String?
  @Option("Token that closes the thoughts; by default the model's end marker.")
  var endToken: String?

  /// The ids; the model's own markers need not exist where all are named.
  /// - Throws: `Fault` for a token that the model lacks.
  func markers(of model: ReasoningModel) throws(Fault) -> LatentMarkers {
    func id(
      _ token: String?, _ own: KeyPath<LatentMarkers, Int>
    ) throws(Fault) -> Int {
      if let token { return try model.tokenID(token) }
      return try model.latentMarkers()[keyPath: own]
    }
    return LatentMarkers(
      start: try id(startToken, \.start), latent: try id(latentToken, \.latent),
      end: try id(endToken, \.end))
  }
}
