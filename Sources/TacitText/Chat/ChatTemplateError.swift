/// A chat template that cannot be read or rendered: where, what is wrong and what may help.
public struct ChatTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Name of the template, or the path of its file.
  public var template: String
  /// Line of the fault, from 1; nil when the fault has no place in the template.
  public var line: Int?
  /// Column of the fault in Unicode scalars, from 1.
  public var column: Int?
  /// What is wrong.
  public var message: String
  /// What the reader can do about it.
  public var hint: String?

  /// "qwen3:4:7: 'tool' is undefined", and the hint in brackets if there is one.
  public var description: String {
    var text = template
    if let line, let column { text += ":\(line):\(column)" }
    text += text.isEmpty ? message : ": \(message)"
    if let hint { text += " (\(hint))" }
    return text
  }
}

extension ChatTemplateError {
  /// A fault whose place is filled in by ``located(at:)`` on its way out.
  init(_ message: String, hint: String? = nil, at position: TemplatePosition? = nil) {
    self.init(
      template: "", line: position?.line, column: position?.column, message: message, hint: hint)
  }

  /// A construct of Jinja or a method of Python that templates may use but this interpreter lacks.
  static func unsupported(_ construct: String, at position: TemplatePosition? = nil) -> Self {
    Self(
      "\(construct) is not supported",
      hint: "a recipe can pass a Lua `template` function to tacit.chat instead", at: position)
  }

  /// The same fault with the place where it was noticed, unless it already has one.
  func located(at position: TemplatePosition) -> Self {
    guard line == nil else { return self }
    var copy = self
    copy.line = position.line
    copy.column = position.column
    return copy
  }

  /// The same fault with the name of its template.
  func named(_ template: String) -> Self {
    var copy = self
    copy.template = template
    return copy
  }
}

/// A place in the source of a template, counted from 1 in Unicode scalars.
struct TemplatePosition: Equatable, Sendable {
  var line: Int
  var column: Int
}
