import ArgumentParser
import TacitEval
import TacitReasoning
import TacitStrategies

/// Reports on runs: what they cost, what they reach, and how they differ.
struct ReportCommand: ParsableCommand {
  /// What a report is written as.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text = "txt"
    case markdown = "md"
    case csv
    case json
    case html

    /// The format that the ending of a file's name stands for.
    init?(ending path: String) {
      self.init(rawValue: String(path.split(separator: ".").last ?? ""))
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Compare recorded runs, without any model.",
    discussion: """
      As html it is one page with charts, samples side by side and their traces, which needs \
      nothing else and opens from disk. Takes run folders and folders of comparisons, complete or \
      not; only samples that all of the runs have completed count.

      EXAMPLES
        tacit report runs/prosqa/compare -o report.html
        tacit report runs/prosqa/compare
        tacit report runs/prosqa/direct runs/prosqa/coconut --format md
        tacit report runs/prosqa/* --baseline direct -o results.csv
      """)

  @OptionGroup var recordedRuns: RecordedRunOptions

  @OptionGroup var outputOptions: OutputOptions

  @Option(
    help: ArgumentHelp(
      "One of \(Format.allCases.map(\.rawValue).joined(separator: ", ")). "
        + "Default: by the ending of the file's name, else txt.",
      valueName: "format"))
  var format: Format?

  @Option(help: "Seed of the bootstrap and of drawn permutations.")
  var seed: UInt64 = 0

  func run() throws {
    let format = try self.format ?? inferredFormat()
    let (recordedRuns, baseline) = try recordedRuns.recordedRuns()
    let comparison = try Comparison(recordedRuns, baseline: baseline, seed: seed)
    let text =
      switch format {
      case .text: comparison.text(as: .text)
      case .markdown: comparison.text(as: .markdown)
      case .csv: comparison.numberTable.rendered(as: .csv)
      case .json: comparison.json(recordedRuns).expressibleText(.indented) + "\n"
      case .html:
        try HTMLReport(
          comparison: comparison, recordedRuns: recordedRuns,
          plugins: PluginRegistry.builtIn().manifests
        ).text()
      }
    let file = try outputOptions.open()
    try file.write(text)
    try file.finish()
  }

  private func inferredFormat() throws -> Format {
    guard let output = outputOptions.output else { return .text }
    guard let format = Format(ending: output) else {
      throw ValidationError(
        "--output: '\(output)' does not end in the name of a format; add --format")
    }
    return format
  }
}
