import Synchronization
import TacitFault
import TacitReasoning
import Testing

@testable import TacitRecipe

/// Runs a chunk named "t.lua" in a fresh state.
private func run(_ text: String, limits: LuaLimits = .standard) throws -> [LuaValue] {
  let state = try LuaState(limits: limits)
  return try state.load(LuaSource(path: "t.lua", bytes: Array(text.utf8)))
}

private func message(_ text: String, limits: LuaLimits = .standard) -> String {
  do {
    return "no error, but \(try run(text, limits: limits).map(\.described))"
  } catch {
    return "\(error)"
  }
}

private func text(_ script: String) throws -> String? { try run(script).first?.string }

@Suite struct SandboxTests {
  @Test(arguments: [
    ("x = 1", "t.lua:1: cannot set the global variable 'x'\n  write 'local x = ...'"),
    ("local a = os.time()", "t.lua:1: 'os' is not available in recipes"),
    ("return latnt", "t.lua:1: unknown variable 'latnt'"),
    ("return string.dump(function() end)", "t.lua:1: attempt to call a nil value (field 'dump')"),
    ("return ('x'):rep(1e9)", "t.lua:1: string.rep: the result would exceed 16777216 bytes"),
    ("return math.random()", "t.lua:1: attempt to call a nil value (field 'random')"),
    (
      "return ('%p'):format({})",
      "t.lua:1: '%p' is not available in recipes: addresses differ from run to run"
    ),
    ("local t = {} t[1] = t return t", "a table that contains itself cannot be passed"),
    ("return require 'os'", "t.lua:1: module 'os' was not found"),
    (
      "table.insert({ \((0..<62).map { "[1 << \($0)] = 1" }.joined(separator: ", ")) }, 1, 0)",
      "t.lua:1: a list of more than 1000000 values is too long"
    ),
    ("table.move({}, 1, 1 << 60, 2)", "t.lua:1: table.move of more than 1000000 values"),
    (
      "for k in pairs({ [{}] = 1 }) do end",
      "t.lua:1: a key of type table has no reproducible order; iterate over a list instead"
    ),
    ("return 1 +", "t.lua:1: unexpected symbol near <eof>"),
    ("\u{1b}Lua", "attempt to load a binary chunk (mode is 't')"),
    (
      "return '\\xff'",
      "a string that is not valid UTF-8 was passed\n  string.sub counts bytes; use utf8.offset to cut text between characters"
    ),
    ("error({})", "error with a value of type table instead of a message"),
  ])
  func refuses(script: String, expected: String) {
    #expect(message(script) == expected)
  }

  @Test(
    arguments: [
      ("return tostring({}) .. ('%s'):format(print) .. tostring(nil)", "tablefunctionnil"),
      (
        "local s = '' for k, v in pairs { b = 2, a = 1, 10, 20, [1.5] = 0, [true] = 3 } do s = s .. tostring(k) .. '=' .. v .. ' ' end return s",
        "1=10 1.5=0 2=20 a=1 b=2 true=3 "
      ),
      ("local s = '' for k in next, { z = 1, y = 2 } do s = s .. k end return s", "yz"),
      ("return tostring(next({}))", "nil"),
      ("return tostring(getmetatable == nil)", nil),
      (
        "local ok, e = pcall(function() y = 1 end) return e",
        "t.lua:1: cannot set the global variable 'y'\n  write 'local y = ...'"
      ),
    ] as [(String, String?)])
  func keeps(script: String, expected: String?) {
    #expect((try? text(script)) == expected)
  }

