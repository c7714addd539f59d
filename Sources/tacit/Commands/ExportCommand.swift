import ArgumentParser
import TacitEval
import TacitFault

/// Writes a run in the form of another program.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run as a sample log of lm-evaluation-harness.",
    discussion: """
      One line per rule and sample: the rule is the log's filter, the metric is exact_match. The \
      commands that read runs take such logs too, also those that the harness itself wrote.

      EXAMPLES
        tacit export runs/demo/coconut -o samples_coconut.jsonl
        tacit export runs/demo/coconut | head -1
      """)

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var folder: String

  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    let run = try Run(reading: folder)
    guard !run.records.isEmpty else {
      throw Fault(message: "\(folder): expected a line to export, found none")
    }
    let file = try outputOptions.open()
    try LMEvalLog.export(run) { try file.write($0) }
    try file.finish()
  }
}
