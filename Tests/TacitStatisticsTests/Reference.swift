import TacitJSON
import TacitTesting
import Testing

/// What scipy, statsmodels and numpy make of the inputs in Tests/Fixtures/statistics/cases.json.
enum Reference {
  static func cases() throws -> JSON { try Fixtures.json("statistics/cases.json") }

  /// The cases of one function, never none.
  static func cases(_ name: String) throws -> [JSON] {
    let cases = try #require(try cases()[name]?.array)
    try #require(!cases.isEmpty)
    return cases
  }

  static func seed() throws -> UInt64 {
    let digits = try #require(try cases()["seed"]?.string)
    return try #require(UInt64(digits))
  }

  static func count(_ name: String) throws -> Int { try #require(try cases()[name]?.integer) }
}

extension JSON {
  func value(_ key: String) throws -> Double { try #require(self[key]?.number) }

  func values(_ key: String) throws -> [Double] {
    try #require(self[key]?.array).map { try #require($0.number) }
  }

  /// The numbers of a case that is a plain list.
  func row() throws -> [Double] { try #require(array).map { try #require($0.number) } }

  /// Clusters of samples; nil where the case has none.
  func clusters() throws -> [String?]? { try #require(self["clusters"]).array?.map(\.string) }
}

/// Whether numbers agree to 1e-9 of the expected one, or to rounding where that is zero.
func agrees(_ found: Double?, _ expected: JSON?) -> Bool {
  guard let found, let expected = expected?.number else { return found == nil && expected == .null }
  return abs(found - expected) <= 1e-9 * abs(expected) + 1e-15
}

/// Whether intervals agree, or both are absent.
func agrees(_ found: ClosedRange<Double>?, _ expected: JSON?) -> Bool {
  guard let found else { return expected == .null }
  return agrees(found.lowerBound, expected?[0]) && agrees(found.upperBound, expected?[1])
}
