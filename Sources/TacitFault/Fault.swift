/// What is wrong with a file, a recipe, a flag or a model: where, what was expected, what was found
/// and what may help.
///
/// The one error that users read; its text is formed here and nowhere else.
public struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a program may want to tell apart.
  public enum Kind: Sendable {
    /// Something that was given cannot be used.
    case input
    /// What is there belongs to a run with other settings.
    case mismatch
    /// Another process holds it.
    case locked
    /// The operating system refused.
    case system
  }

  /// What a program may want to tell apart.
  public var kind: Kind
  /// File, stage, option or model at fault, from the outside in: "recipe.lua:3: stage 'coconut'".
  public var place: String
  /// Line of the fault in the file that the place names, from 1.
  public var line: Int?
  /// Column of the fault, from 1.
  public var column: Int?
  /// Path of the option at fault, as in `batches[2].modes[1].feed`; nil where none is.
  public var option: String?
  /// What is wrong: a sentence without a full stop.
  public var message: String
  /// What would have been right; nil where the message says something else.
  public private(set) var expected: String?
  /// What was there instead; nil where the message says something else.
  public private(set) var found: String?
  /// What the reader can do about it.
  public var hint: String?
  /// Faults of the same input that were found along with this one.
  public var further: [Fault]

  /// Says what is wrong in words of its own; `part` is what of the place is meant.
  public init(
    _ place: String = "", _ part: String? = nil, line: Int? = nil, column: Int? = nil,
    option: String? = nil, message: String, hint: String? = nil, further: [Fault] = [],
    kind: Kind = .input
  ) {
    self.place = part.map { place.isEmpty ? $0 : "\(place): \($0)" } ?? place
    self.line = line
    self.column = column
    self.option = option
    self.message = message
    self.hint = hint
    self.further = further
    self.kind = kind
  }

  /// Says what was expected and what was found instead.
  public init(
    _ place: String = "", _ part: String? = nil, line: Int? = nil, column: Int? = nil,
    option: String? = nil, expected: String, found: String, hint: String? = nil,
    kind: Kind = .input
  ) {
    self.init(
      place, part, line: line, column: column, option: option,
      message: "expected \(expected), found \(found)", hint: hint, kind: kind)
    (self.expected, self.found) = (expected, found)
  }

  /// "data.jsonl:17: expected …, found …" and the hint on a line of its own; further faults follow,
  /// each in its own paragraph.
  public var description: String {
    let located = position.isEmpty ? text : "\(position): \(text)"
    return ([located] + further.map(\.description)).joined(separator: "\n\n")
  }

  /// Message and hint without the place.
  public var text: String { hint.map { "\(message)\n  \($0)" } ?? message }

  /// The place, its line and column, and the option: "recipe.lua:3, option 'steps'".
  public var position: String {
    let option = option.map { ["option '\($0)'"] } ?? []
    return ((spot.isEmpty ? [] : [spot]) + option).joined(separator: ", ")
  }

  /// The place with line and column.
  private var spot: String {
    let numbers = [line, column].compactMap { $0.map(String.init) }
    guard place.isEmpty else { return ([place] + numbers).joined(separator: ":") }
    return zip(["line", "column"], numbers).map { "\($0) \($1)" }.joined(separator: ", ")
  }
}

// MARK: On the way out

extension Fault {
  /// The same fault, seen from around it: from the file in which a stage is named, for example.
  public func within(_ outer: String) -> Fault {
    var fault = self
    fault.place = spot.isEmpty ? outer : "\(outer): \(spot)"
    (fault.line, fault.column) = (nil, nil)
    return fault
  }

  /// The same fault, seen from around it, unless its place begins so.
  public func within(unlessSaid outer: String) -> Fault {
    position.hasPrefix(outer) ? self : within(outer)
  }

  /// The same fault of a text that has been without a name.
  public func named(_ file: String) -> Fault {
    var fault = self
    fault.place = file
    return fault
  }

  /// The same fault, seen from the option or element in whose value it is.
  public func below(_ option: String) -> Fault {
    var fault = self
    fault.option =
      self.option.map { $0.hasPrefix("[") ? option + $0 : "\(option).\($0)" } ?? option
    return fault
  }
}
