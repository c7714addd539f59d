import TacitFault

/// Variables of the template, of one round of a loop or of one call of a macro.
///
/// `set` writes to the innermost scope, names are looked up outwards, as in Jinja.
final class Scope {
  let parent: Scope?
  var variables: [String: Value] = [:]

  init(parent: Scope?) { self.parent = parent }

  func lookUp(_ name: String) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }
}

/// The variable `loop`; items are asked for one at a time, since conditions may depend on the body.
final class LoopState {
  let source: Value
  private let pull: () throws(Fault) -> Value?
  private var knownLength: Int?
  /// Items read before their turn, the next one last.
  private var ahead: [Value] = []
  private(set) var index = -1
  private var previous: Value?
  private var current: Value?

  init(
    source: Value, length: Int?, pull: @escaping () throws(Fault) -> Value?
  ) {
    self.source = source
    self.pull = pull
    knownLength = length
  }

  func next() throws(Fault) -> Value? {
    guard let item = ahead.isEmpty ? try pull() : ahead.removeLast() else { return nil }
    index += 1
    previous = current
    current = item
    return item
  }

  private func peek() throws(Fault) -> Value? {
    if ahead.isEmpty, let item = try pull() { ahead.append(item) }
    return ahead.last
  }

  func length() throws(Fault) -> Int {
    if let knownLength { return knownLength }
    var items = Array(ahead.reversed())
    while let item = try pull() { items.append(item) }
    ahead = items.reversed()
    let length = index + 1 + ahead.count
    knownLength = length
    return length
  }

  /// - Throws: ``Fault`` for attributes that this subset lacks.
  func attribute(_ name: String) throws(Fault) -> Value {
    switch name {
    case "index": return .integer(index + 1)
    case "index0": return .integer(index)
    case "first": return .boolean(index == 0)
    case "last": return .boolean(try peek() == nil)
    case "length": return .integer(try length())
    case "revindex": return .integer(try length() - index)
    case "revindex0": return .integer(try length() - index - 1)
    case "previtem": return previous ?? .undefined("there is no previous item")
    case "nextitem": return try peek() ?? .undefined("there is no next item")
    case "depth": return .integer(1)
    case "depth0": return .integer(0)
    case "cycle": return .method(of: .loop(self), name)
    case "changed": throw .unsupported("'loop.changed'")
    default: return .undefined("'loop' has no attribute '\(name)'")
    }
  }
}