  /// The bounded pattern functions, against results of the stock Lua 5.4 interpreter.
  @Test(arguments: [
    ("('hello world'):find('o w')", "5 7"), ("('hello'):find('l+')", "3 4"),
    ("('hello'):find('xyz')", "nil"), ("('a.b'):find('.', 1, true)", "2 2"),
    ("('hello'):find('', 10)", "nil"), ("('hello'):find('', 6)", "6 5"),
    ("('hello'):find('(l)(l)()')", "3 4 l l 5"), ("('  x y '):match('^%s*(.-)%s*$')", "x y"),
    ("('key = val'):match('(%w+)%s*=%s*(%w+)')", "key val"),
    ("('f(a(b)c)d'):match('%b()')", "(a(b)c)"),
    ("('THE (quick) fox'):find('%f[%a]%a+%f[%A]')", "1 3"), ("('abab'):match('(ab)%1')", "ab"),
    ("('x^y'):gsub('%^', '**')", "x**y 1"), ("('hello'):gsub('', '-')", "-h-e-l-l-o- 6"),
    ("('hello world'):gsub('o', '0', 1)", "hell0 world 1"),
    ("('abc'):gsub('%w', '%0%0')", "aabbcc 3"),
    ("('abc'):gsub('(a)(b)', '%2%1')", "bac 1"), ("('$a $b'):gsub('%$(%w+)', {a = 1})", "1 $b 2"),
    ("('abc'):gsub('.', function(c) if c == 'b' then return 'X' end end)", "aXc 3"),
    ("('a,b,,c'):gsub(',', ';')", "a;b;;c 3"), ("('[x]'):match('[]]')", "]"),
    ("('a-z'):match('[a-]+')", "a-"), ("('äb'):match('[^a]+')", "äb"), ("('aXb'):match('%u')", "X"),
    ("('0x1F'):match('^0[xX](%x+)$')", "1F"), ("('abc'):match('b', -1)", "nil"),
    ("('abc'):match('()b()')", "2 3"), ("('aaa'):match('a-b')", "nil"),
    ("('aaab'):match('a-b')", "aaab"),
    ("('ab'):match('a?b?c?')", "ab"), ("('abc'):gsub('^a', 'x')", "xbc 1"),
    ("('%d'):gsub('%%d', '%%')", "% 1"),
  ])
  func patterns(expression: String, expected: String) throws {
    let script = """
      local out = table.pack(\(expression))
      for i = 1, out.n do out[i] = tostring(out[i]) end
      return table.concat(out, ' ')
      """
    #expect(try text(script) == expected)
  }

  @Test func gmatchIterates() throws {
    #expect(
      try text(
        "local s = '' for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do s = s .. k .. v end return s"
      )
        == "a1b2")
    #expect(
      try text(
        "local s = '' for w in ('one two'):gmatch('%a*') do s = s .. '[' .. w .. ']' end return s")
        == "[one][two]")
  }

  @Test(arguments: [
    "('a'):find('[a')", "('a'):find('%')", "('a'):match('(a')", "('a'):match('a)')",
    "('a'):match('%f')", "('a'):match('%b')", "('a'):match('%1')", "('a'):gsub('a', '%2')",
    "('a'):rep(300):match(('a?'):rep(300) .. ('('):rep(40))",
  ])
  func malformedPatternsAreErrors(expression: String) {
    #expect(message("return \(expression)").hasPrefix("t.lua:1: "))
  }
}

@Suite struct LimitTests {
  static var tight: LuaLimits {
    var limits = LuaLimits()
    limits.loadInstructions = 200_000
    limits.runInstructions = 200_000
    limits.memoryBytes = 8 << 20
    limits.seconds = 900
    return limits
  }

  @Test(arguments: [
    "while true do end",
    "\nwhile true do pcall(function() while true do end end) end",
    "local function f() return pcall(f) or f() end while true do f() end",
    "while true do xpcall(function() while true do end end, function() while true do end end) end",
    "table.sort({3, 2, 1}, function(a, b) while true do pcall(error) end end)",
    "while true do pcall(table.sort, {3, 2, 1}, function(a, b) while true do end end) end",
    "('x'):gsub('x', function() while true do end end)",
    "repeat pcall(string.find, ('a'):rep(400), '.-.-.-b') until false",
    "local s = ('x'):rep(1 << 20) while true do local t = s .. 'y' end",
    "for i = 1, 1e9 do local t = {} for j = 1, 1000 do t[j] = j end table.insert(t, 1, 0) end",
  ])
  func endlessLoopsEnd(script: String) throws {
    let clock = ContinuousClock()
    let start = clock.now
    #expect(message(script, limits: Self.tight).contains("stopped after 200000 instructions"))
    #expect(message(script, limits: Self.tight).hasPrefix("t.lua:"))
    #expect(start.duration(to: clock.now) < .seconds(900))
  }

