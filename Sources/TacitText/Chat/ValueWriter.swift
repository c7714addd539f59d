import TacitFault

/// Text of values as Python prints them, with a limit on its length.
struct ValueWriter {
  private(set) var text = ""
  private let budget: Budget

  /// Python's `str`: what a tag prints.
  /// - Throws: ``Fault`` for values whose text would hold a memory address, and when the
  ///   budget is spent.
  static func text(of value: Value, budget: Budget) throws(Fault) -> String {
    if let text = value.string { return text }
    if case .undefined = value { return "" }
    return try representation(of: value, budget: budget)
  }

  /// Python's `repr`: how a value looks inside of a list.
  static func representation(of value: Value, budget: Budget) throws(Fault) -> String {
    var writer = ValueWriter(budget: budget)
    try writer.write(value, level: 0)
    return writer.text
  }

  private init(budget: Budget) { self.budget = budget }

  private mutating func write(_ value: Value, level: Int) throws(Fault) {
    // A namespace can hold itself.
    guard level <= 2 * ValueList.maximumDepth else {
      throw Fault(message: "value nested too deeply to print")
    }
    try budget.spend(1)
    switch value {
    case .undefined: text += "Undefined"
    case .none: text += "None"
    case .boolean(let value): text += value ? "True" : "False"
    case .integer(let value): text += String(value)
    case .float(let value): text += pythonText(of: value)
    case .string(let string): try append(pythonRepresentation(of: string))
    case .markup(let string): try append("Markup(\(pythonRepresentation(of: string)))")
    case .list(let list): try write(list.elements, "[", "]", level: level)
    case .tuple(let list):
      try write(list.elements, "(", list.elements.count == 1 ? ",)" : ")", level: level)
    case .dictionary(let dictionary): try write(dictionary, level: level)
    case .range(let range):
      let step = range.step == 1 ? "" : ", \(range.step)"
      text += "range(\(range.start), \(range.stop)\(step))"
    case .view(let name, let list):
      try write(list.elements, "dict_\(name)([", "])", level: level)
    case .namespace(let namespace):
      text += "<Namespace "
      try write(try ValueDictionary(namespace.attributes), level: level)
      text += ">"
    case .iterator, .loop, .macro, .function, .method:
      throw Fault(message: "\(value.kind) cannot be printed")
    }
  }

  private mutating func append(_ string: String) throws(Fault) {
    try budget.spend(bytes: string.utf8.count)
    text += string
  }

  private mutating func write(_ elements: [Value], _ open: String, _ close: String, level: Int)
    throws(Fault)
  {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += ", " }
      try write(element, level: level + 1)
    }
    text += close
  }

  private mutating func write(_ dictionary: ValueDictionary, level: Int)
    throws(Fault)
  {
    text += "{"
    for (index, member) in dictionary.members.elements.enumerated() {
      if index > 0 { text += ", " }
      try write(member.key.value, level: level + 1)
      text += ": "
      try write(member.value, level: level + 1)
    }
    text += "}"
  }
}

/// The shortest digits that read back equal; an exponent below 1e-4 and from 1e16 on.
func pythonText(of number: Double) -> String {
  guard number.isFinite else {
    return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf"
  }
  // Swift finds the same shortest digits, but places point and exponent differently.
  let parts = number.magnitude.description.split(separator: "e")
  let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  let whole = mantissa[0]
  let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
  let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  let allDigits = whole + fraction
  let significant = allDigits.drop { $0 == "0" }
  let sign = number.sign == .minus ? "-" : ""
  guard !significant.isEmpty else { return sign + "0.0" }
  // The number is 0.digits × 10^point.
  let point = whole.count + exponent - (allDigits.count - significant.count)
  var digits = String(significant)
  while digits.count > 1, digits.last == "0" { digits.removeLast() }
  if point <= -4 || point > 16 {
    let power = point - 1
    let tail = digits.dropFirst()
    let size = String(power.magnitude)
    return sign + digits.prefix(1) + (tail.isEmpty ? "" : ".") + tail + "e"
      + (power < 0 ? "-" : "+") + (size.count < 2 ? "0" : "") + size
  }
  if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
  if digits.count <= point {
    return sign + digits + String(repeating: "0", count: point - digits.count) + ".0"
  }
  return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}

/// Single quotes unless only double quotes avoid escapes; what cannot be printed is escaped.
func pythonRepresentation(of string: String) -> String {
  let scalars = string.unicodeScalars
  let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
  var text = String.UnicodeScalarView()
  text.append(quote)
  for scalar in scalars {
    switch scalar {
    case quote, "\\": text.append(contentsOf: ["\\", scalar])
    case "\n": text.append(contentsOf: "\\n".unicodeScalars)
    case "\r": text.append(contentsOf: "\\r".unicodeScalars)
    case "\t": text.append(contentsOf: "\\t".unicodeScalars)
    default:
      if scalar.isPythonPrintable {
        text.append(scalar)
      } else {
        text.append(contentsOf: scalar.pythonEscape.unicodeScalars)
      }
    }
  }
  text.append(quote)
  return String(text)
}

extension Unicode.Scalar {
  fileprivate var isPythonPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: self == " "
    default: true
    }
  }

  /// `\xe9`, `\u20ac` or `\U0001f642`.
  var pythonEscape: String {
    let digits = String(value, radix: 16)
    let (letter, count) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
  }
}
