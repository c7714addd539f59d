import OrderedCollections
import TacitJSON
import TacitModel

extension Counts {
  /// The counts under the names that every file uses.
  public var json: JSON {
    [
      "forward_passes": .integer(forwardPasses), "positions": .integer(positions),
      "latent_steps": .integer(latentSteps), "tokens": .integer(tokens),
      "head_rows": .integer(headRows), "flops": .number(floatingPointOperations),
      "peak_bytes": .integer(peakMemoryBytes),
    ]
  }
}

extension TraceStep {
  /// The step as one object; what is unknown is left out.
  ///
  /// Numbers that JSON cannot express become the strings "nan", "inf" and "-inf".
  public var json: JSON {
    var members: OrderedDictionary<String, JSON> = [
      "stage": .string(stage), "step": .integer(step), "kind": .string(kind.rawValue),
    ]
    if let tokenID { members["token_id"] = .integer(tokenID) }
    if let entropy { members["entropy"] = JSON(measured: entropy) }
    if let norm { members["norm"] = JSON(measured: norm) }
    for (key, value) in details.sorted(by: { $0.key < $1.key }) {
      members[key] = value.expressible
    }
    if let vector {
      // The shortest text of a Float reads back equal; that of its Double is twice as long.
      members["vector"] = .array(vector.map { JSON(measured: Double($0.description) ?? 0) })
    }
    return .object(members)
  }
}
