import OrderedCollections
import TacitFault

extension Interpreter {
  func applyToSequence(_ filter: Filter, _ value: Value, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    switch filter {
    case .map: return iterator(try map(value, &arguments))
    case .select, .reject, .selectattr, .rejectattr:
      return iterator(try select(filter, value, &arguments))
    case .first:
      return try operators.elements(of: value).first ?? .undefined("an empty sequence has no first")
    case .last:
      if case .iterator = value { throw Fault(message: "an iterator cannot be reversed") }
      return try operators.elements(of: value).last ?? .undefined("an empty sequence has no last")
    case .list: return .list(try ValueList(try operators.elements(of: value)))
    case .items: return iterator(try ValueList(try items(of: value)))
    case .dictsort: return .list(try sortedPairs(of: value, &arguments))
    case .unique: return iterator(try unique(value, &arguments))
    case .sort: return .list(try sort(value, &arguments))
    case .reverse: return try reversed(value)
    case .min, .max: return try extreme(of: value, filter, &arguments)
    case .sum: return try sum(of: value, &arguments)
    default: return .string(try join(value, &arguments))
    }
  }

  private func iterator(_ list: ValueList) -> Value { .iterator(ValueIterator(list)) }

  // MARK: Attributes of elements

  /// A path such as `function.name` or `0`, walked by items as `map(attribute=…)` does.
  private func path(_ attribute: Value) throws(Fault) -> [Value] {
    switch attribute {
    case .string(let text):
      return text.split(separator: ".", omittingEmptySubsequences: false).map {
        $0.utf8.allSatisfy { (48...57).contains($0) } && !$0.isEmpty
          ? Int($0).map(Value.integer) ?? .string(String($0)) : .string(String($0))
      }
    case .integer: return [attribute]
    case .none: return []
    default: throw Fault(message: "an attribute is a name or a number, found \(attribute.kind)")
    }
  }

  private func walk(_ path: [Value], from element: Value, fallback: Value? = nil)
    throws(Fault) -> Value
  {
    var value = element
    for part in path {
      value = try item(part, of: value)
      if value.isUndefined, let fallback { value = fallback }
    }
    return value
  }

  /// Lower case for text unless case counts: how `sort`, `unique`, `min` and `max` compare.
  private func foldingCase(_ value: Value, unless isCaseSensitive: Bool)
    throws(Fault) -> Value
  {
    guard !isCaseSensitive, let text = value.string else { return value }
    try budget.spend(bytes: text.utf8.count)
    return .string(PythonString(text).lowercased)
  }

  // MARK: One by one

