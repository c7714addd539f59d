import Foundation
import TacitCheckpoint
import TacitFault
import TacitRandom
import TacitTensor

/// Random weights of any shape, the same for the same seed.
///
/// A matrix holds normal numbers of variance 1 / inputs, so that activations keep their size from
/// layer to layer; gains are 1 and biases 0. Each element is one of 4096 numbers, drawn once for
/// each number of inputs, with the sign reversed as often as not: as fast to make as to store.
public final class RandomWeights: WeightSource {
  /// Bytes of all matrices that were asked for.
  public private(set) var byteCount = 0
  private let element: ElementType
  private let seed: UInt64
  private let maximumByteCount: Int
  private var numbers: [Int: [UInt8]] = [:]

  /// Elements that a draw of 64 bits chooses.
  private static let elementsPerDraw = 4
  /// Numbers to choose from; a power of two below 2¹⁶.
  static let numberCount = 4096

  /// Weights stored as `element`, of at most as many bytes as the machine has memory.
  public init(
    element: ElementType, seed: UInt64,
    maximumByteCount: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  ) {
    self.element = element
    self.seed = seed
    self.maximumByteCount = maximumByteCount
  }

  /// There is a weight of every name.
  public func contains(_ name: String) -> Bool { true }

  /// A random matrix; its elements depend on seed, name and shape.
  /// - Throws: `Fault` when all matrices together would not fit the memory.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    let count = outputs * inputs
    byteCount += count * element.byteCount
    guard byteCount <= maximumByteCount else {
      throw Fault(
        "random weights", "tensor '\(name)'",
        expected: "at most \(maximumByteCount) bytes of weights, as the machine has memory",
        found: "\(byteCount) with this one", hint: "choose a smaller configuration")
    }
    let bytes = PageMemory(byteCount: count * element.byteCount)
    var random = CounterRandom(seed: seed, sample: name, repetition: 0, stage: 0, step: 0)
    let key = random.bits()
    numbers(inputs: inputs).withUnsafeBytes { numbers in
      switch element {
      case .float32: fill(bytes.base, UInt32.self, count, choosing: numbers, key: key)
      case .float16, .bfloat16: fill(bytes.base, UInt16.self, count, choosing: numbers, key: key)
      }
    }
    return WeightMatrix(
      bytes: bytes.base, element: element, outputs: outputs, inputs: inputs, layout: layout,
      owner: bytes)
  }

  /// Zeros for a bias, ones for a gain.
  public func vector(_ name: String, count: Int) -> WeightVector {
    WeightVector([Float](repeating: name.hasSuffix(".bias") ? 0 : 1, count: count))
  }

  /// The numbers that elements of a matrix are chosen from, encoded; every one with its opposite.
  private func numbers(inputs: Int) -> [UInt8] {
    if let known = numbers[inputs] { return known }
    var random = CounterRandom(seed: seed, sample: "numbers", repetition: 0, stage: 0, step: 0)
    let scale = 1 / Float(inputs).squareRoot()
    let half = random.gaussians(Self.numberCount / 2).map { $0 * scale }
    let encoded = element.encoded(half + half.map { -$0 })
    numbers[inputs] = encoded
    return encoded
  }

  /// Writes elements as the draws of their places choose them, on all threads.
  private func fill<Bits: FixedWidthInteger & UnsignedInteger>(
    _ memory: UnsafeMutableRawPointer, _ type: Bits.Type, _ count: Int,
    choosing numbers: UnsafeRawBufferPointer, key: UInt64
  ) {
    let elements = memory.bindMemory(to: Bits.self, capacity: max(count, 1))
    let numbers = numbers.bindMemory(to: Bits.self)
    let perDraw = Self.elementsPerDraw
    let mask = UInt64(Self.numberCount - 1)
    Threads.forEach((count + perDraw - 1) / perDraw, chunk: 1 << 14) { draws in
      for draw in draws {
        var bits = mixed(key &+ UInt64(draw) &* 0x9E37_79B9_7F4A_7C15)
        let first = draw * perDraw
        for index in first..<min(first + perDraw, count) {
          elements[index] = numbers[Int(bits & mask)]
          bits >>= 16
        }
      }
    }
  }
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of the number.
///
/// Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
@inline(__always)
private func mixed(_ number: UInt64) -> UInt64 {
  var bits = number
  bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
  return bits ^ bits >> 31
}
