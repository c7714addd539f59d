extension OptionKind {
  /// The value in the form in which runs record it; nil for one of another kind or out of bounds.
  ///
  /// What stands in tables is left to their own options.
  public func normalized(_ value: OptionValue) -> OptionValue? {
    switch self {
    case .integer(let minimum, let maximum):
      Int(optionValue: value).flatMap {
        Self.lies($0, minimum, maximum) ? .integer($0) : nil
      }
    case .number(let minimum, let maximum):
      Double(optionValue: value).flatMap {
        Self.lies($0, minimum, maximum) ? .number($0) : nil
      }
    case .boolean: Bool(optionValue: value)?.optionValue
    case .string: String(optionValue: value)?.optionValue
    case .choice(let names):
      String(optionValue: value).flatMap { names.contains($0) ? .string($0) : nil }
    case .integers(let minimum, let maximum):
      Self.list(value, of: .integer(minimum: minimum, maximum: maximum))
    case .choices(let names): Self.list(value, of: .choice(names))
    case .strings: Self.list(value, of: .string)
    case .schedule(let minimum, let maximum):
      Self.scheduled(value).allSatisfy { Self.lies($0, minimum, maximum) } ? value : nil
    case .tables: value == .list([]) ? nil : value
    case .feedback, .refiners, .stages, .function, .module, .table: value
    }
  }

  private static func lies<Number: Comparable>(
    _ number: Number, _ minimum: Number?, _ maximum: Number?
  ) -> Bool {
    (minimum.map { $0 <= number } ?? true) && (maximum.map { number <= $0 } ?? true)
  }

  private static func list(_ value: OptionValue, of kind: OptionKind) -> OptionValue? {
    guard case .list(let elements) = value else { return nil }
    let normalized = elements.compactMap(kind.normalized)
    return normalized.count == elements.count ? .list(normalized) : nil
  }

  /// The numbers of a schedule, without the shares of the run at which they hold.
  private static func scheduled(_ value: OptionValue) -> [Double] {
    switch value {
    case .table(let members): members["knots"].map(scheduled) ?? []
    case .list(let pairs):
      pairs.compactMap { pair in
        if case .list(let numbers) = pair {
          numbers.last.flatMap { Double(optionValue: $0) }
        } else {
          nil
        }
      }
    default: [Double(optionValue: value)].compactMap(\.self)
    }
  }
}
