import TacitFault
import TacitReasoning

/// Where rewards of answers come from.
enum AnswerReward: String, OptionChoice {
  /// The model judges its own answer.
  case verify
  /// The evaluation's scorer: 0 for a right answer, −1 for a wrong one. An oracle.
  case scorer
}

extension RecipeFunction {
  /// A reward as a function from question and answer to a number.
  /// - Throws: ``Fault`` for a value that is no finite number; what the function raised.
  func reward(_ question: String, _ answer: String) throws -> Double {
    let number: Double? =
      switch try self(.string(question), .string(answer)) {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    guard let number, number.isFinite else {
      throw Fault(
        "option 'reward_function' (\(identity))", expected: "a finite number",
        found: number.map { "\($0)" } ?? "another value")
    }
    return number
  }
}
