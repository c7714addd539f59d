import TacitFault

/// A place in the source of a template, counted from 1 in Unicode scalars.
struct TemplatePosition: Equatable, Sendable {
  var line: Int
  var column: Int
}

extension Fault {
  /// A fault whose place may be filled in by ``located(at:)`` on its way out.
  init(message: String, hint: String? = nil, at position: TemplatePosition?) {
    self.init(line: position?.line, column: position?.column, message: message, hint: hint)
  }

  /// A construct of Jinja or a method of Python that templates may use but this interpreter lacks.
  static func unsupported(_ construct: String, at position: TemplatePosition? = nil) -> Fault {
    Fault(
      message: "\(construct) is not supported",
      hint: "a recipe can pass a Lua `template` function to tacit.chat instead", at: position)
  }

  /// The same fault with the place where it was noticed, unless it already has one.
  func located(at position: TemplatePosition) -> Fault {
    guard line == nil else { return self }
    var fault = self
    (fault.line, fault.column) = (position.line, position.column)
    return fault
  }
}
