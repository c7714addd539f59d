import TacitModel

/// Decides how rows pass through the stack for as long as it is in force.
///
/// A stage adds one to its state; it then shapes every read that follows, of this stage and of those
/// after it.
public protocol StackControl: Sendable {
  /// Changes the plan of a read.
  /// - Parameters:
  ///   - plan: The plan as earlier controls have left it.
  ///   - number: Reads since the control was added, from 0.
  func shape(_ plan: inout StackPlan, read number: Int)
}
