import TacitFault
import TacitJSON

extension EvaluationSample {
  /// Reads an object with named fields; what no option names goes to `extra`.
  /// - Throws: ``Fault`` for a missing or mistyped field.
  init(
    _ object: LocatedObject, id: String, options: DatasetOptions
  ) throws(Fault) {
    let questionKey = options.question ?? "question"
    let targetKey =
      options.target
      ?? (object.members["target"] == nil && object.members["answer"] != nil ? "answer" : "target")
    self.init(
      id: try options.id.map { key throws(Fault) in try object.scalar(key) } ?? id,
      question: try object.string(questionKey), target: try object.scalar(targetKey),
      cluster: try options.cluster.map { key throws(Fault) in try object.scalar(key) })
    extra = object.members(
      besides: [questionKey, targetKey] + [options.id, options.cluster].compactMap { $0 })
  }
}

extension LocatedObject {
  /// A member that must be a string with something in it, or a number, which becomes its text.
  fileprivate func scalar(_ key: String) throws(Fault) -> String {
    switch try value(key) {
    case .integer(let integer): return String(integer)
    case .number(let number): return number.description
    case .string: return try string(key)
    case let other:
      throw error(expected: "a string or number under '\(key)'", found: other.kind)
    }
  }
}
