import ArgumentParser
import Foundation
import TacitEval
import TacitFault
import TacitReasoning

/// What all runs of one command have in common.
struct RunSettings: Sendable {
  let evaluation: Evaluation
  let seed: UInt64
  /// Whether every step is recorded.
  let tracing: Bool
  /// Whether a folder with other settings makes the run move to the next free name.
  let movesOnMismatch: Bool
  let isQuiet: Bool
}

/// A run that is complete.
struct FinishedRun: Sendable {
  let label: String
  let model: String
  let folder: String
  let hash: String
  let results: EvaluationResults
}

/// Says which runs have failures, and where to read of them.
/// - Throws: `ExitCode.failure` when every completion of a run failed.
func reportFailures(
  _ runs: [(label: String, folder: String, results: EvaluationResults)]
) throws {
  for (label, folder, results) in runs where results.errorCount > 0 {
    StandardStreams.writeError(
      "\(label): \(results.errorCount) of \(results.completionCount) failed; "
        + "see 'error' in \(folder)/samples.jsonl")
  }
  if runs.contains(where: { $0.results.errorCount == $0.results.completionCount }) {
    throw ExitCode.failure
  }
}

/// One recipe on one dataset, about to run.
struct EvaluationRun: Sendable {
  let variant: RecipeVariants.Variant
  let models: ReasoningModels

  /// Runs, resumes, or reads the results of a complete run.
  /// - Throws: `Fault`, `CancellationError`.
  func evaluate(_ settings: RunSettings, in folder: String) async throws -> FinishedRun {
    try await movingOn(from: folder, settings) { folder in
      let pipeline = try pipeline(settings, in: folder)
      let display = ProgressDisplay(variant.label, style: settings.progressStyle)
      defer { display.finish() }
      let results = try await settings.evaluation.run([pipeline]) { display.update($0) }
      return FinishedRun(
        label: variant.label, model: models.main.located.name, folder: folder,
        hash: try settings.evaluation.manifest(of: pipeline).hash, results: results[0])
    }
  }

  /// The pipeline as an evaluation takes it.
  /// - Throws: what reading the model's files throws; `Fault` when the folder holds the
  ///   beginning of a run without traces and traces are asked for.
  func pipeline(_ settings: RunSettings, in folder: String) throws -> EvaluatedPipeline {
    let ingredients = try RunIngredients(
      recipe: variant.recipe, models: models, seed: settings.seed
    ).members
    let isTraced = try isTraced(settings, in: folder)
    let options = RunOptions(
      seed: settings.seed, trace: isTraced ? .steps : .none, answer: { answer(in: $0) })
    let scoring = settings.evaluation.dataset.scoring
    var pipeline = EvaluatedPipeline(folder: folder, ingredients: ingredients) {
      [recipe = variant.recipe.pipeline, models] sample, repetition in
      var options = options
      options.score = { try scoring.score($0, for: sample) }
      let input = SampleInput(name: sample.id, question: sample.question, repetition: repetition)
      return try await recipe.run(input, models: models, options: options)
    }
    pipeline.environment = RunIngredients.environment
    pipeline.isTraced = isTraced
    return pipeline
  }

  /// A run is traced from its first sample to its last, or not at all.
  private func isTraced(_ settings: RunSettings, in folder: String) throws -> Bool {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder + "/" + name)
    }
    if exists("trace.jsonl") { return true }
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/samples.jsonl")
    let hasLines = (attributes?[.size] as? Int ?? 0) > 0
    // Before the first line a run may have been killed on its way to the trace.
    if settings.tracing, hasLines {
      throw Fault(
        message: "\(folder): was begun without --trace\n  use another --out, or go on without it")
    }
    return settings.tracing
  }
}

extension RunSettings {
  var progressStyle: ProgressDisplay.Style {
    ProgressDisplay.Style(
      environment: ProcessInfo.processInfo.environment,
      isTerminal: ProgressDisplay.isTerminal, isQuiet: isQuiet)
  }
}

/// Calls `body` with a folder, or with "folder.2" and so on when it holds other settings and
/// `settings` allow to move on.
/// - Throws: what `body` throws.
func movingOn<Value: Sendable>(
  from folder: String, _ settings: RunSettings, _ body: (String) async throws -> Value
) async throws -> Value {
  var current = folder
  var number = 1
  while true {
    do {
      return try await body(current)
    } catch let fault as Fault
      where fault.kind == .mismatch && settings.movesOnMismatch && number < 100
    {
      number += 1
      let next = "\(folder).\(number)"
      StandardStreams.writeError("\(current): holds other settings; trying \(next)")
      current = next
    }
  }
}
