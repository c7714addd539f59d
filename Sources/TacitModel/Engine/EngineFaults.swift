import TacitFault

/// Requests that the model cannot serve.
extension Fault {
  /// A token id outside the vocabulary.
  static func tokenOutOfRange(id: Int, vocabularySize: Int) -> Fault {
    Fault(
      "token id \(id)", message: "expected 0 to \(vocabularySize - 1), the model's vocabulary")
  }

  /// A vector of another width than the model's.
  static func vectorWidth(found: Int, expected: Int) -> Fault {
    Fault("row vector", expected: "\(expected) components", found: "\(found)")
  }

  /// Rows beyond the positions that the model was made for.
  static func contextExceeded(position: Int, maximum: Int) -> Fault {
    Fault("position \(position)", message: "the model was made for \(maximum) positions")
  }

  /// A layer that the model does not have.
  static func layerOutOfRange(layer: Int, layerCount: Int) -> Fault {
    Fault(
      "residual tap at layer \(layer)", message: "the model has layers 0 to \(layerCount)")
  }

  /// Outputs of rows that are not read.
  static func rowsOutOfRange(rows: Range<Int>, count: Int) -> Fault {
    Fault("outputs of rows \(rows)", message: "\(count) rows are read")
  }

  /// A part of a plan that the model or the rows do not allow.
  static func plan(_ part: String, expected: String, found: String) -> Fault {
    Fault("stack plan, \(part)", expected: expected, found: found)
  }

  /// Columns that a memory does not have.
  static func columns(_ operation: String, found: Int, held: Int) -> Fault {
    Fault("\(operation) of \(found) columns", message: "the memory holds \(held)")
  }
}
