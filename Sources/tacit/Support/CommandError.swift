/// Something that a command was asked for and that does not exist or does not fit.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  /// - Parameter description: where, what was expected and found; a hint on a line of its own.
  init(_ description: String) { self.description = description }
}
