import TacitFault

/// The filter `tojson` of transformers: Python's `json.dumps`, which keeps all characters.
struct JSONWriter {
  struct Options {
    var indent: String?
    var itemSeparator = ", "
    var keySeparator = ": "
    var isASCII = false
    var sortsKeys = false
  }

  private let options: Options
  private let operators: Operators
  private var text = ""

  /// - Throws: ``Fault`` for values that JSON cannot express.
  static func text(of value: Value, _ options: Options, operators: Operators)
    throws(Fault) -> String
  {
    var writer = JSONWriter(options, operators)
    try writer.write(value, level: 0)
    return writer.text
  }

  private init(_ options: Options, _ operators: Operators) {
    self.options = options
    self.operators = operators
  }

  private mutating func write(_ value: Value, level: Int) throws(Fault) {
    try operators.budget.spend(bytes: text.utf8.count, new: 16)
    switch value {
    case .none: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .float(let value): text += Self.text(of: value)
    case .string(let string), .markup(let string): try write(string)
    case .list(let list), .tuple(let list): try write(list.elements, level: level)
    case .dictionary(let dictionary): try write(dictionary, level: level)
    case .undefined(let reason): throw Fault(message: "no JSON: \(reason)")
    default: throw Fault(message: "\(value.kind) cannot be written as JSON")
    }
  }

  private static func text(of number: Double) -> String {
    guard !number.isNaN else { return "NaN" }
    guard number.isFinite else { return number < 0 ? "-Infinity" : "Infinity" }
    return pythonText(of: number)
  }

  private mutating func write(_ elements: [Value], level: Int) throws(Fault) {
    text += "["
    for (index, element) in elements.enumerated() {
      separate(index, level: level + 1)
      try write(element, level: level + 1)
    }
    if !elements.isEmpty { breakLine(level: level) }
    text += "]"
  }

  private mutating func write(_ dictionary: ValueDictionary, level: Int)
    throws(Fault)
  {
    var members = Array(dictionary.members.elements)
    if options.sortsKeys {
      members = try operators.sorted(members) { (member) in member.key.value }
    }
    text += "{"
    for (index, member) in members.enumerated() {
      separate(index, level: level + 1)
      try write(try keyText(member.key.value))
      text += options.keySeparator
      try write(member.value, level: level + 1)
    }
    if !members.isEmpty { breakLine(level: level) }
    text += "}"
  }

  private func keyText(_ key: Value) throws(Fault) -> String {
    switch key {
    case .none: "null"
    case .boolean(let value): value ? "true" : "false"
    case .float(let value): Self.text(of: value)
    default: try operators.text(of: key)
    }
  }

  private mutating func separate(_ index: Int, level: Int) {
    if index > 0 { text += options.itemSeparator }
    breakLine(level: level)
  }

  private mutating func breakLine(level: Int) {
    guard let indent = options.indent else { return }
    text += "\n"
    for _ in 0..<level { text += indent }
  }

  private mutating func write(_ string: String) throws(Fault) {
    try operators.budget.spend(
      bytes: text.utf8.count + string.utf8.count, new: string.utf8.count)
    var result = String.UnicodeScalarView()
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\u{8}": result.append(contentsOf: "\\b".unicodeScalars)
      case "\u{C}": result.append(contentsOf: "\\f".unicodeScalars)
      case "\u{0}"..."\u{1F}": result.append(contentsOf: Self.escape(scalar).unicodeScalars)
      default:
        if options.isASCII, scalar.value > 0x7E {
          result.append(contentsOf: Self.escape(scalar).unicodeScalars)
        } else {
          result.append(scalar)
        }
      }
    }
    text += "\"" + String(result) + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
