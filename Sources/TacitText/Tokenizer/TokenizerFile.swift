import TacitFault
import TacitJSON

/// A tokenizer.json taken apart: its two long lists as byte strings, the rest as a tree.
///
/// The lists make up nearly all of a file. They are read straight from the bytes because that is
/// several times as fast as a tree, and because keys of a tree are compared as Unicode text.
struct TokenizerFile {
  /// The file with `model.vocab` and `model.merges` replaced by null.
  var tree: JSON
  var tokens = ByteStrings()
  var ids: [Int32] = []
  /// Left and right halves in turn; nil when the file has no merges.
  var merges: ByteStrings?

  /// - Throws: ``Fault`` when the bytes are not JSON or a list has the wrong shape.
  init(parsing bytes: UnsafeRawBufferPointer, path: String) throws(Fault) {
    // Checks all text at once, so that the scanner may take strings as they are.
    guard String(validating: bytes.bindMemory(to: UInt8.self), as: UTF8.self) != nil else {
      throw Self.diagnose(bytes, path: path, or: "UTF-8", "other bytes")
    }
    var scanner = TokenizerScanner(bytes: bytes, path: path)
    do throws(Fault) {
      try scanner.scan()
    } catch {
      throw Self.diagnose(bytes, path: path, or: error)
    }
    var rest: [UInt8] = []
    var copied = 0
    for range in scanner.listRanges {
      rest.append(contentsOf: bytes[copied..<range.lowerBound])
      rest.append(contentsOf: "null".utf8)
      copied = range.upperBound
    }
    rest.append(contentsOf: bytes[copied...])
    do throws(Fault) {
      tree = try rest.withUnsafeBufferPointer { (rest) throws(Fault) in
        try JSON(parsing: UnsafeRawBufferPointer(rest))
      }
    } catch {
      throw Self.diagnose(bytes, path: path, or: "JSON", error.message)
    }
    tokens = scanner.tokens
    ids = scanner.ids
    merges = scanner.merges
  }

  /// The JSON error of the whole text, which knows line and column; else the given one.
  private static func diagnose(
    _ bytes: UnsafeRawBufferPointer, path: String, or other: Fault
  ) -> Fault {
    do throws(Fault) {
      _ = try JSON(parsing: bytes)
      return other
    } catch {
      return Fault(path, expected: "JSON", found: error.description)
    }
  }

  private static func diagnose(
    _ bytes: UnsafeRawBufferPointer, path: String, or expected: String, _ found: String
  ) -> Fault {
    diagnose(
      bytes, path: path, or: Fault(path, expected: expected, found: found))
  }
}
