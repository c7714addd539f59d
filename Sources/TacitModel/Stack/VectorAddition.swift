import TacitFault

/// A vector that is written into the stream of states at one place of the stack.
public struct VectorAddition: Sendable, Equatable {
  /// A place of the stack; layers count from 0.
  public enum Site: Sendable, Hashable {
    /// The rows that enter the first layer.
    case embedding
    /// What a layer's attention adds to the residual stream.
    case attention(layer: Int)
    /// What a layer's feed-forward block adds to the residual stream.
    case feedForward(layer: Int)
    /// The residual stream after a layer.
    case residual(layer: Int)

    var layer: Int {
      switch self {
      case .embedding: 0
      case .attention(let layer), .feedForward(let layer), .residual(let layer): layer
      }
    }
  }

  /// How it is written in.
  public enum Mode: Sendable, Equatable {
    /// x + strength · v.
    case added
    /// x turned towards v, its norm kept: ‖x‖ · (x/‖x‖ + strength · v/‖v‖), normalised.
    case normKept
  }

  /// Where.
  public var site: Site
  /// Rows of the read.
  public var rows: PlannedRows
  /// D components.
  public var vector: [Float]
  /// How much of it.
  public var strength: Float
  /// How it is written in.
  public var mode: Mode

  /// Describes an addition.
  public init(
    _ vector: [Float], at site: Site, rows: PlannedRows = .all, strength: Float = 1,
    mode: Mode = .added
  ) {
    self.vector = vector
    self.site = site
    self.rows = rows
    self.strength = strength
    self.mode = mode
  }

  func validate(_ configuration: ModelConfiguration, rowCount: Int) throws(Fault) {
    guard vector.count == configuration.hiddenSize else {
      throw .vectorWidth(found: vector.count, expected: configuration.hiddenSize)
    }
    guard (0..<configuration.layerCount).contains(site.layer) else {
      throw .plan(
        "the layer of a vector", expected: "0 to \(configuration.layerCount - 1)",
        found: "\(site.layer)")
    }
    guard strength.isFinite, vector.allSatisfy(\.isFinite) else {
      throw .plan("a vector to write in", expected: "finite numbers", found: "NaN or infinities")
    }
    try rows.validate(rowCount: rowCount, "the rows of a vector")
  }
}
