import OrderedCollections
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

  init?(json: JSON) {
    guard let id = json["id"]?.string, let repeatIndex = json["repeat"]?.integer,
      let steps = json["steps"]?.array
    else { return nil }
    self.id = id
    self.repeatIndex = repeatIndex
    self.steps = steps
  }

  var json: JSON {
    ["id": .string(id), "repeat": .integer(repeatIndex), "steps": .array(steps)]
  }
}
