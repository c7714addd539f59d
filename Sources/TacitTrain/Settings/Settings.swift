import OrderedCollections
import TacitJSON

/// Checked values of declared settings, with defaults filled in.
///
/// Asking for a setting by a name or kind that is not declared is a programmer's error.
struct Settings: Sendable {
  private var values: OrderedDictionary<String, JSON> = [:]
  private let path: String

  /// Checks an object against declarations.
  /// - Throws: ``SettingError`` for the first setting that does not fit.
  init(
    _ json: JSON, _ specifications: [SettingSpecification], path: String = ""
  ) throws(SettingError) {
    self.path = path
    guard let given = json.object ?? (json == [] ? [:] : nil) else {
      throw SettingError(path: path, expected: "a table", found: json.found)
    }
    let names = specifications.map(\.name)
    if let unknown = given.keys.first(where: { !names.contains($0) }) {
      throw SettingError(
        path: Self.join(path, unknown), expected: "a setting that exists", found: "another name",
        known: names)
    }
    for setting in specifications {
      let place = Self.join(path, setting.name)
      if let value = given[setting.name] ?? setting.defaultValue {
        values[setting.name] = try Self.check(value, setting.kind, place)
      } else if setting.isRequired {
        throw SettingError(path: place, expected: setting.kind.expectation, found: "nothing")
      }
    }
  }

  /// All settings, defaults included: the same settings always give the same bytes.
  var json: JSON { .object(values) }

  /// All settings but one.
  func json(without name: String) -> JSON { .object(values.filter { $0.key != name }) }

  /// An error about one of these settings.
  func error(_ name: String, expected: String, found: String) -> SettingError {
    SettingError(path: Self.join(path, name), expected: expected, found: found)
  }

  private static func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// The value in its canonical form.
  private static func check(
    _ value: JSON, _ kind: SettingSpecification.Kind, _ path: String
  ) throws(SettingError) -> JSON {
    switch kind {
    case .integer(let range):
      if let number = value.integer, range.contains(number) { return .integer(number) }
    case .number(let range):
      if let number = value.number, range.contains(number) { return .number(number) }
    case .string:
      if let text = value.string, !text.isEmpty { return value }
    case .choice(let names):
      if let text = value.string, names.contains(text) { return value }
    case .integers(let range):
      let numbers = value.array?.compactMap(\.integer) ?? []
      if numbers.count == value.array?.count, numbers.allSatisfy(range.contains) {
        return .array(numbers.map { .integer($0) })
      }
    case .schedule(let range):
      if let schedule = Schedule(value), schedule.knots.allSatisfy({ range.contains($0.value) }) {
        return schedule.json
      }
    case .table(let specifications):
      return try Settings(value, specifications, path: path).json
    case .tables(let specifications):
      guard let elements = value.array, !elements.isEmpty else { break }
      var tables: [JSON] = []
      for (index, element) in elements.enumerated() {
        tables.append(
          try Settings(element, specifications, path: "\(path)[\(index + 1)]").json)
      }
      return .array(tables)
    }
    throw SettingError(path: path, expected: kind.expectation, found: value.found)
  }
}

extension Settings {
  /// A whole number.
  func integer(_ name: String) -> Int { required(optionalInteger(name), name) }

  /// A whole number that may be unset.
  func optionalInteger(_ name: String) -> Int? { values[name]?.integer }

  /// A number.
  func number(_ name: String) -> Double { required(values[name]?.number, name) }

  /// A text.
  func string(_ name: String) -> String { required(optionalString(name), name) }

  /// A text that may be unset.
  func optionalString(_ name: String) -> String? { values[name]?.string }

  /// A choice of an enumeration whose raw values are the names.
  func choice<Choice: RawRepresentable<String>>(_ name: String, as type: Choice.Type) -> Choice {
    required(optionalString(name).flatMap(Choice.init(rawValue:)), name)
  }

  /// A list of whole numbers.
  func integers(_ name: String) -> [Int] {
    required(values[name]?.array, name).compactMap(\.integer)
  }

  /// A schedule.
  func schedule(_ name: String) -> Schedule {
    required(values[name].flatMap { Schedule($0) }, name)
  }

  /// Settings below one that may be unset.
  func optionalTable(
    _ name: String, _ specifications: [SettingSpecification]
  ) throws(SettingError) -> Settings? {
    guard let value = values[name] else { return nil }
    return try Settings(value, specifications, path: Self.join(path, name))
  }

  /// Settings below one.
  func table(
    _ name: String, _ specifications: [SettingSpecification]
  ) throws(SettingError) -> Settings {
    required(try optionalTable(name, specifications), name)
  }

  /// Settings below one that may be unset, which is then all defaults.
  func tableOrDefaults(
    _ name: String, _ specifications: [SettingSpecification]
  ) throws(SettingError) -> Settings {
    try Settings(values[name] ?? [:], specifications, path: Self.join(path, name))
  }

  /// Lists of settings below one; none when it is unset.
  func tables(
    _ name: String, _ specifications: [SettingSpecification]
  ) throws(SettingError) -> [Settings] {
    var tables: [Settings] = []
    for (index, value) in (values[name]?.array ?? []).enumerated() {
      let place = "\(Self.join(path, name))[\(index + 1)]"
      tables.append(try Settings(value, specifications, path: place))
    }
    return tables
  }

  private func required<Value>(_ value: Value?, _ name: String) -> Value {
    guard let value else { preconditionFailure("setting '\(name)' is not declared so") }
    return value
  }
}

extension JSON {
  /// What was found, as a message says it.
  fileprivate var found: String {
    switch self {
    case .null: "nil"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(60))\" (string)"
    case .array: "a list"
    case .object: "a table"
    }
  }
}
