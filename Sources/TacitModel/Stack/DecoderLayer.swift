import TacitTensor

/// One layer of a decoder, cut where a plan reaches in; the loop over layers does the rest.
///
/// A class, so that the loop holds one reference and not those of all weights.
protocol DecoderLayer: AnyObject, Sendable {
  /// Columns that a row sees, its own included; nil is all of them.
  var window: Int? { get }

  /// Keys and values of all rows, [T, K·E], and queries of those that ask, [rows, H·E].
  func heads(
    _ input: Tensor, _ places: RowPlaces, asking: RowPicker
  ) -> (query: Tensor, key: Tensor, value: Tensor)

  /// Keys and values alone, for a layer that does not run, [T, K·E] each.
  func keysAndValues(_ input: Tensor, _ places: RowPlaces) -> (key: Tensor, value: Tensor)

  /// What attention adds to the residual stream: [rows, H·E] to [rows, D].
  func attentionOutput(_ attended: Tensor) -> Tensor

  /// What the feed-forward block adds to the residual stream: [rows, D] to [rows, D].
  func feedForward(_ input: Tensor) -> Tensor
}

/// Some rows of a pass.
struct RowPicker {
  /// Which rows; nil is all of them.
  let indices: [Int]?

  static let all = RowPicker(indices: nil)

  func callAsFunction(_ tensor: Tensor) -> Tensor { indices.map(tensor.gatheredRows) ?? tensor }

  func callAsFunction(_ positions: [Int32]) -> [Int32] {
    indices.map { $0.map { positions[$0] } } ?? positions
  }
}

/// Where the rows of a pass stand, as far as layers need to know.
///
/// A class, so that layers are handed one reference.
final class RowPlaces {
  /// Angles of all rows; nil where positions are learned.
  let angles: RotaryAngles?
  /// Angles of the wanted tail.
  let tailAngles: RotaryAngles?

  init(angles: RotaryAngles?, tailAngles: RotaryAngles?) {
    self.angles = angles
    self.tailAngles = tailAngles
  }

  /// Angles of the rows that ask.
  func angles(of asking: RowPicker) -> RotaryAngles? {
    asking.indices == nil ? angles : tailAngles
  }
}

/// How a model tells positions apart.
enum PositionEncoding: Sendable {
  /// Every head of queries and keys is rotated.
  case rotary(RotaryTable)
  /// A row of this matrix is added to each input, [positions, D].
  case learned(WeightMatrix)

  /// The rows that enter the first layer.
  func placed(_ input: Tensor, _ positions: [Int32]) -> Tensor {
    guard case .learned(let matrix) = self else { return input }
    return input.adding(matrix.gathered(rows: positions))
  }

  func places(_ positions: [Int32], tail: RowPicker) -> RowPlaces {
    guard case .rotary(let table) = self else { return RowPlaces(angles: nil, tailAngles: nil) }
    let angles = table.angles(at: positions)
    return RowPlaces(
      angles: angles, tailAngles: tail.indices == nil ? angles : table.angles(at: tail(positions)))
  }
}
