import Synchronization

/// Euclidean norm, summed in Float64.
public func euclideanNorm(_ row: [Float]) -> Double {
  row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// What is computed of a model's weights once, when first asked for.
final class ModelFacts: Sendable {
  private let derived = Mutex<[String: Derived]>([:])

  private final class Derived: Sendable {
    let value = Mutex<(any Sendable)?>(nil)
  }

  func derive<Value: Sendable>(_ key: String, _ make: () throws -> Value) rethrows -> Value {
    let place = derived.withLock { known in
      let place = known[key] ?? Derived()
      known[key] = place
      return place
    }
    return try place.value.withLock { known in
      // Where `Value` is optional, nothing would be cast to a value, too.
      if let known, let value = known as? Value { return value }
      let value = try make()
      known = value
      return value
    }
  }
}
