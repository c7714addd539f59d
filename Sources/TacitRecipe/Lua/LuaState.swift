import CLuaBridge
import Synchronization
import TacitFault
import TacitModel
import TacitReasoning

/// One call of a script function, from its start to its end.
final class LuaCoroutine {
  fileprivate let raw: lb_coroutine
  /// Work that the script waits for.
  var waitingFor: (@Sendable () async throws -> [LuaValue])?

  fileprivate init(raw: lb_coroutine) {
    self.raw = raw
  }
}

/// A sandboxed Lua state: one for each pipeline.
///
/// Any thread may use it; a lock lets one in at a time. A script that waits for Swift gives the
/// lock back, so many calls of one state are under way together.
final class LuaState: @unchecked Sendable {
  private let raw: OpaquePointer
  private let host: LuaHost
  private let limits: LuaLimits
  private let lock = Mutex<Void>(())
  private let holder = Atomic<UInt64>(0)
  private let dropped = Mutex<[Int32]>([])

  /// - Throws: `Fault` when memory is exhausted.
  init(
    limits: LuaLimits, classes: [LuaClass] = [],
    resolve: @escaping @Sendable (String) throws -> LuaSource = { name in
      throw Fault(message: "module '\(name)' was not found")
    },
    print: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.limits = limits
    host = LuaHost(resolve: resolve, print: print)
    let bounds = lb_limits(
      memory_bytes: limits.memoryBytes, string_bytes: limits.stringBytes,
      value_depth: Int32(clamping: limits.valueDepth),
      value_count: Int32(clamping: limits.valueCount), pattern_steps: Int64(limits.patternSteps))
    guard let raw = lb_open(bounds, host.callbacks) else {
      throw Fault(
        message: "a script state needs more than the memory limit of \(limits.memoryBytes) bytes")
    }
    self.raw = raw
    host.weakState.value = self
    for (index, item) in classes.enumerated() { host.classes[item.name] = Int32(index) }
    for item in classes { try define(item) }
  }

  deinit {
    lb_close(raw)
  }

  /// Heap that scripts use now.
  var memoryBytes: Int { (try? exclusively { lb_memory_used(raw) }) ?? 0 }

  /// Paths of the chunks loaded so far.
  var files: [String] { (try? exclusively { host.files }) ?? [] }

  // MARK: Definitions

  /// Defines what `require(name)` returns; `unknown` answers names that are not there.
  func define(
    module name: String, functions: [String: HostFunction], objects: [String: LuaObject],
    unknown: @escaping HostFunction
  ) throws {
    try exclusively {
      var writer = LuaWriter(classes: host.classes)
      writer.write(hostFunctions: functions.mapValues { add($0) }, objects: objects)
      try host.send(writer, to: raw)
      try check(lb_define_module(raw, name, add(unknown)))
    }
  }

  private func define(_ item: LuaClass) throws {
    let members = Suggestion(
      names: (Array(item.methods.keys) + item.getters.keys).sorted(), noun: "members")
    let unknown: HostFunction = { call in
      let name = call[1].string ?? call[1].described
      throw Fault(message: "a \(item.name) has no '\(name)'", hint: members.hint(for: name))
    }
    try exclusively {
      var writer = LuaWriter(classes: host.classes)
      writer.write(hostFunctions: item.methods.mapValues { add($0) })
      writer.write(hostFunctions: item.getters.mapValues { add($0) })
      try host.send(writer, to: raw)
      try check(lb_define_class(raw, host.classes[item.name] ?? 0, item.name, add(unknown)))
    }
  }

  private func add(_ function: @escaping HostFunction) -> Int32 {
    host.functions.append(function)
    return Int32(host.functions.count - 1)
  }

  // MARK: Running

  /// Compiles and runs a chunk, within the budget of loading; returns what it returns.
  func load(_ source: LuaSource) throws -> [LuaValue] {
    let function = try exclusively {
      if !host.files.contains(source.path) { host.files.append(source.path) }
      var reference: Int32 = 0
      let ok = source.bytes.withUnsafeBytes { bytes in
        lb_load(
          raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, source.path,
          &reference)
      }
      try check(ok)
      return LuaFunction(
        reference: reference, location: SourceLocation(file: source.path, line: 0),
        state: host.weakState)
    }
    return try call(function, [], instructions: limits.loadInstructions)
  }

  /// Calls a function on this thread; it may not wait.
  func call(_ function: LuaFunction, _ arguments: [LuaValue]) throws -> [LuaValue] {
    try call(function, arguments, instructions: limits.runInstructions)
  }

