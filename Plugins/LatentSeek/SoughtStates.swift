import TacitFault
import TacitModel
import TacitReasoning
import TacitTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The states that predict the first tokens of an answer, as parameters of a policy.
///
/// π_t = softmax(U z_t) + ε is the policy of token t; a step climbs R Σ log π_t(x_t) for the tokens
/// x_t = argmax π_t. As z_t influences nothing but π_t, the gradient is closed:
/// ∇ log π_t(x) = (p_x / (p_x + ε)) (U[x] − p U), with p = softmax(U z_t) and U the output head.
struct SoughtStates: Sendable {
  /// ε, as in the released program.
  private static let floor = 1e-8
  /// Rows of logits that are held at a time.
  private static let chunk = 32

  /// z, D components each.
  private(set) var states: [[Float]]
  private var adam: Adam
  private let clip: Double?

  /// - Parameters:
  ///   - states: The states after the final norm that predicted the tokens.
  ///   - rate: Learning rate.
  ///   - clip: Norm of the whole gradient at most; nil is unlimited.
  init(_ states: [[Float]], rate: Double, clip: Double?) {
    self.states = states
    self.clip = clip
    adam = Adam(rate: rate, count: states.joined().count)
  }

  /// What a step did.
  struct Step: Sendable {
    /// −R Σ log π_t(x_t) before the step.
    var loss = 0.0
    /// Its gradient, clipped.
    var gradient: [[Float]] = []
    /// The most probable tokens before the step.
    var tokensBefore: [Int] = []
    /// The most probable tokens after it.
    var tokens: [Int] = []

    /// Positions whose token the step changed.
    var changed: [Int] { tokens.indices.filter { tokens[$0] != tokensBefore[$0] } }
  }

  /// Follows the gradient once.
  /// - Parameters:
  ///   - reward: R, of the answer that the states gave.
  ///   - state: Whose model is used and whose account is charged.
  /// - Returns: what it did.
  /// - Throws: ``Fault`` for logits that are not finite; `CancellationError`.
  mutating func step(reward: Double, _ state: ReasoningState) async throws -> Step {
    let sequence = state.sequence(of: state.model)
    var step = Step()
    for start in stride(from: 0, to: states.count, by: Self.chunk) {
      let rows = states[start...].prefix(Self.chunk)
      let logits = try await sequence.logits(of: Tensor(Array(rows)))
      let tokens = try Self.tokens(logits, state)
      let policy = (0..<logits.rows).map { logits[$0].softmax() }
      let means = try await sequence.headMixture(Tensor(policy))
      let chosen = state.model.headRows(of: tokens.map { Int32($0) })
      for (row, token) in tokens.enumerated() {
        let probability = Double(policy[row][token])
        step.loss -= reward * log(probability + Self.floor)
        let factor = -reward * probability / (probability + Self.floor)
        step.gradient.append(
          zip(chosen[row], means[row]).map { Float(factor * (Double($0) - Double($1))) })
      }
      step.tokensBefore += tokens
    }
    clip(&step.gradient)
    apply(step.gradient)
    for start in stride(from: 0, to: states.count, by: Self.chunk) {
      let rows = states[start...].prefix(Self.chunk)
      step.tokens += try Self.tokens(try await sequence.logits(of: Tensor(Array(rows))), state)
    }
    return step
  }

  private static func tokens(_ logits: Tensor, _ state: ReasoningState) throws -> [Int] {
    try (0..<logits.rows).map { row in
      let logits = logits[row]
      let best = logits.argmax()
      guard logits.indices.contains(best), logits[best].isFinite else {
        throw state.nonFiniteLogits
      }
      return best
    }
  }

  private func clip(_ gradient: inout [[Float]]) {
    guard let limit = clip else { return }
    let norm = gradient.joined().reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let scale = min(1, limit / (norm + 1e-6))
    for row in gradient.indices {
      gradient[row] = gradient[row].map { Float(scale * Double($0)) }
    }
  }

  private mutating func apply(_ gradient: [[Float]]) {
    adam.begin()
    var index = 0
    for row in states.indices {
      for column in states[row].indices {
        states[row][column] -= Float(adam.change(of: index, along: Double(gradient[row][column])))
        index += 1
      }
    }
  }
}

/// Adam with PyTorch's defaults.
///
/// Source: Kingma and Ba 2014, arXiv:1412.6980, algorithm 1.
private struct Adam: Sendable {
  private static let decay = (first: 0.9, second: 0.999)
  let rate: Double
  private var first: [Double]
  private var second: [Double]
  private var corrections = (first: 1.0, second: 1.0)

  init(rate: Double, count: Int) {
    self.rate = rate
    first = Array(repeating: 0, count: count)
    second = first
  }

  /// Begins a step, in which every parameter is changed once.
  mutating func begin() {
    corrections.first *= Self.decay.first
    corrections.second *= Self.decay.second
  }

  /// What is taken from a parameter.
  mutating func change(of index: Int, along gradient: Double) -> Double {
    first[index] += (1 - Self.decay.first) * (gradient - first[index])
    second[index] += (1 - Self.decay.second) * (gradient * gradient - second[index])
    let spread = (second[index] / (1 - corrections.second)).squareRoot() + 1e-8
    return rate * first[index] / (1 - corrections.first) / spread
  }
}
