import TacitEval

/// Results of runs, a row each.
enum ResultsTable {
  /// Accuracies, and below them what each run costs.
  static func text(_ runs: [(label: String, results: EvaluationResults)]) -> String {
    [Table.accuracies(runs), Table.costs(runs)].map { $0.rendered(as: .text) }
      .joined(separator: "\n")
  }
}
