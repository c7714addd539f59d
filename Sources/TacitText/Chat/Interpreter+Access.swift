import TacitFault

/// Attributes, items and slices.
extension Interpreter {
  /// `value.name`: a method or attribute of Python comes before the key of a dictionary.
  func attribute(_ name: String, of value: Value) throws(Fault) -> Value {
    if case .undefined(let reason) = value { throw Fault(message: reason) }
    if let found = try pythonAttribute(name, of: value) { return found }
    if case .dictionary(let dictionary) = value, let member = dictionary[name] { return member }
    try checkIsPublic(name)
    return .undefined("\(value.kind) has no attribute '\(name)'")
  }

  /// `value[index]`: a key or position comes before an attribute.
  func item(_ index: Value, of value: Value) throws(Fault) -> Value {
    if case .undefined(let reason) = value { throw Fault(message: reason) }
    if let found = try element(index, of: value) { return found }
    guard let name = index.string else {
      return .undefined("\(value.kind) has no element \(try describe(index))")
    }
    if let found = try pythonAttribute(name, of: value) { return found }
    try checkIsPublic(name)
    return .undefined("\(value.kind) has no element '\(name)'")
  }

  private func describe(_ index: Value) throws(Fault) -> String {
    if let number = Number(index) { return try operators.text(of: number.value) }
    return "at \(index.kind)"
  }

  private func pythonAttribute(_ name: String, of value: Value) throws(Fault) -> Value? {
    switch value {
    case .namespace(let namespace): return namespace.attributes[DictionaryKey(name)]
    case .loop(let loop):
      let found = try loop.attribute(name)
      return found.isUndefined && name != "previtem" && name != "nextitem" ? nil : found
    case .macro, .function, .method:
      throw .unsupported("the attribute '\(name)' of \(value.kind)")
    default: return try Methods.look(up: name, of: value) ? .method(of: value, name) : nil
    }
  }

  /// The inner workings of Python are out of bounds, as in the sandbox of transformers.
  private func checkIsPublic(_ name: String) throws(Fault) {
    if name.hasPrefix("__"), name.hasSuffix("__") {
      throw .unsupported("the attribute '\(name)'")
    }
  }

  private func element(_ index: Value, of value: Value) throws(Fault) -> Value? {
    switch value {
    case .dictionary(let dictionary):
      switch index {
      case .string, .markup, .none, .boolean, .integer, .float:
        return dictionary.members[try DictionaryKey(index)]
      default: return nil
      }
    case .list(let list), .tuple(let list):
      return position(index, count: list.elements.count).map { list.elements[$0] }
    case .range(let range): return position(index, count: range.count).map { range[$0] }
    case .string(let text), .markup(let text):
      guard Number(index) != nil else { return nil }
      try budget.spend(bytes: text.utf8.count)
      let scalars = text.unicodeScalars
      guard let position = position(index, count: scalars.count) else { return nil }
      return .string(String(scalars[scalars.index(scalars.startIndex, offsetBy: position)]))
    default: return nil
    }
  }

  /// A position from the front; negative ones count from the end.
  private func position(_ index: Value, count: Int) -> Int? {
    guard case .integer(let index) = Number(index) else { return nil }
    let position = index < 0 && index >= -count ? index + count : index
    return (0..<count).contains(position) ? position : nil
  }

  func slice(_ value: Value, _ slice: SliceBounds) throws(Fault) -> Value {
    guard slice.step != 0 else { throw Fault(message: "the step of a slice is zero") }
    switch value {
    case .undefined(let reason): throw Fault(message: reason)
    case .string(let text):
      try budget.spend(bytes: text.utf8.count)
      let scalars = Array(text.unicodeScalars)
      return .string(String(scalars: slice.indices(in: scalars.count).map { scalars[$0] }))
    case .list(let list): return .list(try elements(of: list, slice))
    case .tuple(let list): return .tuple(try elements(of: list, slice))
    default: throw Fault(message: "\(value.kind) cannot be sliced")
    }
  }

  private func elements(of list: ValueList, _ slice: SliceBounds) throws(Fault)
    -> ValueList
  {
    try budget.spend(list.elements.count)
    return try ValueList(slice.indices(in: list.elements.count).map { list.elements[$0] })
  }
}

/// `[lower:upper:step]`; bounds are clamped and negative ones count from the end.
struct SliceBounds {
  var lower: Int?
  var upper: Int?
  /// Never zero.
  var step: Int

  func indices(in count: Int) -> StrideTo<Int> {
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? count : count - 1
    func clamp(_ bound: Int) -> Int {
      max(lowest, min(highest, bound < 0 ? bound + count : bound))
    }
    let start = lower.map(clamp) ?? (step > 0 ? lowest : highest)
    let end = upper.map(clamp) ?? (step > 0 ? highest : lowest)
    // A step beyond the count gives one element, whatever its size.
    return stride(from: start, to: end, by: max(-count - 1, min(count + 1, step)))
  }
}
