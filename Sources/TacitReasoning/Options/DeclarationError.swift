/// A programmer's mistake in the declaration of a plugin.
public struct DeclarationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The type at fault.
  public let type: String
  /// What is wrong with it.
  public let message: String
  /// What to do about it.
  public let hint: String?

  init(_ type: String, _ message: String, hint: String? = nil) {
    self.type = type
    self.message = message
    self.hint = hint
  }

  /// "EchoStage: two options have the name 'n'", and the hint on a line of its own.
  public var description: String { "\(type): \(message)" + (hint.map { "\n  \($0)" } ?? "") }
}
