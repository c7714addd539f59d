import OrderedCollections
import TacitFault
import TacitJSON

/// A value while a template runs, with the meaning it has in Python.
enum Value {
  /// What a name, item or attribute that does not exist stands for; the text says which.
  case undefined(String)
  case none
  case boolean(Bool)
  case integer(Int)
  case float(Double)
  case string(String)
  /// Text that passed `safe` or `escape`.
  case markup(String)
  case list(ValueList)
  case tuple(ValueList)
  case dictionary(ValueDictionary)
  case range(ValueRange)
  /// `keys()`, `values()` or `items()` of a dictionary.
  case view(of: String, ValueList)
  /// What `map`, `select`, `reverse` … give: it can be walked once and has no length.
  case iterator(ValueIterator)
  case namespace(Namespace)
  case loop(LoopState)
  case macro(MacroValue)
  case function(Function)
  indirect case method(of: Value, String)
}

/// Elements whose nesting and total size are known, so that no walk over them can run away.
struct ValueList {
  static let maximumDepth = 64
  static let maximumSize = 1 << 24

  let elements: [Value]
  /// Levels of nesting, from 1.
  let depth: Int
  /// Values in the tree below, shared ones counted each time, plus one for each 16 bytes of text.
  let size: Int

  static var empty: ValueList { ValueList(elements: [], depth: 1, size: 1) }

  private init(elements: [Value], depth: Int, size: Int) {
    self.elements = elements
    self.depth = depth
    self.size = size
  }

  /// - Throws: ``Fault`` beyond ``maximumDepth`` or ``maximumSize``.
  init(_ elements: [Value]) throws(Fault) {
    let depth = (elements.lazy.map(\.depth).max() ?? 0) + 1
    let size = elements.reduce(1) { $0 + $1.size }
    guard depth <= Self.maximumDepth else {
      throw Fault(message: "value nested more than \(Self.maximumDepth) levels deep")
    }
    guard size <= Self.maximumSize else { throw Fault(message: "value too large") }
    self.init(elements: elements, depth: depth, size: size)
  }
}

/// A dictionary in order of insertion.
struct ValueDictionary {
  let members: OrderedDictionary<DictionaryKey, Value>
  let depth: Int
  let size: Int

  /// - Throws: as ``ValueList/init(_:)``.
  init(_ members: OrderedDictionary<DictionaryKey, Value>) throws(Fault) {
    let values = try ValueList(Array(members.values))
    self.members = members
    depth = values.depth
    size = values.size + members.keys.reduce(0) { $0 + $1.value.size }
  }

  subscript(name: String) -> Value? { members[DictionaryKey(name)] }
}

/// `range(…)`, not spelled out.
struct ValueRange {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  subscript(index: Int) -> Value { .integer(start + index * step) }
}

/// Elements that can be walked once.
final class ValueIterator {
  let list: ValueList
  private var next = 0

  init(_ list: ValueList) { self.list = list }

  func pull() -> Value? {
    guard next < list.elements.count else { return nil }
    defer { next += 1 }
    return list.elements[next]
  }
}

/// `namespace(…)`: the one value whose attributes a template can set.
final class Namespace {
  var attributes: OrderedDictionary<DictionaryKey, Value>

  init(_ attributes: OrderedDictionary<DictionaryKey, Value>) { self.attributes = attributes }
}

/// A macro with the scope it was defined in.
struct MacroValue {
  let macro: Statement.Macro
  let scope: Scope
}

/// The key of a dictionary; 1, 1.0 and True are the same key, as in Python.
struct DictionaryKey: Hashable {
  let value: Value

  init(_ name: String) { value = .string(name) }

  /// - Throws: ``Fault`` for anything but text, numbers, Booleans and none.
  init(_ value: Value) throws(Fault) {
    switch value {
    case .none, .boolean, .integer, .float, .string: self.value = value
    case .markup(let text): self.value = .string(text)
    default: throw .unsupported("\(value.kind) as the key of a dictionary")
    }
  }

  static func == (left: DictionaryKey, right: DictionaryKey) -> Bool {
    switch (left.value, right.value) {
    case (.string(let left), .string(let right)): return left.isSame(as: right)
    case (.none, .none): return true
    default:
      guard let left = Number(left.value), let right = Number(right.value) else { return false }
      return left == right
    }
  }

  func hash(into hasher: inout Hasher) {
    switch value {
    case .string(let text): hasher.combine(text)
    default:
      switch Number(value) {
      case .integer(let integer): hasher.combine(integer)
      case .float(let float):
        if let integer = Int(exactly: float) {
          hasher.combine(integer)
        } else {
          hasher.combine(float)
        }
      case nil: hasher.combine(0)
      }
    }
  }
}

extension String {
  /// Equality by scalars, as in Python; `==` also holds for canonical equivalents.
  func isSame(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}

extension Value {
  var depth: Int {
    switch self {
    case .list(let list), .tuple(let list), .view(_, let list): list.depth
    case .dictionary(let dictionary): dictionary.depth
    case .iterator(let iterator): iterator.list.depth
    case .loop(let loop): loop.source.depth
    case .method(let receiver, _): receiver.depth + 1
    default: 0
    }
  }

  var size: Int {
    switch self {
    case .string(let text), .markup(let text): 1 + text.utf8.count / 16
    case .list(let list), .tuple(let list), .view(_, let list): list.size
    case .dictionary(let dictionary): dictionary.size
    case .range(let range): 1 + range.count
    case .iterator(let iterator): iterator.list.size
    case .loop(let loop): loop.source.size
    case .method(let receiver, _): 1 + receiver.size
    default: 1
    }
  }

  /// The text of a string, `safe` or not; nil for anything else.
  var string: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  /// What `if`, `and`, `or` and `not` see.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let list), .tuple(let list), .view(_, let list): !list.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.members.isEmpty
    case .range(let range): range.count > 0
    case .iterator, .namespace, .loop, .macro, .function, .method: true
    }
  }

  /// What kind of value this is, as an error message names it.
  var kind: String {
    switch self {
    case .undefined: "an undefined value"
    case .none: "none"
    case .boolean: "a Boolean"
    case .integer: "an integer"
    case .float: "a number"
    case .string: "a string"
    case .markup: "a string marked safe"
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .range: "a range"
    case .view(let name, _): "the \(name) of a dictionary"
    case .iterator: "an iterator"
    case .namespace: "a namespace"
    case .loop: "a loop"
    case .macro: "a macro"
    case .function: "a function"
    case .method: "a method"
    }
  }
}

extension Value {
  /// - Throws: ``Fault`` when the value nests too deeply or is too large.
  init(_ json: JSON, level: Int = 0) throws(Fault) {
    guard level < ValueList.maximumDepth else {
      throw Fault(message: "value nested more than \(ValueList.maximumDepth) levels deep")
    }
    switch json {
    case .null: self = .none
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .float(value)
    case .string(let text): self = .string(text)
    case .array(let elements):
      var values: [Value] = []
      values.reserveCapacity(elements.count)
      for element in elements { values.append(try Value(element, level: level + 1)) }
      self = .list(try ValueList(values))
    case .object(let object):
      var members = OrderedDictionary<DictionaryKey, Value>(minimumCapacity: object.count)
      for (name, member) in object {
        members[DictionaryKey(name)] = try Value(member, level: level + 1)
      }
      self = .dictionary(try ValueDictionary(members))
    }
  }
}
