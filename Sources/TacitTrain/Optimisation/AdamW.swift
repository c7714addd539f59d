import TacitCheckpoint
import TacitReasoning
import TacitTensor

/// Adam with decoupled weight decay over the parameters of one model.
///
/// Source: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2. Only matrices other than
/// embeddings decay. Gradients are scaled down to a greatest global norm before: Pascanu et al.
/// 2013, arXiv:1211.5063. Results do not depend on the number of threads.
public final class AdamW {
  /// What does not change from step to step.
  public struct Settings: Configurable, Equatable {
    /// Share of the first moment that is kept.
    @Option("Share of the first moment kept.", 0...0.9999) public var beta1 = 0.9
    /// Share of the second moment that is kept.
    @Option("Share of the second moment kept.", 0...0.999999) public var beta2 = 0.98
    /// Added to the root of the second moment.
    @Option("Added to the root of the second.", 1e-12...1) public var epsilon = 1e-8
    /// Decay, times the learning rate.
    @Option("Decoupled decay of matrices.", 0...1) public var weightDecay = 0.01
    /// Greatest norm of all gradients together.
    @Option("Greatest norm of the gradient.", 1e-6...1e6) public var clipNorm = 1.0

    /// The usual values.
    public init() {}
  }

  /// What does not change from step to step.
  public let settings: Settings
  /// The parameters, in order.
  public let parameters: [Parameter]
  /// Steps taken.
  public internal(set) var stepCount = 0
  /// Running means of gradients, parameter by parameter.
  var firstMoments: [[Float]]
  /// Running means of their squares.
  var secondMoments: [[Float]]

  /// Elements that one thread updates at a time.
  private static let chunk = 1 << 14

  /// Whether each parameter decays: matrices other than embeddings do.
  private let decays: [Bool]

  /// Begins with moments of 0; `names` tell which matrices are embeddings.
  public init(_ parameters: [Parameter], names: TensorNames, settings: Settings) {
    self.parameters = parameters
    decays = parameters.map { parameter in
      let role = names.role(of: parameter.name)
      return parameter.shape.count == 2 && role != .embedding && role != .positions
    }
    self.settings = settings
    firstMoments = parameters.map { [Float](repeating: 0, count: $0.count) }
    secondMoments = firstMoments
  }

  /// Changes all parameters.
  /// - Returns: The norm of all gradients together before clipping, summed in Float64.
  @discardableResult
  public func step(_ gradients: ParameterGradients, learningRate: Double) -> Double {
    precondition(
      gradients.parameters.elementsEqual(parameters) { $0 === $1 },
      "the parameters must be the same")
    stepCount += 1
    let norm = Self.norm(of: gradients)
    let first = Float(1 - settings.beta1)
    let second = Float(1 - settings.beta2)
    let secondCorrection = 1 - power(settings.beta2, stepCount)
    let update = Update(
      gradientScale: Float(min(1, settings.clipNorm / (norm + 1e-6))), first: first,
      second: second, rate: Float(learningRate / (1 - power(settings.beta1, stepCount))),
      rootScale: Float(1 / secondCorrection.squareRoot()), epsilon: Float(settings.epsilon))
    for (index, parameter) in parameters.enumerated() {
      let decay = decays[index] ? Float(1 - learningRate * settings.weightDecay) : 1
      apply(update, keeping: decay, to: parameter, at: index, gradients)
    }
    return norm
  }

  private static func norm(of gradients: ParameterGradients) -> Double {
    var sum = 0.0
    for index in gradients.parameters.indices {
      gradients.withUnsafeMutableBufferPointer(at: index) { values in
        // Eight sums, so that additions need not wait for one another.
        var lanes = SIMD8<Double>()
        let whole = values.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
          var lane = SIMD8<Float>()
          for offset in 0..<8 { lane[offset] = values[start + offset] }
          let wide = SIMD8<Double>(lane)
          lanes += wide * wide
        }
        sum += lanes.sum()
        for value in values[whole...] { sum += Double(value) * Double(value) }
      }
    }
    return sum.squareRoot()
  }

  private func apply(
    _ update: Update, keeping decay: Float, to parameter: Parameter, at index: Int,
    _ gradients: ParameterGradients
  ) {
    firstMoments[index].withUnsafeMutableBufferPointer { first in
      secondMoments[index].withUnsafeMutableBufferPointer { second in
        parameter.withUnsafeMutableBufferPointer { values in
          gradients.withUnsafeMutableBufferPointer(at: index) { gradient in
            let memory = Memory(
              values: values.baseAddress.unsafelyUnwrapped,
              gradient: gradient.baseAddress.unsafelyUnwrapped,
              first: first.baseAddress.unsafelyUnwrapped,
              second: second.baseAddress.unsafelyUnwrapped)
            Threads.forEach(values.count, chunk: Self.chunk) { range in
              update.apply(to: memory, keeping: decay, range)
            }
          }
        }
      }
    }
  }
}

/// The buffers of one parameter.
private struct Memory: @unchecked Sendable {
  let values: UnsafeMutablePointer<Float>
  let gradient: UnsafeMutablePointer<Float>
  let first: UnsafeMutablePointer<Float>
  let second: UnsafeMutablePointer<Float>
}

/// The numbers of one step.
private struct Update {
  let gradientScale, first, second, rate, rootScale, epsilon: Float

  func apply(to memory: Memory, keeping decay: Float, _ range: Range<Int>) {
    let (values, gradient) = (memory.values, memory.gradient)
    let (firsts, seconds) = (memory.first, memory.second)
    for index in range {
      let slope = gradient[index] * gradientScale
      let mean = firsts[index] + first * (slope - firsts[index])
      let square = seconds[index] + second * (slope * slope - seconds[index])
      firsts[index] = mean
      seconds[index] = square
      let root = square.squareRoot() * rootScale + epsilon
      values[index] = values[index] * decay - rate * (mean / root)
    }
  }
}

/// `base` to the power of `exponent` by squaring: the same bits with every C library.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
