import TacitFault

/// Which attributes Python's values have, and which of them templates may use here.
enum Methods {
  private static let ofString: Set = [
    "capitalize", "count", "endswith", "find", "isalpha", "isdigit", "isspace", "join", "lower",
    "lstrip", "removeprefix", "removesuffix", "replace", "rfind", "rsplit", "rstrip", "split",
    "splitlines", "startswith", "strip", "title", "upper",
  ]
  private static let missingOfString: Set = [
    "casefold", "center", "encode", "expandtabs", "format", "format_map", "index", "isalnum",
    "isascii", "isdecimal", "isidentifier", "islower", "isnumeric", "isprintable", "istitle",
    "isupper", "ljust", "maketrans", "partition", "rindex", "rjust", "rpartition", "swapcase",
    "translate", "zfill",
  ]
  private static let ofDictionary: Set = ["copy", "get", "items", "keys", "values"]
  private static let changingDictionary: Set = [
    "clear", "pop", "popitem", "setdefault", "update",
  ]
  private static let ofList: Set = ["copy", "count", "index"]
  private static let changingList: Set = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]
  private static let missingOfNumber: Set = [
    "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes",
    "fromhex", "hex", "imag", "is_integer", "numerator", "real", "to_bytes",
  ]

  /// Whether values of this kind have a method of that name.
  /// - Throws: ``Fault`` for a method that Python has but this subset has not, or that
  ///   would change the value.
  static func look(up name: String, of value: Value) throws(Fault) -> Bool {
    let (known, missing, changing): (Set<String>, Set<String>, Set<String>) =
      switch value {
      case .string: (ofString, missingOfString, [])
      case .markup: ([], ofString.union(missingOfString), [])
      case .dictionary: (ofDictionary, ["fromkeys"], changingDictionary)
      case .list: (ofList, [], changingList)
      case .tuple: (["count", "index"], [], [])
      case .range: ([], ["count", "index", "start", "step", "stop"], [])
      case .view: ([], ["isdisjoint", "mapping"], [])
      case .boolean, .integer, .float: ([], missingOfNumber, [])
      default: ([], [], [])
      }
    if missing.contains(name) { throw .unsupported("the method '\(name)' of \(value.kind)") }
    guard !changing.contains(name) else {
      throw Fault(
        message: "'\(name)' changes \(value.kind), which chat templates are not allowed to do",
        hint: "build a new value with 'set' or collect in a namespace")
    }
    return known.contains(name)
  }
}

extension Interpreter {
  func call(_ name: String, of receiver: Value, _ arguments: Arguments) throws(Fault)
    -> Value
  {
    var arguments = arguments
    arguments.callee = "the method '\(name)'"
    if !["split", "rsplit", "splitlines"].contains(name) { try arguments.refuseNames() }
    switch receiver {
    case .string(let text): return try call(name, of: text, &arguments)
    case .dictionary(let dictionary): return try call(name, of: dictionary, receiver, &arguments)
    case .list(let list), .tuple(let list):
      return try call(name, of: list, receiver, &arguments)
    case .loop(let loop):
      let items = arguments.takeAll().positional
      guard !items.isEmpty else { throw Fault(message: "'loop.cycle' needs items") }
      return items[max(0, loop.index) % items.count]
    default: throw .unsupported("the method '\(name)' of \(receiver.kind)")
    }
  }

  private func call(
    _ name: String, of list: ValueList, _ receiver: Value, _ arguments: inout Arguments
  ) throws(Fault) -> Value {
    if name == "copy" {
      try arguments.finish()
      return receiver
    }
    let wanted = try arguments.required("value")
    try arguments.finish()
    var count = 0
    for (index, element) in list.elements.enumerated()
    where try operators.areEqual(element, wanted) {
      if name == "index" { return .integer(index) }
      count += 1
    }
    guard name == "count" else { throw Fault(message: "the value is not in the list") }
    return .integer(count)
  }

  private func call(
    _ name: String, of dictionary: ValueDictionary, _ receiver: Value,
    _ arguments: inout Arguments
  ) throws(Fault) -> Value {
    switch name {
    case "get":
      let key = try DictionaryKey(try arguments.required("key"))
      let fallback = arguments.next("default")
      try arguments.finish()
      return dictionary.members[key] ?? fallback ?? .none
    case "copy":
      try arguments.finish()
      return receiver
    default:
      try arguments.finish()
      try budget.spend(dictionary.members.count)
      return .view(of: name, try ValueList(try view(name, of: dictionary)))
    }
  }

  private func view(_ name: String, of dictionary: ValueDictionary) throws(Fault)
    -> [Value]
  {
    switch name {
    case "keys": dictionary.members.keys.map(\.value)
    case "values": Array(dictionary.members.values)
    default: try pairs(of: dictionary)
    }
  }

  /// The members as tuples of key and value.
  func pairs(of dictionary: ValueDictionary) throws(Fault) -> [Value] {
    var pairs: [Value] = []
    pairs.reserveCapacity(dictionary.members.count)
    for (key, value) in dictionary.members {
      pairs.append(.tuple(try ValueList([key.value, value])))
    }
    return pairs
  }

  // MARK: Strings

