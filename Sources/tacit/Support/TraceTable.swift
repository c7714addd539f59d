import Foundation
import TacitEval
import TacitJSON

/// The steps of a trace as people read them: one line each, with the columns that say something.
enum TraceTable {
  /// Columns of their own, by the key of the step's object.
  private static let columns: [(title: String, key: String)] = [
    ("step", "step"), ("branch", "branch"), ("stage", "stage"), ("kind", "kind"),
    ("mode", "mode"), ("token", "token"), ("entropy", "entropy"), ("norm", "norm"),
    ("of embedding", "relative_norm"), ("memory", "memory"), ("nearest", "nearest"),
  ]

  /// Neither a column nor a detail.
  private static let hidden: Set<String> = ["token_id", "vector"]

  /// Renders steps, each an object of a trace.
  static func table(_ steps: [JSON]) -> Table {
    let shown = columns.filter { column in
      steps.contains { $0[column.key] != nil }
    }
    var table = Table(
      columns: shown.map { column in
        .init(column.title, isRightAligned: column.key == "token" ? false : nil)
      } + [.init("details", isRightAligned: false)])
    for step in steps {
      table.append(shown.map { text(step[$0.key], $0.key) } + [details(step)])
    }
    return table
  }

  private static func text(_ value: JSON?, _ key: String) -> String {
    switch (key, value) {
    case (_, nil): ""
    case ("entropy", let value?), ("norm", let value?):
      value.number.map { String(format: "%.3f", $0) } ?? text(value)
    case ("relative_norm", let value?):
      value.number.map { String(format: "%.2f×", $0) } ?? text(value)
    case ("nearest", .array(let tokens)?): tokens.map(text).joined(separator: " ")
    case (_, let value?): text(value)
    }
  }

  private static func details(_ step: JSON) -> String {
    let known = hidden.union(columns.map(\.key))
    return (step.object ?? [:]).filter { !known.contains($0.key) }.map { key, value in
      "\(key)=\(key == "ref_entropy" ? text(value, "entropy") : text(value))"
    }.joined(separator: " ")
  }

  private static func text(_ value: JSON) -> String {
    value.string ?? value.expressibleText()
  }
}
