import TacitFault

/// What one rendering may cost; a template that needs more is an error, not a hang.
struct Limits: Sendable {
  /// Evaluated nodes, touched elements and, by sixteens, bytes of text.
  var steps = 20_000_000
  /// Bytes of the whole text and of any string.
  var bytes = 64 << 20
  /// Statements and expressions inside of each other; the call of a macro counts twice.
  ///
  /// A thread with a stack of 1 MB can run what this allows, without optimisation too.
  var depth = 120
}

/// What is left of the limits.
final class Budget {
  let limits: Limits
  private var steps: Int
  private var depth = 0

  init(_ limits: Limits) {
    self.limits = limits
    steps = limits.steps
  }

  /// - Throws: ``Fault`` when the steps are used up.
  func spend(_ count: Int) throws(Fault) {
    steps -= count
    guard steps >= 0 else {
      throw Fault(message: "the template does not end within \(limits.steps) steps")
    }
  }

  /// Accounts for a text about to be made, or for the new bytes of one that grows.
  /// - Throws: ``Fault`` when it is too long or the steps are used up.
  func spend(bytes: Int, new: Int? = nil) throws(Fault) {
    guard bytes <= limits.bytes else {
      throw Fault(message: "text of more than \(limits.bytes) bytes")
    }
    try spend(1 + (new ?? bytes) / 16)
  }

  /// - Throws: ``Fault`` when statements, expressions and calls nest too deeply.
  func enter(levels: Int = 1) throws(Fault) {
    guard depth + levels <= limits.depth else {
      throw Fault(message: "evaluation nested more than \(limits.depth) levels deep")
    }
    depth += levels
  }

  func leave(levels: Int = 1) { depth -= levels }
}
