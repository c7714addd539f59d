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
  private let known = Mutex<[Block?]>([])
  private static let blockBits = 7

  /// The angles of 2^blockBits positions in a row.
  private final class Block: Sendable {
    let cosines: [Float]
    let sines: [Float]

    init(cosines: [Float], sines: [Float]) {
      self.cosines = cosines
      self.sines = sines
    }
  }

  /// Makes a table of one pair for each frequency.
  public init(inverseFrequencies: [Float], attentionScale: Float = 1) {
    self.inverseFrequencies = inverseFrequencies
    self.attentionScale = attentionScale
  }

  /// The angles of rows at `positions`.
  public func angles(at positions: [Int32]) -> RotaryAngles {
    let blocks = blocks(for: positions)
    return RotaryAngles(
      cosines: rows(of: \.cosines, at: positions, in: blocks),
      sines: rows(of: \.sines, at: positions, in: blocks))
  }

  private func rows(
    of part: (Block) -> [Float], at positions: [Int32], in blocks: [Block?]
  ) -> Tensor {
    let pairs = inverseFrequencies.count
    return Tensor(rows: positions.count, columns: pairs) { memory in
      for (row, position) in positions.enumerated() {
        guard let block = blocks[Int(position) >> Self.blockBits] else {
          preconditionFailure("the block of position \(position) was made before")
        }
        let start = (Int(position) & (1 << Self.blockBits - 1)) * pairs
        part(block).withUnsafeBufferPointer {
          memory.copy(UnsafeBufferPointer(rebasing: $0[start..<start + pairs]), at: row * pairs)
        }
      }
    }
  }

  /// The blocks by number, with those of all positions made.
  private func blocks(for positions: [Int32]) -> [Block?] {
    known.withLock { known in
      for position in positions {
        let index = Int(position) >> Self.blockBits
        while known.count <= index { known.append(nil) }
        if known[index] == nil { known[index] = makeBlock(index) }
      }
      return known
    }
  }

  /// The angles of positions from `index` · 2^blockBits on.
  private func makeBlock(_ index: Int) -> Block {
    var cosines: [Float] = []
    var sines: [Float] = []
    for position in (index << Self.blockBits)..<((index + 1) << Self.blockBits) {
      for frequency in inverseFrequencies {
        let angle = Double(Float(position) * frequency)
        cosines.append(Float(cos(angle)) * attentionScale)
        sines.append(Float(sin(angle)) * attentionScale)
      }
    }
    return Block(cosines: cosines, sines: sines)
  }
}
