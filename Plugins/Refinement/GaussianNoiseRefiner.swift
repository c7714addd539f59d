import TacitReasoning

/// Adds Gaussian noise to every thought, in proportion to its root mean square.
///
/// Source: the additive noise of LatentTTS, arXiv:2510.07745, which is absolute; relative to the
/// thought it means the same for every model. The numbers belong to run seed, sample and step.
struct GaussianNoiseRefiner: Refiner, RefinerSpan {
  static let about = About(
    "Adds Gaussian noise to every thought.", source: "arXiv:2510.07745, additive Gaussian noise",
    fidelity: .analogue)

  @Option(
    "Standard deviation over the root mean square of the thought; 0 changes nothing.", 0...)
  var sigma = 0.1

  func refine(_ row: [Float], _ thought: Thought) -> [Float] {
    guard sigma > 0 else { return row }
    let rootMeanSquare = euclideanNorm(row) / Double(row.count).squareRoot()
    let scale = Float(sigma * rootMeanSquare)
    var random = thought.random
    return zip(row, random.gaussians(row.count)).map { $0 + scale * $1 }
  }
}
