#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitFault
import TacitRandom
import TacitReasoning

/// The weights of a run that begins with random ones.
struct InitializationSettings: OptionTable {
  /// Norm of the random part of an embedding.
  @Option("Norm of random embeddings.", 0.001...1000) var embeddingNorm = 3.0
  /// Norm of the part that all embeddings have in common.
  @Option("Norm of what all embeddings share.", 0...1000) var commonNorm = 2.5
  /// Score of the token before, for each rotary pair that takes part, in head 0 of layer 0; 0
  /// leaves the head random.
  @Option(
    "Score of the token before, per rotary pair, in the first head; 0 is a random head.", 0...100)
  var previousTokenScore = 5.0
  /// The fastest rotary pairs that take part.
  @Option("The fastest rotary pairs that take part in it.", 1...64) var previousTokenPairs = 4

  func validate() throws(Fault) {
    guard previousTokenScore == 0 || commonNorm > 0 else {
      throw Fault(
        option: "common_norm", expected: "more than 0, for a head that looks at the token before",
        found: "\(commonNorm)")
    }
  }

  /// - Throws: ``Fault`` for more rotary pairs than a head of the network has.
  func check(_ model: ModelSettings) throws(Fault) {
    let pairs = model.hiddenSize / model.headCount / 2
    guard previousTokenPairs <= pairs else {
      throw Fault(
        option: "previous_token_pairs", expected: "at most \(pairs), as a head has",
        found: "\(previousTokenPairs)")
    }
  }
}

/// The weights that a run begins with.
///
/// Linear layers are normal with variance 1 / inputs; those that write to the residual stream are
/// divided by √(2 · layers). Embeddings are random with a given norm, and have a vector in common
/// to which a head can attach: head 0 of layer 0 looks at the token before by way of rotary phases.
/// The last gain makes states as long as embeddings, so that thoughts are read as tokens are.
struct Initialization: Sendable {
  let settings: InitializationSettings
  let model: ModelSettings
  let seed: UInt64

  /// The elements of a parameter, in the order of memory.
  func values(_ name: String, _ shape: [Int]) -> [Float] {
    let width = Double(model.hiddenSize)
    if shape.count == 1 {
      let gain = name == "model.norm.weight" ? settings.embeddingNorm / width.squareRoot() : 1
      return [Float](repeating: Float(gain), count: shape[0])
    }
    let count = shape[0] * shape[1]
    if name == "model.embed_tokens.weight" {
      let random = gaussians(name, count, deviation: settings.embeddingNorm / width.squareRoot())
      return random.indices.map { random[$0] + Float(settings.commonNorm) * common[$0 % shape[1]] }
    }
    let writesResidual = name.hasSuffix("o_proj.weight") || name.hasSuffix("down_proj.weight")
    let scale = writesResidual ? 1 / Double(2 * model.layerCount).squareRoot() : 1
    var values = gaussians(
      name, count, deviation: scale / Double(shape[1]).squareRoot())
    if settings.previousTokenScore > 0 {
      if name == "model.layers.0.self_attn.q_proj.weight" { attach(&values, phase: -1) }
      if name == "model.layers.0.self_attn.k_proj.weight" { attach(&values, phase: 0) }
    }
    return values
  }

  /// The direction that all embeddings have in common, of norm 1.
  private var common: [Float] {
    let vector = gaussians("common", model.hiddenSize, deviation: 1)
    let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return vector.map { Float(Double($0) / norm) }
  }

  /// Lets the rows of head 0 answer to the common vector with a rotary phase, `phase` positions on.
  ///
  /// With phase p between query and key, pair i adds cos(wᵢ · (distance + p)) to a score, which is
  /// largest at distance -p.
  private func attach(_ values: inout [Float], phase: Double) {
    let width = model.hiddenSize
    let headSize = width / model.headCount
    // After the norm the common part of an embedding has this length along its direction.
    let length =
      settings.commonNorm
      / ((settings.embeddingNorm * settings.embeddingNorm + settings.commonNorm
      * settings.commonNorm) / Double(width)).squareRoot()
    let size = (settings.previousTokenScore * Double(headSize).squareRoot()).squareRoot() / length
    var rows = [Double](repeating: 0, count: headSize)
    for pair in 0..<settings.previousTokenPairs {
      let frequency = pow(model.ropeTheta, -Double(2 * pair) / Double(headSize))
      rows[pair] = size * cos(phase * frequency)
      rows[pair + headSize / 2] = size * sin(phase * frequency)
    }
    let common = common
    for row in 0..<headSize {
      for column in 0..<width {
        let place = row * width + column
        values[place] = 0.1 * values[place] + Float(rows[row]) * common[column]
      }
    }
  }

  private func gaussians(_ name: String, _ count: Int, deviation: Double) -> [Float] {
    var random = CounterRandom(
      seed: seed, sample: "initialization/" + name, repetition: 0, stage: 0, step: 0)
    return random.gaussians(count).map { Float(Double($0) * deviation) }
  }
}
