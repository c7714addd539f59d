import ArgumentParser
import Foundation
import TacitBench
import TacitCheckpoint
import TacitEval
import TacitTensor

/// Measures how fast a model runs here, and how far from what the machine can do.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure prefill, decoding and latent steps, and what the machine can do at most.",
    discussion: """
      Sessions run through the engine as those of recipes do, each a task of its own. Every line \
      is the median of repetitions. Weights read and arithmetic done are compared with what small \
      probes reach on the same threads. Standard output is the table.

      CONFIGURATIONS
        \(configurationNames)

      EXAMPLES
        tacit bench
        tacit bench --config qwen3-0.6b --activations fast
        tacit bench --model Qwen/Qwen3-0.6B --quantize q8_0 --sessions 1,8
        tacit bench --config my/config.json --workloads latent -o bench.json
      """)

  private static let defaultModel = "prosqa"

  /// Names of presets, four to a line.
  private static let configurationNames: String = {
    let names = ModelPreset.all.map(\.name)
    return stride(from: 0, to: names.count, by: 4).map {
      names[$0..<min($0 + 4, names.count)].joined(separator: ", ")
    }.joined(separator: ",\n  ")
  }()

  @OptionGroup var modelOptions: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Random weights in place of a model: the name of a configuration, or a config.json.",
      valueName: "name|path"))
  var config: String?

  @Option(help: "How random weights are stored.")
  var element: RandomElement = .bf16

  @OptionGroup var benchOptions: BenchOptions

  @Flag(inversion: .prefixedNo, help: "Measure what the machine can do.")
  var limits = true

  @Option(help: "How the results are printed.")
  var format: Format = .table

  @Option(name: .shortAndLong, help: "File to write the results to as JSON.")
  var output: String?

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  /// How results are printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, markdown, json
  }

  /// Element types under their usual names.
  enum RandomElement: String, ExpressibleByArgument, CaseIterable {
    case bf16, f16, f32

    var type: ElementType {
      switch self {
      case .bf16: .bfloat16
      case .f16: .float16
      case .f32: .float32
      }
    }
  }

  func validate() throws {
    if config != nil, modelOptions.model != nil {
      throw ValidationError("expected --model or --config, found both")
    }
  }

  func run() async throws {
    modelOptions.threadOptions.apply()
    let file = try output.map { try ResultFile($0) }
    let loading = BenchDisplay(isQuiet: quiet)
    defer { loading.finish() }
    loading.update("loading \(config ?? modelOptions.model ?? Self.defaultModel)")
    let model = try loadModel()
    let peakAfterLoading = ProcessMemory.peakResidentBytes
    let settings = try benchOptions.settings(model.configuration)
    let bench = try Bench(model, settings: settings)
    let (isQuiet, wantsLimits) = (quiet, limits)
    let report = try await interruptible(message: "interrupted") {
      let display = BenchDisplay(isQuiet: isQuiet)
      defer { display.finish() }
      let results = try await bench.run { display.update($0) }
      // The probes' memory is not the model's.
      let peakAtEnd = ProcessMemory.peakResidentBytes
      if wantsLimits { display.update("measuring the machine") }
      return BenchReport(
        surroundings: Self.surroundings, model: model, settings: settings,
        limits: wantsLimits ? MachineLimits.measured() : nil,
        peakBytesAfterLoading: peakAfterLoading, peakBytesAtEnd: peakAtEnd, results: results)
    }
    try print(report, to: file)
  }

  private func loadModel() throws -> BenchModel {
    guard let config else {
      let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
      return try BenchModel(
        locator.locate(modelOptions.model ?? Self.defaultModel), precision: modelOptions.precision)
    }
    return try BenchModel(
      named: config, ModelPreset.configuration(config), element: element.type,
      seed: benchOptions.seed, precision: modelOptions.precision)
  }

  private static var surroundings: BenchReport.Surroundings {
    BenchReport.Surroundings(
      date: Date.now.formatted(.iso8601), version: TacitVersion.text,
      processor: Machine.processorName, coreCount: ProcessInfo.processInfo.activeProcessorCount)
  }

  private func print(_ report: BenchReport, to file: ResultFile?) throws {
    let json = report.json.expressibleText(.indented) + "\n"
    try file?.write(json)
    try file?.finish()
    let tables = BenchTables(report: report)
    let text =
      switch format {
      case .table: tables.rendered(as: .text)
      case .markdown: tables.rendered(as: .markdown)
      case .json: json
      }
    try StandardStreams.writeOutput(text)
  }
}
