import OrderedCollections
import TacitFault
import TacitJSON

extension JSON {
  /// Reads one JSON text from a part of an array.
  init(parsing bytes: ArraySlice<UInt8>) throws(Fault) {
    self = try bytes.withUnsafeBytes { buffer in
      Result { () throws(Fault) in try JSON(parsing: buffer) }
    }.get()
  }

  /// Reads a file of a run or comparison.
  /// - Throws: ``Fault`` when it cannot be read or is no JSON.
  init(reading path: String) throws(Fault) {
    let bytes = try File.contents(path)
    do throws(Fault) {
      self = try JSON(parsing: bytes[...])
    } catch {
      throw Fault(
        path, line: error.line, column: error.column, expected: "JSON", found: error.message)
    }
  }

  /// The value as text; NaN and infinities, which JSON lacks, are strings in it.
  public func expressibleText(_ layout: Layout = .compact) -> String {
    do {
      return try expressible.text(layout)
    } catch {
      preconditionFailure("expressible JSON cannot be written: \(error)")
    }
  }

  /// The value with the keys of every object in ascending order.
  var sorted: JSON {
    switch self {
    case .array(let elements): .array(elements.map(\.sorted))
    case .object(let members):
      .object(
        OrderedDictionary(
          uniqueKeysWithValues: members.map { ($0.key, $0.value.sorted) }
            .sorted { $0.0 < $1.0 }))
    default: self
    }
  }
}
