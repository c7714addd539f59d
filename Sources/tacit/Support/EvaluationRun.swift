import Foundation
import TacitEval
import TacitReasoning

/// What all runs of one command have in common.
struct RunSettings: Sendable {
  let evaluation: Evaluation
  let seed: UInt64
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

/// One recipe on one dataset, about to run.
struct EvaluationRun: Sendable {
  let variant: RecipeVariants.Variant
  let models: ReasoningModels
  let folder: String

  /// Runs, resumes, or reads the results of a complete run.
  /// - Throws: `EvaluationError`, `CancellationError`.
  func evaluate(_ settings: RunSettings) async throws -> FinishedRun {
    var folder = folder
    var number = 1
    while true {
      do {
        return try await evaluate(settings, in: folder)
      } catch let error as EvaluationError
        where error.code == .mismatch && settings.movesOnMismatch && number < 100
      {
        number += 1
        let next = "\(self.folder).\(number)"
        StandardStreams.writeError("\(folder): other settings:\(error.found)\n  trying \(next)")
        folder = next
      }
    }
  }

  private func evaluate(_ settings: RunSettings, in folder: String) async throws -> FinishedRun {
    let ingredients = try RunIngredients(
      recipe: variant.recipe, models: models, seed: settings.seed
    ).members
    var evaluation = settings.evaluation
    evaluation.tracing = try tracing(settings, in: folder)
    let style = ProgressDisplay.Style(
      environment: ProcessInfo.processInfo.environment,
      isTerminal: ProgressDisplay.isTerminal, isQuiet: settings.isQuiet)
    let display = ProgressDisplay(variant.label, style: style)
    defer { display.finish() }
    let options = RunOptions(
      seed: settings.seed, trace: evaluation.tracing ? .steps : .none,
      answer: { answer(in: $0) })
    let results = try await evaluation.run(
      folder: folder, ingredients: ingredients, environment: RunIngredients.environment,
      body: { [pipeline = variant.recipe.pipeline, models] sample, repetition in
        let input = SampleInput(
          name: sample.id, question: sample.question, repetition: repetition)
        return try await pipeline.run(input, models: models, options: options)
      },
      progress: { display.update($0) })
    let hash = try RunManifest(reading: folder + "/manifest.json").hash
    return FinishedRun(
      label: variant.label, model: models.main.located.name, folder: folder, hash: hash,
      results: results)
  }

  /// A run is traced from its first sample to its last, or not at all.
  private func tracing(_ settings: RunSettings, in folder: String) throws -> Bool {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder + "/" + name)
    }
    if exists("trace.jsonl") { return true }
    if settings.evaluation.tracing, exists("samples.jsonl") {
      throw CommandError(
        "\(folder): was begun without --trace\n  use another --out, or go on without it")
    }
    return settings.evaluation.tracing
  }
}