  private func call(_ name: String, of text: String, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    try budget.spend(bytes: text.utf8.count)
    let string = PythonString(text)
    let result: Value
    switch name {
    case "strip", "lstrip", "rstrip":
      let set = try arguments.string("chars")
      result = .string(
        string.stripped(of: set, left: name != "rstrip", right: name != "lstrip"))
    case "upper": result = .string(string.uppercased)
    case "lower": result = .string(string.lowercased)
    case "title": result = .string(string.titlecased)
    case "capitalize": result = .string(string.capitalized)
    case "split", "rsplit": result = try split(string, &arguments, fromRight: name == "rsplit")
    case "splitlines":
      let lines = string.lines(keepingEnds: arguments.flag("keepends"))
      result = .list(try ValueList(lines.map(Value.string)))
    case "join":
      result = .string(try join(try arguments.required("iterable"), separator: text))
    case "replace": result = try replace(string, &arguments)
    case "removeprefix":
      let part = try arguments.requiredString("prefix")
      let count = string.hasPrefix(part) ? part.unicodeScalars.count : 0
      result = .string(String(scalars: text.unicodeScalars.dropFirst(count)))
    case "removesuffix":
      let part = try arguments.requiredString("suffix")
      let count = string.hasSuffix(part) ? part.unicodeScalars.count : 0
      result = .string(String(scalars: text.unicodeScalars.dropLast(count)))
    default: result = try examine(name, string, &arguments)
    }
    try arguments.finish()
    return result
  }

  /// Methods whose result is a number or a Boolean.
  private func examine(_ name: String, _ string: PythonString, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    let scalars = string.text.unicodeScalars
    switch name {
    case "startswith": return .boolean(try hasEnd(&arguments) { string.hasPrefix($0) })
    case "endswith": return .boolean(try hasEnd(&arguments) { string.hasSuffix($0) })
    case "find", "rfind":
      let part = try arguments.requiredString("sub")
      return .integer(string.find(part, fromRight: name == "rfind"))
    case "count":
      let part = try arguments.requiredString("sub")
      return .integer(string.ranges(of: Array(part.utf8)).count)
    case "isdigit":
      return .boolean(
        !scalars.isEmpty
          && scalars.allSatisfy {
            $0.properties.numericType == .decimal || $0.properties.numericType == .digit
          })
    case "isalpha":
      return .boolean(
        !scalars.isEmpty
          && scalars.allSatisfy {
            [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
              .contains($0.properties.generalCategory)
          })
    case "isspace":
      return .boolean(!scalars.isEmpty && scalars.allSatisfy(\.isPythonSpace))
    default: throw .unsupported("the method '\(name)' of a string")
    }
  }

  /// `startswith` and `endswith` take one string or a tuple of them.
  private func hasEnd(_ arguments: inout Arguments, _ holds: (String) -> Bool)
    throws(Fault) -> Bool
  {
    let wanted = try arguments.required("affix")
    guard case .tuple(let choices) = wanted else {
      guard let text = wanted.string else {
        throw arguments.mismatch("affix", "a string or a tuple", wanted)
      }
      return holds(text)
    }
    for choice in choices.elements {
      guard let text = choice.string else {
        throw arguments.mismatch("affix", "a tuple of strings", choice)
      }
      if holds(text) { return true }
    }
    return false
  }

  private func split(_ string: PythonString, _ arguments: inout Arguments, fromRight: Bool)
    throws(Fault) -> Value
  {
    let separator = try arguments.string("sep")
    let maximum = try arguments.integer("maxsplit") ?? -1
    let limit = maximum < 0 ? Int.max : maximum
    guard separator != "" else { throw Fault(message: "'split' with an empty separator") }
    let pieces =
      if let separator {
        string.split(by: separator, limit: limit, fromRight: fromRight)
      } else {
        string.splitAtSpace(limit: limit, fromRight: fromRight)
      }
    try budget.spend(pieces.count)
    return .list(try ValueList(pieces.map(Value.string)))
  }

  private func replace(_ string: PythonString, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    let old = try arguments.requiredString("old")
    let new = try arguments.requiredString("new")
    let count = try arguments.integer("count") ?? -1
    return .string(try replace(old, with: new, in: string, limit: count))
  }

  /// Replaces a part up to `limit` times; negative for every time.
  func replace(_ old: String, with new: String, in string: PythonString, limit: Int)
    throws(Fault) -> String
  {
    let limit = limit < 0 ? Int.max : limit
    let count = string.ranges(of: Array(old.utf8), limit: limit).count
    let (growth, overflow) = count.multipliedReportingOverflow(by: new.utf8.count)
    try budget.spend(bytes: overflow ? Int.max : string.text.utf8.count + growth)
    return string.replacing(old, with: new, limit: limit)
  }

  /// `separator.join(…)`: text only, unlike the filter.
  private func join(_ value: Value, separator: String) throws(Fault) -> String {
    var texts: [String] = []
    for element in try operators.elements(of: value) {
      guard let text = element.string else {
        throw Fault(message: "'join' takes strings, found \(element.kind)")
      }
      texts.append(text)
    }
    return try operators.joined(texts, separator: separator)
  }
}
