import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Cosines and sines for some rows: [T, pairs] each.
public struct RotaryAngles: Sendable {
  /// The cosines, attention scale included.
  public let cosines: Tensor
  /// The sines, attention scale included.
  public let sines: Tensor

  /// The angles that turn back; the attention scale stays.
  var reversed: RotaryAngles { RotaryAngles(cosines: cosines, sines: sines.scaled(by: -1)) }
}

/// Rotary angles by position, computed when a position is first met.
///
/// An angle is the Float32 product of position and frequency, as in Hugging Face transformers;
/// its cosine and sine are rounded from Float64.
public final class RotaryTable: Sendable {
  private let inverseFrequencies: [Float]
  private let attentionScale: Float
  private let blocks = Mutex<[Int: Block]>([:])
  private static let blockBits = 7

  private struct Block: Sendable {
    var cosines: [Float] = []
    var sines: [Float] = []
  }

  /// Makes a table of one pair for each frequency.
  public init(inverseFrequencies: [Float], attentionScale: Float = 1) {
    self.inverseFrequencies = inverseFrequencies
    self.attentionScale = attentionScale
  }

  /// The angles of rows at `positions`.
  public func angles(at positions: [Int32]) -> RotaryAngles {
    let pairs = inverseFrequencies.count
    var cosines = Tensor(zeros: positions.count, columns: pairs)
    var sines = Tensor(zeros: positions.count, columns: pairs)
    cosines.withUnsafeMutableBufferPointer { cosines in
      sines.withUnsafeMutableBufferPointer { sines in
        for (row, position) in positions.enumerated() {
          let block = block(Int(position) >> Self.blockBits)
          let start = (Int(position) & (1 << Self.blockBits - 1)) * pairs
          for pair in 0..<pairs {
            cosines[row * pairs + pair] = block.cosines[start + pair]
            sines[row * pairs + pair] = block.sines[start + pair]
          }
        }
      }
    }
    return RotaryAngles(cosines: cosines, sines: sines)
  }

  /// The angles of positions from `index` · 2^blockBits on.
  private func block(_ index: Int) -> Block {
    blocks.withLock { blocks in
      if let block = blocks[index] { return block }
      var block = Block()
      for position in (index << Self.blockBits)..<((index + 1) << Self.blockBits) {
        for frequency in inverseFrequencies {
          let angle = Double(Float(position) * frequency)
          block.cosines.append(Float(cos(angle)) * attentionScale)
          block.sines.append(Float(sin(angle)) * attentionScale)
        }
      }
      blocks[index] = block
      return block
    }
  }
}
