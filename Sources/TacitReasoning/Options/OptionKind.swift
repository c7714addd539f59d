/// What values an option takes.
public indirect enum OptionKind: Sendable, Equatable {
  /// A whole number within bounds; nil is unbounded.
  case integer(minimum: Int?, maximum: Int?)
  /// A finite number within bounds; nil is unbounded.
  case number(minimum: Double?, maximum: Double?)
  /// `true` or `false`.
  case boolean
  /// Any text.
  case string
  /// One of the named values.
  case choice([String])
  /// A list of the named values.
  case choices([String])
  /// A list of whole numbers within bounds, such as token ids; nil is unbounded.
  case integers(minimum: Int?, maximum: Int?)
  /// A list of texts.
  case strings
  /// One feedback plugin.
  case feedback
  /// A list of refiner plugins; order is meaning.
  case refiners
  /// A list of stages of the registry, run in order.
  case stages
  /// A function of the recipe.
  case function
  /// The file of a trained part, named by its path.
  case module
  /// A number, or several over the share of a run that is done, within bounds.
  case schedule(minimum: Double?, maximum: Double?)
  /// A table of options.
  case table([OptionSpecification])
  /// A list of such tables, at least one.
  case tables([OptionSpecification])
}

extension OptionKind {
  /// What is accepted, as an error message and the help say it: "an integer of 0 or more".
  public var expectation: String {
    switch self {
    case .integer(let minimum, let maximum):
      "an integer" + Self.range(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .number(let minimum, let maximum):
      "a number" + Self.range(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .boolean: "true or false"
    case .string: "a string"
    case .choice(let values): "one of " + Self.list(values)
    case .choices(let values): "a list of " + Self.list(values)
    case .integers(let minimum, let maximum):
      "a list of integers" + Self.range(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .strings: "a list of strings"
    case .feedback: "a feedback such as tacit.hidden_state {}"
    case .refiners: "a list of refiners"
    case .stages: "a list of the registry's stages"
    case .function: "a function"
    case .module: "the path of a safetensors file"
    case .schedule(let minimum, let maximum):
      "a number" + Self.range(minimum.map(Self.short), maximum.map(Self.short))
        + ", or a list of {share of the run, number} in order"
    case .table: "a table"
    case .tables: "a list of tables"
    }
  }

  private static func list(_ values: [String]) -> String {
    values.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  /// Whole numbers without a fraction.
  private static func short(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private static func range(_ minimum: String?, _ maximum: String?) -> String {
    switch (minimum, maximum) {
    case (nil, nil): ""
    case (let minimum?, nil): " of \(minimum) or more"
    case (nil, let maximum?): " of \(maximum) or less"
    case (let minimum?, let maximum?): " from \(minimum) to \(maximum)"
    }
  }
}
