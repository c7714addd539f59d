import OrderedCollections
import TacitFault
import TacitJSON
import TacitReasoning

/// One line of `trace.jsonl`: the steps of one completion.
struct TraceRecord {
  /// Id of the sample.
  var id: String
  /// Number of the repeat, from 0.
  var repeatIndex: Int
  /// The steps as objects, see ``Run/trace(id:repeat:)``.
  var steps: [JSON]

  init(id: String, repeat repeatIndex: Int, trace: [TraceStep]) {
    self.id = id
    self.repeatIndex = repeatIndex
    steps = trace.map(\.json)
  }

  /// Reads a line's object.
  /// - Throws: ``Fault`` naming the first one.
  init(json: JSON) throws(Fault) {
    id = try json.need("id", \.string)
    repeatIndex = try json.need("repeat", \.integer)
    steps = try json.need("steps", \.array)
  }

  var json: JSON {
    ["id": .string(id), "repeat": .integer(repeatIndex), "steps": .array(steps)]
  }
}
