import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitFault
import TacitModel
import TacitReasoning
import TacitTensor

/// How many threads the kernels share.
struct ThreadOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Threads of the runtime. Default: all cores.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected 1 to 1024, found \(threads)")
    }
  }

  /// Sets the number of threads, if one is given.
  func apply() {
    if let threads { Threads.setCount(threads) }
  }
}

/// Where a command's result goes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("File to write. Default: standard output.", valueName: "file"))
  var output: String?

  /// The file, or standard output.
  /// - Throws: as ``ResultFile/init(_:)``.
  func open() throws -> ResultFile { try ResultFile(output) }
}

/// Which model to use, at which precision, and how many threads.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      Folder with config.json, a GGUF file, an embedded model, or org/name[@revision] in the \
      Hugging Face cache. Default: what the recipe says, else prosqa.
      """)
  var model: String?

  @Option(
    help: """
      Round the weights of linear layers, embedding and head to blocks of 32 at loading: q8_0, \
      or q4_0 with embedding and head in q8_0. Default: weights as stored.
      """)
  var quantize: BlockFormat?

  @Option(
    help: """
      What linear layers make of their inputs: exact takes them as they are, fast rounds them as \
      the weights are, to BF16 or to 8 bits in blocks of 32; other weights stay exact. fast also \
      keeps keys and values as F16.
      """)
  var activations: ActivationPrecision = .exact

  @OptionGroup var threadOptions: ThreadOptions

  /// A loader for the models of one command.
  func loader() -> ModelLoader {
    threadOptions.apply()
    return ModelLoader(override: model, precision: precision)
  }

  /// How models keep their weights.
  var precision: WeightPrecision {
    WeightPrecision(quantization: quantize, activations: activations)
  }
}

extension BlockFormat: ExpressibleByArgument {}
extension ActivationPrecision: ExpressibleByArgument {}

/// Loads models once, however many pipelines and roles name them.
final class ModelLoader {
  private let override: String?
  private let precision: WeightPrecision
  private let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
  private let scheduler = Scheduler()
  private var loaded: [String: ReasoningModel] = [:]

  /// - Parameters:
  ///   - override: the main model of every pipeline, if the command line names one.
  ///   - precision: how all models keep their weights.
  init(override: String?, precision: WeightPrecision) {
    self.override = override
    self.precision = precision
  }

  /// The models that a pipeline names, or the default, all on one scheduler; `named` is the main
  /// model if the command line names one for this recipe alone.
  /// - Throws: what locating and loading throw; `Fault` when a stage does not fit.
  func models(for pipeline: Pipeline, named: String? = nil) throws -> ReasoningModels {
    let main = try model(named ?? override ?? pipeline.model ?? "prosqa")
    let models = ReasoningModels(
      main: main, others: try pipeline.otherModels.mapValues { try model($0) })
    try pipeline.check(models)
    return models
  }

  /// One model by its name or path.
  /// - Throws: what locating and loading throw.
  func model(_ name: String) throws -> ReasoningModel {
    let located = try locator.locate(name)
    if let model = loaded[located.path] { return model }
    let model = try ReasoningModel(located, precision: precision, scheduler: scheduler)
    if model.packedByteCount > 0 {
      let size = String(format: "%.1f", Double(model.packedByteCount) / 1e6)
      StandardStreams.writeError("\(name): \(size) MB of weights packed in memory")
    }
    loaded[located.path] = model
    return model
  }
}

/// Values for the parameters of a recipe.
struct ParameterOptions: ParsableArguments {
  @Option(
    name: [.customShort("P"), .customLong("param")],
    help: ArgumentHelp(
      "Sets a parameter of the recipe; may be repeated.", valueName: "name=value"))
  var assignments: [String] = []

  /// The values by name.
  /// - Throws: `ValidationError` for text without `=` or a name given twice.
  func values() throws -> [String: String] {
    var values: [String: String] = [:]
    for assignment in assignments {
      guard let split = assignment.firstIndex(of: "="), split > assignment.startIndex else {
        throw ValidationError("-P: expected name=value, found '\(assignment)'")
      }
      let name = String(assignment[..<split])
      guard values[name] == nil else {
        throw ValidationError("-P: parameter '\(name)' is given twice")
      }
      values[name] = String(assignment[assignment.index(after: split)...])
    }
    return values
  }
}
