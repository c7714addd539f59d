/// The control of overthinking: tokens that replace sampled ones after too many switches.
///
/// Source: arXiv:2510.05069, section 3, and the authors' code. With the limit M a switch to
/// explicit mode that is number M to 2M queues the convergence tokens; a later one queues the
/// termination tokens and limits what may follow. Each trigger replaces what is still queued and,
/// if it terminates, sets the limit anew.
struct ForcedTokens: Sendable {
  /// M, half of the largest number of switches of the paper.
  let limit: Int
  /// End the thinking, gently.
  let convergence: [Int]
  /// End the thinking and lead in to the answer.
  let termination: [Int]
  /// Steps from a terminating switch to the end, with the step of the switch and forced tokens.
  let budget: Int
  private var queue: ArraySlice<Int> = []
  /// Steps that are left once termination has begun.
  private(set) var remaining: Int?

  init(limit: Int, convergence: [Int], termination: [Int], budget: Int) {
    self.limit = limit
    self.convergence = convergence
    self.termination = termination
    self.budget = budget
  }

  /// Whether the answer's steps are used up.
  var isExhausted: Bool { remaining == 0 }

  /// The token to emit in place of the sampled one.
  mutating func next() -> Int? { queue.popFirst() }

  /// Ends a step.
  /// - Parameter count: Number of switches to explicit mode if this step was one.
  mutating func endStep(switches count: Int?) {
    if let count, count >= limit {
      // 2M is compared without the product, which a recipe could make overflow.
      if count - limit > limit {
        queue = termination[...]
        remaining = budget
      } else {
        queue = convergence[...]
      }
    }
    remaining = remaining.map { $0 - 1 }
  }
}
