import CLuaBridge
import TacitFault
import TacitReasoning

/// What a script passes to a host function.
struct LuaCall: Sendable {
  let arguments: [LuaValue]
  /// The line of the script that calls.
  let location: SourceLocation
  /// The coroutine that calls.
  let coroutine: ObjectIdentifier?

  /// The argument at a position from 0; `.none` beyond the last.
  subscript(index: Int) -> LuaValue {
    index < arguments.count ? arguments[index] : .none
  }
}

/// What a host function answers.
enum LuaReply: Sendable {
  case values([LuaValue])
  /// The coroutine sleeps until the work is done; what it throws is raised at the call.
  case wait(@Sendable () async throws -> [LuaValue])

  static let nothing = LuaReply.values([])
}

typealias HostFunction = @Sendable (LuaCall) throws -> LuaReply

/// Methods and fields of the objects that scripts hold.
struct LuaClass: Sendable {
  let name: String
  var methods: [String: HostFunction] = [:]
  var getters: [String: HostFunction] = [:]
}

/// A module's text, as `require` finds it.
struct LuaSource: Sendable {
  let path: String
  let bytes: [UInt8]
}

/// The Swift side of a state's callbacks.
///
/// Every access happens under the state's lock.
final class LuaHost {
  let weakState = WeakState()
  var functions: [HostFunction] = []
  var classes: [String: Int32] = [:]
  /// Paths of all chunks, for messages.
  var files: [String] = []
  /// What is being sent; keeps objects alive until the bridge has taken hold of them.
  private var sent = LuaWriter(classes: [:])
  var running: LuaCoroutine?
  let resolve: @Sendable (String) throws -> LuaSource
  let print: @Sendable (String) -> Void

  init(
    resolve: @escaping @Sendable (String) throws -> LuaSource,
    print: @escaping @Sendable (String) -> Void
  ) {
    self.resolve = resolve
    self.print = print
  }

  /// Lets go of what was sent last.
  func forgetSent() {
    sent = LuaWriter(classes: [:])
  }

  /// Hands the writer's bytes to the bridge.
  func send(_ writer: LuaWriter, to state: OpaquePointer) throws {
    sent = writer
    try send(writer.bytes, to: state)
  }

  func send(_ bytes: [UInt8], to state: OpaquePointer) throws {
    guard bytes.withUnsafeBufferPointer({ lb_reply(state, $0.baseAddress, $0.count) }) else {
      throw Fault(message: "out of memory")
    }
  }

  /// Runs a callback's work; what it throws is raised in the script at the line of its call.
  func answer(_ state: OpaquePointer, _ work: () throws -> lb_action) -> Int32 {
    do {
      return Int32(try work().rawValue)
    } catch {
      try? send(Array("\(error)".utf8), to: state)
      return Int32(LB_RAISE.rawValue)
    }
  }

  func call(
    _ state: OpaquePointer, _ function: Int32, _ bytes: UnsafeRawBufferPointer,
    _ location: SourceLocation
  ) -> Int32 {
    answer(state) {
      var reader = LuaReader(bytes, state: weakState)
      let call = LuaCall(
        arguments: try reader.readAll(), location: location,
        coroutine: running.map { ObjectIdentifier($0) })
      switch try functions[Int(function)](call) {
      case .values(let values):
        var writer = LuaWriter(classes: classes)
        for value in values { writer.write(value) }
        try send(writer, to: state)
        return LB_RETURN
      case .wait(let operation):
        running?.waitingFor = operation
        return LB_SUSPEND
      }
    }
  }

  func load(_ state: OpaquePointer, module name: String) -> Int32 {
    answer(state) {
      let source = try resolve(name)
      if !files.contains(source.path) { files.append(source.path) }
      var writer = LuaWriter(classes: classes)
      writer.write(source.path)
      writer.write(utf8: source.bytes)
      try send(writer, to: state)
      return LB_RETURN
    }
  }

  /// The C callbacks, with this object as their context.
  var callbacks: lb_host {
    lb_host(
      context: Unmanaged.passUnretained(self).toOpaque(),
      call: { context, state, function, bytes, count, source, line in
        guard let context, let state, let source else { return Int32(LB_RAISE.rawValue) }
        return LuaHost.from(context).call(
          state, function, UnsafeRawBufferPointer(start: bytes, count: count),
          SourceLocation(file: String(cString: source), line: Int(line)))
      },
      resolve: { context, state, name, count in
        guard let context, let state else { return Int32(LB_RAISE.rawValue) }
        return LuaHost.from(context).load(state, module: LuaHost.text(name, count))
      },
      print: { context, text, count, source, line in
        guard let context, let source else { return }
        let place = line > 0 ? "\(String(cString: source)):\(line): " : ""
        LuaHost.from(context).print(place + LuaHost.text(text, count))
      },
      retain: { _ = LuaHost.object($0)?.retain() },
      release: { LuaHost.object($0)?.release() })
  }

  private static func from(_ context: UnsafeMutableRawPointer) -> LuaHost {
    Unmanaged<LuaHost>.fromOpaque(context).takeUnretainedValue()
  }

  private static func object(_ address: UInt64) -> Unmanaged<LuaObject>? {
    UnsafeRawPointer(bitPattern: UInt(address)).map { Unmanaged.fromOpaque($0) }
  }

  /// Text from Lua, with invalid UTF-8 repaired: only names, messages and log lines come this way.
  static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
