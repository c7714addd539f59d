import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitEval
import TacitFault
import TacitRecipe

/// What marks the completions.
struct ScorerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What marks the answers: a scorer's name, or a Lua file that returns a function.",
      valueName: "name|file.lua"))
  var scorer: String?

  /// The scorer, if the command line names one; with `hasDataset` samples have whatever else the
  /// dataset says.
  /// - Throws: `Fault` for an unknown name or a faulty file.
  func scoring(hasDataset: Bool) throws -> Scoring? {
    guard let scorer else { return nil }
    guard scorer.hasSuffix(".lua") else { return try .named(scorer) }
    let script = try ScorerScript(path: scorer, log: StandardStreams.writeError)
    return LuaGrader(script: script, hasDataset: hasDataset).scoring
  }
}

/// A scorer written in Lua.
struct LuaGrader: Grader {
  static let name = "lua"

  let script: ScorerScript
  let hasDataset: Bool

  /// Named after the file and what is in it: "last_word.lua@1f3c…", with the SHA-256 of the file,
  /// or where it requires modules, of the SHA-256 of all.
  var scoring: Scoring {
    let hashes = script.files.map { SHA256.hexadecimal(of: $0.bytes) }
    let hash = hashes.count == 1 ? hashes[0] : SHA256.hexadecimal(of: hashes.joined().utf8)
    let file = URL(filePath: script.files[0].path).lastPathComponent
    return Scoring(name: "\(file)@\(hash)", grader: self)
  }

  func verdict(on completion: String, for sample: EvaluationSample) throws -> Verdict {
    let (answer, isCorrect) = try script.verdict(
      on: completion,
      for: ScorerScript.Sample(
        id: sample.id, question: sample.question, target: sample.target, hops: sample.hops,
        extra: hasDataset ? sample.extra : nil))
    return Verdict(answer: answer, isCorrect: isCorrect)
  }
}