  @Test func timeIsTheNetUnderInstructions() {
    var limits = LuaLimits()
    limits.loadInstructions = .max
    limits.seconds = 0.1
    #expect(
      message("while true do end", limits: limits)
        == "t.lua:1: stopped after 0.1 seconds without an end")
  }

  @Test func patternStepsAreBounded() {
    #expect(
      message("return ('a'):rep(400):find('.-.-.-b')")
        == "t.lua:1: pattern '.-.-.-b' needs more than 10000000 steps on a string of 400 bytes")
  }

  @Test func memoryIsBoundedAndRecovers() throws {
    var limits = Self.tight
    limits.loadInstructions = 5_000_000
    let state = try LuaState(limits: limits)
    let hungry = "local t = {} for i = 1, 1e9 do t[i] = { ('x'):rep(1000) .. i } end"
    #expect {
      try state.load(LuaSource(path: "t.lua", bytes: Array(hungry.utf8)))
    } throws: {
      "\($0)" == "t.lua:1: the memory limit of 8 MB is used up"
    }
    #expect(state.memoryBytes <= 8 << 20)
    let values = try state.load(LuaSource(path: "u.lua", bytes: Array("return 1 + 1".utf8)))
    #expect(values.first?.integer == 2)
  }

  @Test func crossingsAreBounded() {
    let deep = "local t = {} for i = 1, 40 do t = { t } end return t"
    #expect(message(deep) == "a table nested more than 32 levels deep cannot be passed")
    let wide = "local t = {} for i = 1, 100001 do t[i] = 0 end return t"
    #expect(message(wide) == "a table with more than 100000 values cannot be passed")
  }
}

private final class Probe: LuaObject, @unchecked Sendable {
  static let alive = Atomic<Int>(0)
  init() {
    Self.alive.wrappingAdd(1, ordering: .relaxed)
    super.init(className: "Probe")
  }
  deinit { Self.alive.wrappingSubtract(1, ordering: .relaxed) }
}

@Suite(.serialized) struct HostTests {
  private func makeState(_ functions: [String: HostFunction]) throws -> LuaState {
    let state = try LuaState(
      limits: LimitTests.tight,
      classes: [
        LuaClass(
          name: "Probe", methods: ["twice": { .values([.integer(2 * ($0[1].integer ?? 0))]) }],
          getters: ["size": { _ in .values([.integer(7)]) }])
      ])
    try state.define(module: "host", functions: functions, objects: ["probe": Probe()]) { call in
      throw Fault(message: "unknown name 'host.\(call[1].string ?? "?")'")
    }
    return state
  }

  private func load(_ text: String, in state: LuaState) throws -> [LuaValue] {
    try state.load(
      LuaSource(path: "t.lua", bytes: Array("local host = require 'host'\n\(text)".utf8)))
  }

