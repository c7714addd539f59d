import CLuaBridge
import TacitFault
import TacitReasoning

/// Writes values in the bridge's wire form.
struct LuaWriter {
  private(set) var bytes: [UInt8] = []
  /// Objects written; the bridge holds them from the moment a script does, not before.
  private(set) var objects: [LuaObject] = []
  private let classes: [String: Int32]

  init(classes: [String: Int32]) {
    self.classes = classes
  }

  mutating func write(_ value: LuaValue) {
    switch value {
    case .none: write(LB_NIL)
    case .boolean(let value): write(value ? LB_TRUE : LB_FALSE)
    case .integer(let value):
      write(LB_INTEGER)
      raw(Int64(value))
    case .number(let value):
      write(LB_NUMBER)
      raw(value)
    case .string(let value): write(value)
    case .table(let table): write(table)
    case .function(let function):
      write(LB_FUNCTION)
      raw(function.reference)
    case .object(let object): write(object)
    }
  }

  /// A table of host functions by name.
  mutating func write(hostFunctions: [String: Int32], objects: [String: LuaObject] = [:]) {
    write(LB_TABLE)
    raw(UInt32(0))
    raw(UInt32(hostFunctions.count + objects.count))
    for (name, function) in hostFunctions {
      write(name)
      write(LB_HOST)
      raw(function)
    }
    for (name, object) in objects {
      write(name)
      write(object)
    }
  }

  mutating func write(_ text: String) {
    write(utf8: Array(text.utf8))
  }

  mutating func write(utf8 text: [UInt8]) {
    write(LB_STRING)
    raw(UInt32(text.count))
    bytes.append(contentsOf: text)
  }

  private mutating func write(_ table: LuaTable) {
    write(LB_TABLE)
    raw(UInt32(table.positional.count))
    raw(UInt32(table.named.count))
    for value in table.positional { write(value) }
    for (name, value) in table.named {
      write(name)
      write(value)
    }
  }

  private mutating func write(_ object: LuaObject) {
    guard let index = classes[object.className] else {
      preconditionFailure("class '\(object.className)' is not defined in this state")
    }
    objects.append(object)
    write(LB_OBJECT)
    raw(index)
    raw(UInt64(UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque())))
  }

  private mutating func write(_ tag: lb_tag) { bytes.append(UInt8(tag.rawValue)) }

  private mutating func raw(_ value: some BitwiseCopyable) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }
}

/// Reads values in the bridge's wire form.
struct LuaReader {
  private var bytes: UnsafeRawBufferPointer
  private let state: WeakState

  init(_ bytes: UnsafeRawBufferPointer, state: WeakState) {
    self.bytes = bytes
    self.state = state
  }

  /// Every value there is.
  /// - Throws: `Fault` for a string that is not UTF-8.
  mutating func readAll() throws -> [LuaValue] {
    var values: [LuaValue] = []
    while !bytes.isEmpty { values.append(try read()) }
    return values
  }

  private mutating func read() throws -> LuaValue {
    let tag = take(as: UInt8.self)
    switch lb_tag(rawValue: UInt32(tag)) {
    case LB_NIL: return .none
    case LB_FALSE: return .boolean(false)
    case LB_TRUE: return .boolean(true)
    case LB_INTEGER: return .integer(Int(take(as: Int64.self)))
    case LB_NUMBER: return .number(take(as: Double.self))
    case LB_STRING: return .string(try readText())
    case LB_TABLE: return .table(try readTable())
    case LB_FUNCTION: return .function(try readFunction())
    case LB_OBJECT: return try readObject()
    default: preconditionFailure("unknown tag \(tag)")
    }
  }

  private mutating func readText() throws -> String {
    let count = Int(take(as: UInt32.self))
    guard let text = String(validating: takeBytes(count), as: UTF8.self) else {
      throw Fault(
        message: "a string that is not valid UTF-8 was passed",
        hint: "string.sub counts bytes; use utf8.offset to cut text between characters")
    }
    return text
  }

  private mutating func readTable() throws -> LuaTable {
    let positional = Int(take(as: UInt32.self))
    let named = Int(take(as: UInt32.self))
    var table = LuaTable()
    table.positional.reserveCapacity(positional)
    for _ in 0..<positional { table.positional.append(try read()) }
    for _ in 0..<named {
      guard case .string(let name) = try read() else { preconditionFailure("a name was expected") }
      table.named[name] = try read()
    }
    return table
  }

  private mutating func readFunction() throws -> LuaFunction {
    let reference = take(as: Int32.self)
    let line = Int(take(as: Int32.self))
    let count = Int(take(as: UInt32.self))
    let file = String(decoding: takeBytes(count), as: UTF8.self)
    let location = SourceLocation(file: file, line: line)
    return LuaFunction(reference: reference, location: location, state: state)
  }

  private mutating func readObject() throws -> LuaValue {
    _ = take(as: Int32.self)
    let address = take(as: UInt64.self)
    guard let pointer = UnsafeRawPointer(bitPattern: UInt(address)) else {
      preconditionFailure("null object")
    }
    return .object(Unmanaged<LuaObject>.fromOpaque(pointer).takeUnretainedValue())
  }

  private mutating func take<Value: BitwiseCopyable>(as type: Value.Type) -> Value {
    takeBytes(MemoryLayout<Value>.size).loadUnaligned(as: type)
  }

  private mutating func takeBytes(_ count: Int) -> UnsafeRawBufferPointer {
    precondition(count <= bytes.count, "the bridge wrote too few bytes")
    defer { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(count)) }
    return UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
  }
}