  private func map(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> ValueList
  {
    guard value.isTrue else {
      _ = arguments.takeAll()
      return .empty
    }
    var results: [Value] = []
    if let attribute = arguments.take("attribute") {
      let path = try path(attribute)
      var fallback = arguments.take("default")
      if case .some(.none) = fallback { fallback = nil }
      for element in try operators.elements(of: value) {
        results.append(try walk(path, from: element, fallback: fallback))
      }
      return try ValueList(results)
    }
    let name = try arguments.requiredString("filter")
    guard let filter = Filter(name: name) else { throw .unsupported("the filter '\(name)'") }
    let rest = arguments.rest()
    for element in try operators.elements(of: value) {
      results.append(try apply(filter, to: element, rest))
    }
    return try ValueList(results)
  }

  private func select(_ filter: Filter, _ value: Value, _ arguments: inout Arguments)
    throws(Fault) -> ValueList
  {
    guard value.isTrue else {
      _ = arguments.takeAll()
      return .empty
    }
    let usesAttribute = filter == .selectattr || filter == .rejectattr
    let wanted = filter == .select || filter == .selectattr
    let path = usesAttribute ? try path(try arguments.required("attribute")) : []
    var test: ValueTest?
    if let name = try arguments.string("test") {
      test = ValueTest(name: name)
      guard test != nil else { throw .unsupported("the test '\(name)'") }
    }
    let rest = arguments.rest()
    var results: [Value] = []
    for element in try operators.elements(of: value) {
      let subject = try walk(path, from: element)
      let holds = if let test { try run(test, on: subject, rest) } else { subject.isTrue }
      if holds == wanted { results.append(element) }
    }
    return try ValueList(results)
  }

  private func unique(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> ValueList
  {
    let isCaseSensitive = arguments.flag("case_sensitive")
    let path = try path(arguments.next("attribute") ?? .none)
    var seen: Set<DictionaryKey> = []
    var results: [Value] = []
    for element in try operators.elements(of: value) {
      let subject = try foldingCase(try walk(path, from: element), unless: isCaseSensitive)
      if seen.insert(try DictionaryKey(subject)).inserted { results.append(element) }
    }
    return try ValueList(results)
  }

  // MARK: As a whole

  private func items(of value: Value) throws(Fault) -> [Value] {
    switch value {
    case .undefined: return []
    case .dictionary(let dictionary):
      try budget.spend(dictionary.members.count)
      return try pairs(of: dictionary)
    default: throw Fault(message: "'items' takes a dictionary, found \(value.kind)")
    }
  }

  private func reversed(_ value: Value) throws(Fault) -> Value {
    if case .string(let text) = value {
      try budget.spend(bytes: text.utf8.count)
      return .string(String(scalars: text.unicodeScalars.reversed()))
    }
    if case .markup = value { throw .unsupported("the filter 'reverse' on \(value.kind)") }
    let elements = try operators.elements(of: value).reversed()
    if case .iterator = value { return .list(try ValueList(Array(elements))) }
    return iterator(try ValueList(Array(elements)))
  }

  private func join(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> String
  {
    let separator = try operators.text(of: arguments.next("d") ?? .string(""))
    let path = try path(arguments.next("attribute") ?? .none)
    var texts: [String] = []
    for element in try operators.elements(of: value) {
      texts.append(try operators.text(of: try walk(path, from: element)))
    }
    return try operators.joined(texts, separator: separator)
  }

  private func sum(of value: Value, _ arguments: inout Arguments) throws(Fault)
    -> Value
  {
    let path = try path(arguments.next("attribute") ?? .none)
    var total = arguments.next("start") ?? .integer(0)
    for element in try operators.elements(of: value) {
      total = try operators.apply(.add, total, try walk(path, from: element))
    }
    return total
  }

  private func extreme(of value: Value, _ filter: Filter, _ arguments: inout Arguments)
    throws(Fault) -> Value
  {
    let isCaseSensitive = arguments.flag("case_sensitive")
    let path = try path(arguments.next("attribute") ?? .none)
    var best: (key: Value, element: Value)?
    for element in try operators.elements(of: value) {
      let key = try foldingCase(try walk(path, from: element), unless: isCaseSensitive)
      if let current = best {
        let isBetter =
          filter == .min
          ? try operators.isLess(key, current.key) : try operators.isLess(current.key, key)
        if isBetter { best = (key, element) }
      } else {
        best = (key, element)
      }
    }
    return best?.element ?? .undefined("an empty sequence has no \(filter.rawValue)")
  }

  private func sort(_ value: Value, _ arguments: inout Arguments) throws(Fault)
    -> ValueList
  {
    let isReversed = arguments.flag("reverse")
    let isCaseSensitive = arguments.flag("case_sensitive")
    var paths: [[Value]] = []
    let attribute = arguments.next("attribute") ?? .none
    if let names = attribute.string {
      for name in PythonString(names).split(by: ",", limit: .max, fromRight: false) {
        paths.append(try path(.string(name)))
      }
    } else {
      paths = [try path(attribute)]
    }
    let elements = try operators.elements(of: value)
    let sorted = try operators.sorted(elements, isReversed: isReversed) {
      (element) throws(Fault) in
      var keys: [Value] = []
      for path in paths {
        keys.append(try foldingCase(try walk(path, from: element), unless: isCaseSensitive))
      }
      return .list(try ValueList(keys))
    }
    return try ValueList(sorted)
  }

  private func sortedPairs(of value: Value, _ arguments: inout Arguments)
    throws(Fault) -> ValueList
  {
    let isCaseSensitive = arguments.flag("case_sensitive")
    let by = try arguments.string("by") ?? "key"
    let isReversed = arguments.flag("reverse")
    guard case .dictionary(let dictionary) = value else {
      throw Fault(message: "'dictsort' takes a dictionary, found \(value.kind)")
    }
    guard by == "key" || by == "value" else {
      throw Fault(message: "'dictsort' is by key or by value, not by '\(by)'")
    }
    let members = try operators.sorted(
      Array(dictionary.members.elements), isReversed: isReversed
    ) { (member) throws(Fault) in
      try foldingCase(by == "key" ? member.key.value : member.value, unless: isCaseSensitive)
    }
    var sorted = OrderedDictionary<DictionaryKey, Value>()
    for (key, value) in members { sorted[key] = value }
    return try ValueList(try pairs(of: try ValueDictionary(sorted)))
  }
}

extension Operators {
  /// Stable, also when reversed, as Python's `sorted`.
  /// - Throws: ``Fault`` for keys that have no order.
  func sorted<Element>(
    _ elements: [Element], isReversed: Bool = false,
    by key: (Element) throws(Fault) -> Value
  ) throws(Fault) -> [Element] {
    var keyed: [(key: Value, element: Element)] = []
    for element in elements { keyed.append((try key(element), element)) }
    var fault: Fault?
    keyed.sort { left, right in
      guard fault == nil else { return false }
      do throws(Fault) {
        return isReversed ? try isLess(right.key, left.key) : try isLess(left.key, right.key)
      } catch {
        fault = error
        return false
      }
    }
    if let fault { throw fault }
    return keyed.map(\.element)
  }
}