  @Test func valuesSurviveTheRoundTrip() throws {
    let state = try makeState(["same": { .values($0.arguments) }])
    let values = try load(
      "return host.same(nil, true, 3, 2.5, 'ä\\0b', { 1, nil, 'x', k = { false } }, math.mininteger)",
      in: state)
    #expect(
      "\(values.map { $0.recipeValue.map { "\($0)" } ?? "?" })"
        == "\(["null", "boolean(true)", "integer(3)", "number(2.5)", "string(\"ä\\0b\")", "?", "integer(-9223372036854775808)"])"
    )
    guard case .table(let table) = values[5], case .table(let inner) = table.named["k"] else {
      Issue.record("no table")
      return
    }
    #expect(table.positional.count == 3 && inner.positional.count == 1)
  }

  @Test func errorsOfTheHostCarryThePosition() throws {
    struct Odd: Error {}
    let state = try makeState([
      "fail": { _ in throw Fault(message: "it failed", hint: "do not call it") },
      "odd": { _ in throw Odd() },
    ])
    func text(_ script: String) -> String {
      do { return "\(try load(script, in: state).first?.described ?? "")" } catch {
        return "\(error)"
      }
    }
    #expect(text("\nhost.fail()") == "t.lua:3: it failed\n  do not call it")
    #expect(text("local ok, e = pcall(host.fail) return e").hasPrefix("\"t.lua:2: it failed"))
    #expect(text("return host.nope") == "t.lua:2: unknown name 'host.nope'")
    #expect(text("host.x = 1") == "t.lua:2: cannot set 'x': 'host' is read-only")
    #expect(text("return host.probe:twice(4) + host.probe.size") == "15")
    #expect(
      text("return host.probe.sise").contains("a Probe has no 'sise'\n  did you mean 'size'?"))
    #expect(text("host.probe.size = 1") == "t.lua:2: cannot set 'size': 'Probe' is read-only")
    #expect(text("return tostring(host.probe)") == "\"Probe\" (string)")
    #expect(text("host.odd()") == "t.lua:2: Odd()")
  }

  @Test func waitingCallsInterleave() async throws {
    let state = try makeState([
      "wait": { call in
        let value = call[0].integer ?? 0
        return .wait {
          for _ in 0..<(value % 3) { await Task.yield() }
          if value % 10 == 9 { throw Fault(message: "unlucky \(value)") }
          return [.integer(value + 1)]
        }
      }
    ])
    guard
      case .function(let function)? = try load(
        """
        return function(n)
          local sum = 0
          for i = 1, 20 do
            local ok, value = pcall(host.wait, n + i)
            sum = sum + (ok and value or 1000)
          end
          return sum
        end
        """, in: state
      ).first
    else { throw Fault(message: "no function") }
    let sums = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
      for n in 0..<100 {
        group.addTask { (n, try await state.run(function, [.integer(n)]).first?.integer ?? -1) }
      }
      return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
    }
    for n in 0..<100 {
      let expected = (1...20).map { (n + $0) % 10 == 9 ? 1000 : n + $0 + 1 }.reduce(0, +)
      #expect(sums[n] == expected)
    }
  }

  @Test func waitingErrorsAndCancellationEndTheCall() async throws {
    let state = try makeState([
      "wait": { call in .wait { throw Fault(message: "lost") } },
      "sleep": { _ in
        .wait {
          try await Task.sleep(for: .seconds(60)); return []
        }
      },
    ])
    let values = try load(
      """
      return function() host.wait() end,
        function() while true do pcall(host.sleep) end end,
        function() while true do pcall(function() while true do end end) end end,
        function() table.sort({ 1, 2 }, function() host.wait() end) end
      """, in: state)
    let functions = values.compactMap {
      if case .function(let function) = $0 { function } else { nil }
    }
    #expect(functions.count == 4 && functions[0].location.line == 2)
    await #expect { try await state.run(functions[0], []) } throws: { "\($0)" == "t.lua:2: lost" }
    let task = Task { try await state.run(functions[1], []) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await #expect { try await state.run(functions[2], []) } throws: {
      "\($0)".hasPrefix("t.lua:4: stopped after 200000 instructions")
    }
    await #expect { try await state.run(functions[3], []) } throws: {
      "\($0)".contains("cannot be made inside table.sort")
    }
    #expect { try functions[0].call([]) } throws: { "\($0)".contains("cannot wait for the model") }
  }

  @Test func objectsEndWithTheState() async throws {
    #expect(Probe.alive.load(ordering: .relaxed) == 0)
    do {
      let state = try makeState(["make": { _ in .values([.object(Probe()), .object(Probe())]) }])
      let values = try load(
        "local keep = {} for i = 1, 500 do keep[i] = host.make() end return function() return keep[1] end, keep[2]",
        in: state)
      #expect(Probe.alive.load(ordering: .relaxed) >= 501)
      guard case .function(let function) = values[0], case .object = values[1] else {
        throw Fault(message: "no function")
      }
      guard case .object(let first)? = try function.call([]).first else {
        throw Fault(message: "none")
      }
      #expect(first is Probe)
      // Half-pushed results: the memory limit is met while objects are pushed.
      #expect(throws: Fault.self) {
        try load("local t = {} while true do t[#t + 1] = { host.make() } end", in: state)
      }
    }
    #expect(Probe.alive.load(ordering: .relaxed) == 0)
  }
}
