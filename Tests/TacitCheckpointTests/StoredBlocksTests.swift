import TacitJSON
import TacitTesting
import Testing

@testable import TacitCheckpoint

/// Blocks that are written out, against gguf's own Python code: every bit.
@Suite struct StoredBlocksTests {
  static let names = StoredBlocks.all.values.map(\.name).sorted()

  @Test(arguments: names) func everyWeightIsTheSame(name: String) throws {
    let golden = try #require(try Fixtures.json("gguf/blocks.json")[name])
    let number = try #require(golden["number"]?.integer)
    let blocks = try #require(StoredBlocks.all[UInt32(number)])
    #expect(blocks.name == name)
    let bytes = try #require(golden["bytes"]?.array).compactMap { $0.integer.map(UInt8.init) }
    let bits = try #require(golden["bits"]?.array).compactMap { $0.integer.map(UInt32.init) }
    #expect(bytes.count % blocks.byteCount == 0)
    let count = bytes.count / blocks.byteCount
    #expect(bits.count == count * blocks.length)
    var values = [Float](repeating: .nan, count: bits.count)
    bytes.withUnsafeBytes { source in
      values.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        blocks.decode(source, count: count, into: target)
      }
    }
    // A zero may have either sign.
    #expect(zip(values, bits).allSatisfy { $0 == Float(bitPattern: $1) })
  }
}
