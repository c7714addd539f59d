import Synchronization
import TacitFault
import TacitReasoning

/// The parameters of one load: those given on the command line and those the recipe declares.
final class RecipeParameters: Sendable {
  private let given: [String: String]
  private let content = Mutex(Content())

  private struct Content {
    var declared: [RecipeParameter] = []
    var isClosed = false
  }

  /// - Parameter given: texts from the command line by name.
  init(given: [String: String]) {
    self.given = given
  }

  var declared: [RecipeParameter] { content.withLock { $0.declared } }

  /// Ends declaration.
  /// - Throws: `Fault` for a given name that the recipe does not declare.
  func close(path: String) throws {
    content.withLock { $0.isClosed = true }
    let names = declared.map(\.name)
    let unknown = given.keys.filter { !names.contains($0) }.sorted()
    guard let first = unknown.first else { return }
    let words = unknown.map { "'\($0)'" }.joined(separator: " and ")
    throw Fault(
      path, message: "unknown parameter \(words)",
      hint: Suggestion(names: names, noun: "parameters").hint(for: first))
  }

  /// `tacit.param(name, default, doc)`: the value given, or the default.
  func declare(_ call: LuaCall) throws -> LuaReply {
    if content.withLock({ $0.isClosed }) {
      throw Fault(message: "tacit.param can only be called while the recipe loads")
    }
    guard let name = call[0].string, isIdentifier(name) else {
      throw Fault(
        message: "tacit.param expects a name such as \"latent_steps\", got \(call[0].described)")
    }
    guard let defaultValue = Self.scalar(call[1]) else {
      throw Fault(
        "parameter '\(name)'",
        expected: "a default that is a boolean, a finite number or a string",
        got: call[1].described
      )
    }
    guard let summary = call[2].string, !summary.isEmpty else {
      throw Fault(
        message:
          "parameter '\(name)': expected a sentence that says what it does, got \(call[2].described)"
      )
    }
    if let earlier = declared.first(where: { $0.name == name }) {
      throw Fault(message: "parameter '\(name)' is declared twice, first at \(earlier.location)")
    }
    let value = try given[name].map { try Self.parse($0, like: defaultValue, name: name) }
    let parameter = RecipeParameter(
      name: name, defaultValue: defaultValue, value: value ?? defaultValue, summary: summary,
      location: call.location)
    content.withLock { $0.declared.append(parameter) }
    return .values([Self.luaValue(parameter.value)])
  }

  private static func scalar(_ value: LuaValue) -> OptionValue? {
    switch value {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value) where value.isFinite: .number(value)
    case .string(let value): .string(value)
    default: nil
    }
  }

  private static func luaValue(_ value: OptionValue) -> LuaValue {
    switch value {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    default: .none
    }
  }

  private static func parse(
    _ text: String, like sample: OptionValue, name: String
  ) throws -> OptionValue {
    let expected: String
    switch sample {
    case .boolean:
      if let value = Bool(text) { return .boolean(value) }
      expected = "true or false"
    case .integer:
      if let value = Int(text) { return .integer(value) }
      expected = "an integer"
    case .number:
      if let value = Double(text), value.isFinite { return .number(value) }
      expected = "a number"
    default: return .string(text)
    }
    throw Fault(message: "parameter '\(name)': expected \(expected), got \"\(text)\"")
  }
}

/// Whether a text can stand as a name: letters, digits and underscores, not starting with a digit.
func isIdentifier(_ text: String) -> Bool {
  guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
    return false
  }
  return text.utf8.allSatisfy { byte in
    byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
