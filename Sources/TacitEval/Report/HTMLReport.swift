import TacitFault
import TacitReasoning

/// A comparison as one HTML file that needs nothing else: no network, no fonts, no other files.
///
/// Tables and charts can be read without scripts; sorting, filtering and the view of single samples
/// with their traces need them. Whatever text the runs hold is shown as text.
public struct HTMLReport: Sendable {
  private let comparison: Comparison
  private let recordedRuns: [RecordedRun]
  private let plugins: [PluginManifest]

  /// A report of a comparison.
  /// - Parameters:
  ///   - comparison: What the runs amount to.
  ///   - recordedRuns: The runs, as they were given to `comparison`; traces are read from their
  ///     folders when the text is made.
  ///   - plugins: Declarations of what recipes name, which say how faithful it is.
  public init(
    comparison: Comparison, recordedRuns: [RecordedRun], plugins: [PluginManifest] = []
  ) {
    precondition(
      comparison.runs.map(\.label) == recordedRuns.map(\.label),
      "the comparison is of other runs")
    self.comparison = comparison
    self.recordedRuns = recordedRuns
    self.plugins = plugins
  }

  /// The file.
  /// - Throws: ``Fault`` when the package's resources are missing, when a trace is
  ///   damaged, or when the runs are not over the same samples.
  public func text() throws(Fault) -> String {
    try text(templates: .builtIn())
  }

  func text(templates: ReportTemplates) throws(Fault) -> String {
    let completions = try ComparedSamples(recordedRuns).completions
    let data = try SampleData(comparison, recordedRuns: recordedRuns, completions: completions)
    let fidelities = zip(recordedRuns, comparison.runs).map { recordedRun, run in
      fidelity(of: recordedRun.manifest, plugins: plugins) + run.results.mark
    }
    let page = Page(
      header: PageHeader(comparison, recordedRuns: recordedRuns),
      results: ResultsSection(comparison, fidelities: fidelities),
      front: FrontSection(comparison), differences: DifferencesSection(comparison),
      outcomes: OutcomesSection(comparison),
      samples: SamplesSection(comparison, completions: completions, data: data),
      settings: SettingsSection(recordedRuns, baseline: comparison.baseline),
      style: templates.style, script: templates.script, scriptHash: templates.scriptHash,
      data: try data.json.scriptText())
    return templates.render("page", with: page)
  }
}

/// What the outermost template is filled with.
private struct Page: Sendable {
  let header: PageHeader
  let results: ResultsSection
  let front: FrontSection
  let differences: DifferencesSection?
  let outcomes: OutcomesSection?
  let samples: SamplesSection
  let settings: SettingsSection
  let style: String
  let script: String
  let scriptHash: String
  let data: String
}
