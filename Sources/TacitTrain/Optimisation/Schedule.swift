#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import TacitReasoning

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
  public enum Curve: String, OptionChoice {
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

  private static func areOrdered(_ knots: [Knot]) -> Bool {
    !knots.isEmpty && knots.allSatisfy { (0...1).contains($0.share) }
      && zip(knots, knots.dropFirst()).allSatisfy { $0.share <= $1.share }
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

extension Schedule: BoundedOption {
  /// Any schedule.
  public static var optionKind: OptionKind { .schedule(minimum: nil, maximum: nil) }

  /// A schedule whose values lie within bounds.
  public static func optionKind(minimum: Double?, maximum: Double?) -> OptionKind {
    .schedule(minimum: minimum, maximum: maximum)
  }

  /// A number, a list of {share, value}, or {knots = list, curve = name}; nil for all else.
  public init?(optionValue: OptionValue) {
    var list = optionValue
    var curve = Curve.linear
    if case .table(let members) = optionValue {
      guard let knots = members["knots"], members.keys.allSatisfy(["knots", "curve"].contains)
      else { return nil }
      list = knots
      if let name = members["curve"] {
        guard let named = Curve(optionValue: name) else { return nil }
        curve = named
      }
    } else if let number = Double(optionValue: optionValue) {
      self.init(number)
      return
    }
    guard case .list(let pairs) = list else { return nil }
    let knots = pairs.compactMap { pair -> Knot? in
      guard case .list(let numbers) = pair, numbers.count == 2,
        let share = Double(optionValue: numbers[0]), let value = Double(optionValue: numbers[1])
      else { return nil }
      return Knot(share, value)
    }
    guard knots.count == pairs.count, Self.areOrdered(knots) else { return nil }
    self.init(knots, curve: curve)
  }

  /// The form that reads back equal.
  public var optionValue: OptionValue? {
    if knots.count == 1 { return .number(knots[0].value) }
    let pairs = OptionValue.list(knots.map { .list([.number($0.share), .number($0.value)]) })
    return curve == .linear
      ? pairs : .table(["knots": pairs, "curve": .string(curve.rawValue)])
  }
}
