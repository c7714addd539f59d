import TacitFault
import TacitJSON

extension EvaluationSample {
  /// Reads an object of the MATH files; the target is the inside of the last `\boxed{…}` in
  /// `solution`.
  ///
  /// `extra` holds every field but `problem`.
  /// - Throws: ``Fault`` for a missing or mistyped field, or a solution without a box.
  init(math object: LocatedObject, id: String) throws(Fault) {
    let solution = try object.string("solution")
    guard let target = lastBoxed(in: solution[...]), !target.isEmpty else {
      throw object.error(
        expected: "'solution' to hold \\boxed{…} with something in it", found: "no such box")
    }
    self.init(
      id: id, question: try object.string("problem"), target: target,
      extra: object.members(besides: ["problem"]))
  }
}