  private func call(
    _ function: LuaFunction, _ arguments: [LuaValue], instructions: Int
  ) throws -> [LuaValue] {
    let coroutine = try spawn(function)
    defer { release(coroutine) }
    guard let values = try resume(coroutine, .values(arguments), instructions: instructions) else {
      throw Fault(
        function.location.file, line: function.location.line,
        message: "a function that an option calls cannot wait for the model")
    }
    return values
  }

  /// Calls a function that may wait; the lock is free while it does.
  ///
  /// Cancellation and a used-up budget end the call: the script cannot catch them.
  func run(_ function: LuaFunction, _ arguments: [LuaValue]) async throws -> [LuaValue] {
    let coroutine = try spawn(function)
    defer { release(coroutine) }
    var delivery = Delivery.values(arguments)
    var waits = 0
    while true {
      if let values = try resume(coroutine, delivery, instructions: limits.runInstructions) {
        return values
      }
      guard let operation = coroutine.waitingFor else {
        preconditionFailure("a coroutine is suspended only by a wait")
      }
      coroutine.waitingFor = nil
      waits += 1
      guard waits <= limits.waits else {
        throw Fault(
          function.location.file, line: function.location.line,
          message: "stopped after \(limits.waits) calls that wait for the model",
          hint: "a loop of this function may never end")
      }
      do {
        delivery = .values(try await operation())
      } catch let error where error is CancellationError || error is BudgetExhausted {
        throw error
      } catch {
        delivery = .failure(error)
      }
      try Task.checkCancellation()
    }
  }

  private enum Delivery {
    case values([LuaValue])
    case failure(any Error)
  }

  private func spawn(_ function: LuaFunction) throws -> LuaCoroutine {
    try exclusively {
      var coroutine = lb_coroutine()
      try check(lb_spawn(raw, function.reference, &coroutine))
      return LuaCoroutine(raw: coroutine)
    }
  }

  private func release(_ coroutine: LuaCoroutine) {
    try? exclusively { lb_release_coroutine(raw, coroutine.raw) }
  }

  /// The results, or nil when the script waits.
  private func resume(
    _ coroutine: LuaCoroutine, _ delivery: Delivery, instructions: Int
  ) throws -> [LuaValue]? {
    try exclusively {
      var raises = false
      switch delivery {
      case .values(let values):
        var writer = LuaWriter(classes: host.classes)
        for value in values { writer.write(value) }
        try host.send(writer, to: raw)
      case .failure(let error):
        raises = true
        try host.send(Array("\(error)".utf8), to: raw)
      }
      coroutine.waitingFor = nil
      host.running = coroutine
      defer {
        host.running = nil
        host.forgetSent()
      }
      switch lb_resume(raw, coroutine.raw, raises, Int64(instructions), limits.seconds) {
      case LB_FINISHED: return try output { try $0.readAll() }
      case LB_SUSPENDED: return nil
      default: throw failure()
      }
    }
  }

  /// Frees what scripts no longer hold; Swift objects weigh more than Lua's collector can know.
  func collectGarbage() {
    try? exclusively { lb_collect(raw) }
  }

  // MARK: Outcome

  private func check(_ ok: Bool) throws {
    if !ok { throw failure() }
  }

  private func failure() -> Fault {
    Fault(luaMessage: String(decoding: outputBytes, as: UTF8.self), files: host.files)
  }

  private var outputBytes: UnsafeRawBufferPointer {
    var count = 0
    let start = lb_output(raw, &count)
    return UnsafeRawBufferPointer(start: start, count: count)
  }

  private func output<Value>(_ read: (inout LuaReader) throws -> Value) throws -> Value {
    var reader = LuaReader(outputBytes, state: host.weakState)
    return try read(&reader)
  }

  // MARK: Exclusion

  /// Forgets a function when the state is next entered; a deinitialiser cannot wait for the lock.
  func dropLater(_ reference: Int32) {
    dropped.withLock { $0.append(reference) }
  }

  private func exclusively<Value>(_ work: () throws -> Value) throws -> Value {
    let thread = lb_current_thread()
    guard holder.load(ordering: .relaxed) != thread else {
      throw Fault(
        message: "a function of the recipe cannot be called while the recipe calls the host")
    }
    return try lock.withLock { _ in
      holder.store(thread, ordering: .relaxed)
      defer { holder.store(0, ordering: .relaxed) }
      for reference in dropped.withLock({ references in
        defer { references = [] }
        return references
      }) {
        lb_release_function(raw, reference)
      }
      return try work()
    }
  }
}
