import TacitModel
import TacitReasoning

/// Drops components of all rows that are read while it is in force, in place of any other dropout.
struct DropoutControl: StackControl {
  let dropout: Dropout

  func shape(_ plan: inout StackPlan, read number: Int) { plan.dropout = dropout }
}
