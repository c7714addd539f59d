import TacitFault
import TacitJSON
import TacitTesting
import Testing

@testable import TacitRecipe

private let sample = ScorerScript.Sample(
  id: "sums/3", question: "1 + 1 = ?", target: "2", hops: 4,
  extra: ["choices": ["a", "b"], "gold": 1, "note": .null])

/// Loads a scorer whose file has this text, and calls it.
private func verdict(
  _ text: String, on completion: String = "2", sample: ScorerScript.Sample = sample,
  limits: LuaLimits = .standard
) throws -> (answer: String?, isCorrect: Bool) {
  let folder = try TemporaryFolder()
  try folder.write(text.utf8, to: "s.lua")
  do {
    return try ScorerScript(path: folder.path + "/s.lua", limits: limits)
      .verdict(on: completion, for: sample)
  } catch let error as Fault {
    // Without the folder, which has another name each time.
    throw Message(text: error.description.replacing(folder.path + "/", with: ""))
  }
}

private struct Message: Error {
  let text: String
}

@Suite struct ScorerScriptTests {
  @Test(
    arguments: [
      ("return c, c == s.target", "2", true), ("return c, false", "2", false),
      ("return nil", nil, false), ("return nil, nil", nil, false),
      ("return nil, false", nil, false),
      ("return s.id .. s.question .. s.hops, true", "sums/31 + 1 = ?4", true),
      ("return s.extra.choices[s.extra.gold + 1], s.extra.note == nil", "b", true),
      ("return '', true", "", true),
    ] as [(String, String?, Bool)])
  func verdicts(body: String, answer: String?, isCorrect: Bool) throws {
    let found = try verdict("return function(c, s) \(body) end")
    #expect(found.answer == answer && found.isCorrect == isCorrect)
  }

  private static let contract =
    "a scorer returns an answer (a text) and whether it is right (a boolean), got "
  private static let nilHint = "\n  return nil where the completion gives no answer"

  @Test(arguments: [
    (
      "return function()\n  while true do end\nend",
      "s.lua:2: stopped after 100000 instructions without an end"
    ),
    ("\nreturn function() end", "s.lua:2: \(contract)nothing\(nilHint)"),
    ("return function() return 5, true end", "s.lua:1: \(contract)5, true\(nilHint)"),
    ("return function() return 'a' end", "s.lua:1: \(contract)\"a\" (string)\(nilHint)"),
    ("return function() return 'a', 1 end", "s.lua:1: \(contract)\"a\" (string), 1\(nilHint)"),
    ("return function() return nil, true end", "s.lua:1: \(contract)nil, true\(nilHint)"),
    (
      "return function() return 'a', true, 1 end",
      "s.lua:1: \(contract)\"a\" (string), true, 1\(nilHint)"
    ),
    (
      "return function(_, s)\n  return s.taget, true\nend",
      "s.lua:2: a tacit.Sample has no 'taget'\n  did you mean 'target'? "
        + "(all members: extra, hops, id, question, target)"
    ),
    ("return function() error('boom') end", "s.lua:1: boom"),
    (
      "return function() require 'late' end",
      "s.lua:1: require 'late' can only be called while the recipe loads"
    ),
    (
      "return 7",
      "s.lua: a scorer returns one function, this one returns 7\n"
        + "  end with: return function(completion, sample) … end"
    ),
    ("return function(", "s.lua:1: <name> or '...' expected near <eof>"),
  ])
  func faults(script: String, message: String) throws {
    var limits = LuaLimits.standard
    limits.runInstructions = 100_000
    let error = #expect(throws: Message.self) { try verdict(script, limits: limits) }
    #expect(error?.text == message)
  }

  @Test func extraNeedsTheDataset() throws {
    var bare = sample
    bare.extra = nil
    let error = #expect(throws: Message.self) {
      try verdict("return function(_, s) return 'a', s.extra ~= nil end", sample: bare)
    }
    #expect(error?.text.hasPrefix("s.lua:1: sample.extra is in the dataset") == true)
  }

  /// A verdict may not depend on which completions were marked before it.
  @Test func nothingOutlivesACall() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "local n = 0\nreturn function() n = n + 1 return tostring(n), true end".utf8, to: "s.lua")
    let script = try ScorerScript(path: folder.path + "/s.lua")
    for _ in 0..<3 { #expect(try script.verdict(on: "", for: sample).answer == "1") }
  }

  @Test func modulesAreReadOnce() throws {
    let folder = try TemporaryFolder()
    try folder.write("return { answer = 'first' }".utf8, to: "words.lua")
    try folder.write(
      "local words = require 'words'\nreturn function() return words.answer, true end".utf8,
      to: "s.lua")
    let script = try ScorerScript(path: folder.path + "/s.lua")
    try folder.write("return { answer = 'second' }".utf8, to: "words.lua")
    #expect(try script.verdict(on: "", for: sample).answer == "first")
    #expect(
      script.files.map(\.path) == [folder.path + "/s.lua", folder.path + "/words.lua"])
  }
}
