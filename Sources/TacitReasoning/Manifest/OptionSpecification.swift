/// One option of a plugin: name, kind, default and meaning.
public struct OptionSpecification: Sendable, Equatable {
  /// What values an option takes.
  public enum Kind: Sendable, Equatable {
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
    /// A list of whole numbers, such as token ids.
    case integers
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
  }

  /// Name in recipes, in snake case.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// Value when the recipe says nothing; nil together with `isRequired == false` means "unset".
  public let defaultValue: OptionValue?
  /// Whether the recipe must give it.
  public let isRequired: Bool
  /// One sentence: what it does.
  public let summary: String

  /// Declares an option of any kind.
  public init(
    _ name: String, _ kind: Kind, default defaultValue: OptionValue?, isRequired: Bool = false,
    _ summary: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = isRequired
    self.summary = summary
  }

  /// A whole number; without a default it may be left unset.
  public static func integer(
    _ name: String, default value: Int? = nil, in range: some RangeExpression<Int>,
    _ summary: String
  ) -> Self {
    let (minimum, maximum) = bounds(of: range)
    return Self(
      name, .integer(minimum: minimum, maximum: maximum), default: value.map { .integer($0) },
      summary)
  }

  /// A number; without a default it may be left unset.
  public static func number(
    _ name: String, default value: Double? = nil, minimum: Double? = nil, maximum: Double? = nil,
    _ summary: String
  ) -> Self {
    Self(
      name, .number(minimum: minimum, maximum: maximum), default: value.map { .number($0) },
      summary)
  }

  /// A switch.
  public static func boolean(_ name: String, default value: Bool, _ summary: String) -> Self {
    Self(name, .boolean, default: .boolean(value), summary)
  }

  /// A text; without a default it may be left unset.
  public static func string(
    _ name: String, default value: String? = nil, _ summary: String
  ) -> Self {
    Self(name, .string, default: value.map { .string($0) }, summary)
  }

  /// One of several names.
  public static func choice(
    _ name: String, of values: [String], default value: String, _ summary: String
  ) -> Self {
    Self(name, .choice(values), default: .string(value), summary)
  }

  /// A list of whole numbers that may be left unset.
  public static func integers(_ name: String, _ summary: String) -> Self {
    Self(name, .integers, default: nil, summary)
  }

  /// A list of texts that may be left unset.
  public static func strings(_ name: String, _ summary: String) -> Self {
    Self(name, .strings, default: nil, summary)
  }

  /// A function of the recipe that may be left unset.
  public static func function(_ name: String, _ summary: String) -> Self {
    Self(name, .function, default: nil, summary)
  }

  /// The file of a trained part that may be left unset.
  public static func module(_ name: String, _ summary: String) -> Self {
    Self(name, .module, default: nil, summary)
  }

  /// What the next row of a latent span is; unset means the raw hidden state.
  public static let feedback = Self(
    "feedback", .feedback, default: nil,
    "What the model reads next while it thinks; by default the raw hidden state.")

  /// What changes a row before it is read.
  public static let refine = Self(
    "refine", .refiners, default: .plugins([]),
    "Refiners of every thought before it is read, applied in this order.")

  private static func bounds(of range: some RangeExpression<Int>) -> (Int?, Int?) {
    switch range {
    case let range as ClosedRange<Int>: (range.lowerBound, range.upperBound)
    case let range as PartialRangeFrom<Int>: (range.lowerBound, nil)
    case let range as PartialRangeThrough<Int>: (nil, range.upperBound)
    default: preconditionFailure("bounds of an option are a...b, a... or ...b")
    }
  }
}

extension OptionSpecification.Kind {
  /// What is accepted, as an error message and the help say it: "an integer of 0 or more".
  public var expectation: String {
    switch self {
    case .integer(let minimum, let maximum):
      "an integer" + Self.range(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .number(let minimum, let maximum):
      "a number" + Self.range(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .boolean: "true or false"
    case .string: "a string"
    case .choice(let values): "one of " + values.map { "\"\($0)\"" }.joined(separator: ", ")
    case .integers: "a list of integers"
    case .strings: "a list of strings"
    case .feedback: "a feedback such as tacit.hidden_state {}"
    case .refiners: "a list of refiners"
    case .stages: "a list of the registry's stages"
    case .function: "a function"
    case .module: "the path of a safetensors file"
    }
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

extension OptionSpecification {
  /// The default as help and stubs show it; "unset" where there is none.
  public var defaultText: String {
    switch defaultValue {
    case nil: isRequired ? "required" : "unset"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): value == value.rounded() ? "\(Int(value))" : "\(value)"
    case .string(let value): "\"\(value)\""
    default: "{}"
    }
  }
}
