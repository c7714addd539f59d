import ArgumentParser
import TacitEval

/// Lists scorers with the rule by which each finds and marks an answer.
struct ListScorers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scorers", abstract: "Scorers and what each takes as the answer.",
    discussion: """
      "native" is the rule of the benchmark's own code with its flaws, "strict" the rule of this \
      program; a name without either means strict. Every run records the verdicts of both.
      """)

  func run() throws {
    var table = Table("name", "answer")
    for (name, rule) in Scoring.rules { table.append([name, rule]) }
    try StandardStreams.writeOutput(table.rendered(as: .text))
  }
}
