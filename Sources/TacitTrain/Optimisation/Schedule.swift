#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitJSON

/// A number that may change while a run goes on: knots over the share of the run that is done.
///
/// Before the first and after the last knot their values hold. Two knots at the same share are a
/// jump, whose later value holds from there on.
public struct Schedule: Sendable, Equatable {
  /// A value that is reached at some point of the run.
  public struct Knot: Sendable, Equatable {
    /// Share of the run's steps, 0 to 1.
    public var share: Double
    /// The value there.
    public var value: Double

    /// A knot.
    public init(_ share: Double, _ value: Double) {
      self.share = share
      self.value = value
    }
  }

  /// How values lead from knot to knot.
  public enum Curve: String, Sendable, CaseIterable {
    /// In a straight line.
    case linear
    /// Along half a wave of the cosine: flat at both ends.
    case cosine
    /// Not at all: a value holds until the next knot.
    case step
  }

  /// The knots by ascending share, at least one.
  public let knots: [Knot]
  /// How values lead from knot to knot.
  public let curve: Curve

  /// A schedule through knots whose shares lie in 0...1 and never descend.
  public init(_ knots: [Knot], curve: Curve = .linear) {
    precondition(Self.areOrdered(knots), "shares of 0 to 1 in order")
    self.knots = knots.count == 1 ? [Knot(0, knots[0].value)] : knots
    self.curve = curve
  }

  /// A number that does not change.
  public init(_ value: Double) { self.init([Knot(0, value)]) }

  /// A number, a list of [share, value], or {knots = list, curve = name}; nil for all else.
  init?(_ json: JSON) {
    if let number = json.number {
      self.init(number)
      return
    }
    let name = json["curve"].map { $0.string ?? "" } ?? Curve.linear.rawValue
    guard let curve = Curve(rawValue: name), let pairs = json.array ?? json["knots"]?.array,
      (json.object ?? [:]).keys.allSatisfy({ ["knots", "curve"].contains($0) })
    else { return nil }
    let knots = pairs.compactMap { pair -> Knot? in
      guard let share = pair[0]?.number, let value = pair[1]?.number, pair.array?.count == 2
      else { return nil }
      return Knot(share, value)
    }
    guard knots.count == pairs.count, Self.areOrdered(knots) else { return nil }
    self.init(knots, curve: curve)
  }

  private static func areOrdered(_ knots: [Knot]) -> Bool {
    !knots.isEmpty && knots.allSatisfy { (0...1).contains($0.share) }
      && zip(knots, knots.dropFirst()).allSatisfy { $0.share <= $1.share }
  }

  /// The form that reads back equal.
  var json: JSON {
    if knots.count == 1 { return .number(knots[0].value) }
    let pairs = knots.map { JSON.array([.number($0.share), .number($0.value)]) }
    return curve == .linear
      ? .array(pairs) : ["knots": .array(pairs), "curve": .string(curve.rawValue)]
  }

  /// The value when `share` of the run is done.
  public func value(at share: Double) -> Double {
    guard let next = knots.firstIndex(where: { $0.share > share }) else {
      return knots[knots.count - 1].value
    }
    guard next > 0 else { return knots[0].value }
    let (before, after) = (knots[next - 1], knots[next])
    let way = (share - before.share) / (after.share - before.share)
    switch curve {
    case .linear: return before.value + way * (after.value - before.value)
    case .cosine:
      return after.value + 0.5 * (1 + cos(.pi * way)) * (before.value - after.value)
    case .step: return before.value
    }
  }
}
