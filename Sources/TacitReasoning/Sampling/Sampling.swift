import TacitRandom
import TacitTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a token is drawn from logits: temperature, top-k, top-p and min-p, in this order.
///
/// The meaning of each is Hugging Face's.
public struct Sampling: Configurable, Equatable {
  /// Divides the logits; 0 takes the largest one.
  @Option("Divides the logits; 0 takes the most probable token.", 0...)
  public var temperature = 0.0
  /// Keeps this many of the most probable tokens; 0 keeps all.
  @Option("Keeps the k most probable tokens; 0 keeps all.", 0...)
  public var topK = 0
  /// Keeps the fewest most probable tokens whose probability sums to at least this; 1 keeps all.
  @Option("Keeps the fewest tokens that together have this probability.", 0...1)
  public var topP = 1.0
  /// Keeps tokens at least this probable relative to the most probable one; 0 keeps all.
  @Option("Keeps tokens at least this probable relative to the most probable one.", 0...1)
  public var minP = 0.0

  /// Greedy.
  public init() {}

  /// Names the parts; greedy unless a temperature is given.
  public init(temperature: Double, topK: Int = 0, topP: Double = 1, minP: Double = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
  }

  /// Draws a token.
  ///
  /// Candidates are taken in falling probability, the lower id first among equals.
  /// - Parameters:
  ///   - logits: V raw logits.
  ///   - random: Stream of this step; one number is drawn unless greedy.
  /// - Returns: the token's id, or nil when no logit is a finite number.
  public func draw(from logits: [Float], _ random: inout CounterRandom) -> Int? {
    let best = logits.argmax()
    guard logits.indices.contains(best), logits[best].isFinite else { return nil }
    if temperature == 0 { return best }
    var candidates = candidates(logits, best: best)
    if topP < 1 { keepTopP(&candidates) }
    if minP > 0 {
      let floor = minP * candidates[0].weight
      candidates.removeAll { $0.weight < floor }
    }
    let total = candidates.reduce(0) { $0 + $1.weight }
    var rest = random.uniform() * total
    for candidate in candidates {
      rest -= candidate.weight
      if rest < 0 { return candidate.id }
    }
    return candidates.last?.id
  }

  private struct Candidate {
    let id: Int
    /// Probability up to a common factor; the best candidate has 1.
    let weight: Double
  }

  private func candidates(_ logits: [Float], best: Int) -> [Candidate] {
    let (top, temperature) = (Double(logits[best]), temperature)
    var candidates: [Candidate] = []
    for (id, logit) in logits.enumerated() where logit > -.infinity {
      // exp(-60) cannot change a sum of 10⁶ terms in Float64.
      let exponent = (Double(logit) - top) / temperature
      if exponent > -60 { candidates.append(Candidate(id: id, weight: exp(exponent))) }
    }
    candidates.sort { $0.weight == $1.weight ? $0.id < $1.id : $0.weight > $1.weight }
    if topK > 0, candidates.count > topK {
      // As in Hugging Face, tokens that tie with the k-th stay.
      let least = candidates[topK - 1].weight
      candidates.removeAll { $0.weight < least }
    }
    return candidates
  }

  private func keepTopP(_ candidates: inout [Candidate]) {
    let (total, topP) = (candidates.reduce(0) { $0 + $1.weight }, topP)
    var sum = 0.0
    var kept = 0
    while kept < candidates.count, kept == 0 || sum < topP * total {
      sum += candidates[kept].weight
      kept += 1
    }
    candidates.removeLast(candidates.count - kept)
  }
}
