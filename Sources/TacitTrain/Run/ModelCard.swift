import Foundation
import TacitFault
import TacitJSON
import TacitStatistics

/// README.md of a model that a run made: how it was made, what it reached, what it is not for.
struct ModelCard {
  /// What the run computed and its recipe says.
  let settings: TrainingSettings
  /// All lines of metrics.jsonl.
  let lines: [JSON]
  /// Weights of the model.
  let parameterCount: Int
  /// The step after which the model was written.
  let step: Int

  /// A Hugging Face model card.
  /// - Throws: `Fault` for a setting that is not finite.
  func text() throws -> String {
    let title = settings.name + (step == settings.stepCount ? "" : ", step \(step)")
    var sections = [
      "---\nlibrary_name: tacit\npipeline_tag: text-generation\n---\n\n# \(title)",
      settings.card.summary ?? "", try making(),
    ]
    sections += [accuracies(), caution].compactMap { $0 }
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func making() throws -> String {
    let last = lastLine(with: "tokens")
    let snapshot = step == settings.stepCount ? "" : " of \(settings.stepCount)"
    var rows = [
      ("weights", "\(parameterCount)"), ("steps", "\(step)" + snapshot),
      ("seed", "\(settings.seed)"),
    ]
    if let tokens = last?["tokens"]?.integer, let seconds = last?["seconds"]?.number {
      rows.append(("rows read", "\(tokens)"))
      rows.append(("seconds of training", String(format: "%.0f", seconds)))
    }
    let table = rows.map { "| \($0.0) | \($0.1) |" }.joined(separator: "\n")
    return """
      ## How it was made

      By `tacit train` with the settings below; every problem was new.

      | | |
      |---|---|
      \(table)

      ```json
      \(try settings.json.text(.indented))
      ```
      """
  }

  private func accuracies() -> String? {
    guard let line = lastLine(with: "accuracy"), let count = line["questions"]?.integer, count > 0,
      let values = line["accuracy"]?.object
    else { return nil }
    let rows = values.compactMap { mode, value -> String? in
      guard let accuracy = value.number else { return nil }
      let bounds = WilsonInterval.bounds(proportion: accuracy, count: count)
      return "| \(mode) | \(percent(accuracy)) % | "
        + "\(percent(bounds.lowerBound))–\(percent(bounds.upperBound)) |"
    }
    let questions =
      settings.evaluation?.dataset.map { "the first \(count) questions of \($0)" }
      ?? "\(count) generated problems that it was not trained on"
    return """
      ## Accuracy

      Greedy answers to \(questions), after step \(line["step"]?.integer ?? step).

      | mode | accuracy | 95 % interval (Wilson) |
      |---|--:|--:|
      \(rows.joined(separator: "\n"))
      """
  }

  private var caution: String? {
    let text = settings.card.caution ?? ""
    return text.isEmpty ? nil : "## What it does not show\n\n" + text
  }

  /// The last line of metrics until the model was written that has a member of this name.
  private func lastLine(with name: String) -> JSON? {
    lines.last { $0[name] != nil && ($0["step"]?.integer ?? 0) <= step }
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
}
