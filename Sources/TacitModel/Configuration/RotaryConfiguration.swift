import TacitFault
import TacitJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Rotary position embedding: base frequency and how it is stretched.
public struct RotaryConfiguration: Sendable, Equatable {
  /// How frequencies are changed for long contexts.
  public enum Scaling: Sendable, Equatable {
    /// Not at all.
    case none
    /// All frequencies divided by a factor.
    case linear(factor: Double)
    /// Llama 3: low frequencies divided, high ones kept, a ramp between.
    case llama3(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
      originalPositions: Double)
    /// YaRN: as Llama 3, with the ramp over pairs of components, and longer queries and keys.
    case yarn(YaRN)
    /// Each frequency divided by a number of its own, as GGUF files store the scaling of Llama 3.
    case divisors([Double])
  }

  /// Base of the geometric series of wavelengths.
  public let theta: Double
  /// How it is stretched.
  public let scaling: Scaling

  /// What cosines and sines are multiplied by.
  var attentionScale: Float {
    if case .yarn(let yarn) = scaling { Float(yarn.attentionFactor) } else { 1 }
  }

  /// Angular frequency of each pair of components of a head, in radians per position.
  ///
  /// Rounded to Float32, as in Hugging Face, so that angles agree at long distances; ramps are
  /// computed in Float64.
  /// - Returns: E/2 values.
  public func inverseFrequencies(headSize: Int) -> [Float] {
    (0..<headSize / 2).map { index in
      let exponent = Float(2 * index) / Float(headSize)
      let frequency = 1 / Float(pow(theta, Double(exponent)))
      return scaled(frequency, index: index, headSize: headSize)
    }
  }

  private func scaled(_ frequency: Float, index: Int, headSize: Int) -> Float {
    switch scaling {
    case .none: return frequency
    case .divisors(let divisors): return Float(Double(frequency) / divisors[index])
    case .linear(let factor): return frequency / Float(factor)
    case .yarn(let yarn):
      return Float(
        Double(frequency) * yarn.share(ofPair: index, headSize: headSize, theta: theta))
    case .llama3(let factor, let low, let high, let original):
      let wavelength = 2 * Double.pi / Double(frequency)
      if wavelength < original / high { return frequency }
      if wavelength > original / low { return frequency / Float(factor) }
      let smooth = (original / wavelength - low) / (high - low)
      return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
    }
  }
}

/// YaRN: high frequencies stay, low ones are divided, and the scores of attention are sharpened.
///
/// Source: Peng and others, 2023, arXiv:2309.00071, section 3.
public struct YaRN: Sendable, Equatable {
  /// What low frequencies are divided by.
  public let factor: Double
  /// Positions that the model was trained for before it was stretched.
  public let originalPositions: Double
  /// Turns within those positions from which on frequencies stay.
  public let betaFast: Double
  /// Turns within those positions up to which frequencies are divided in full.
  public let betaSlow: Double
  /// Whether the ends of the ramp are whole pairs, as in the authors' code.
  public let truncates: Bool
  /// What queries and keys are multiplied by.
  public let attentionFactor: Double

  /// What a frequency is multiplied by.
  func share(ofPair index: Int, headSize: Int, theta: Double) -> Double {
    func pair(turning turns: Double) -> Double {
      Double(headSize) * log(originalPositions / (turns * 2 * .pi)) / (2 * log(theta))
    }
    var (low, high) = (pair(turning: betaFast), pair(turning: betaSlow))
    if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(headSize - 1)))
    if low == high { high += 0.001 }
    let divided = min(max((Double(index) - low) / (high - low), 0), 1)
    return divided / factor + (1 - divided)
  }

  /// The factor that the paper advises for a stretch, equation 22.
  static func attentionFactor(_ factor: Double, _ scale: Double = 1) -> Double {
    factor > 1 ? 0.1 * scale * log(factor) + 1 : 1
  }
}
