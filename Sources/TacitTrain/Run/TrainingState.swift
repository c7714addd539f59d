import Foundation
import OrderedCollections
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitTensor

/// Everything that a run goes on from, in one file: random numbers need no more than the step.
struct TrainingState {
  /// Steps taken.
  var step: Int
  /// The settings of the run, as JSON text.
  var settings: String
  /// Bytes of metrics.jsonl that belong to these steps.
  var metricsLength: Int
  var window: MetricsWindow

  /// Writes the state and what `optimizer` holds.
  /// - Throws: `Fault` when the file cannot be written.
  func write(_ optimizer: AdamW, to path: String) throws {
    var tensors: [SafeTensorsFile.NewTensor] = []
    for (index, parameter) in optimizer.parameters.enumerated() {
      for (role, values) in [
        ("value", parameter.values), ("first", optimizer.firstMoments[index]),
        ("second", optimizer.secondMoments[index]),
      ] {
        tensors.append(.init("\(parameter.name)/\(role)", shape: parameter.shape, values: values))
      }
    }
    let metadata: OrderedDictionary<String, String> = [
      "step": "\(step)", "settings": settings, "metrics_length": "\(metricsLength)",
      "window": try window.json.text(),
    ]
    try SafeTensorsFile.write(tensors, metadata: metadata, to: path)
  }

  /// Reads a state into an optimiser and its parameters.
  /// - Throws: `Fault` for a faulty file and for one of another run.
  init(reading path: String, into optimizer: AdamW, settings: JSON) throws {
    let file = try SafeTensorsFile(path: path)
    func fault(_ key: String) -> Fault {
      Fault(path, expected: "'\(key)' in its metadata", found: "none that can be read")
    }
    guard let step = file.metadata["step"].flatMap({ Int($0) }), step >= 0 else {
      throw fault("step")
    }
    guard let length = file.metadata["metrics_length"].flatMap({ Int($0) }), length >= 0 else {
      throw fault("metrics_length")
    }
    guard let window = try file.metadata["window"].flatMap({ MetricsWindow(try JSON(parsing: $0)) })
    else { throw fault("window") }
    let text = try settings.text()
    guard let found = file.metadata["settings"] else { throw fault("settings") }
    guard found == text else {
      throw Fault(
        path, expected: "a run of the same settings", found: try Self.difference(found, settings),
        hint: "choose another folder with --out, or delete this one")
    }
    for (index, parameter) in optimizer.parameters.enumerated() {
      let values = try file.values("\(parameter.name)/value", shape: parameter.shape)
      optimizer.firstMoments[index] = try file.values(
        "\(parameter.name)/first", shape: parameter.shape)
      optimizer.secondMoments[index] = try file.values(
        "\(parameter.name)/second", shape: parameter.shape)
      parameter.withUnsafeMutableBufferPointer { memory in
        for (place, value) in values.enumerated() { memory[place] = value }
      }
    }
    optimizer.stepCount = step
    self.init(step: step, settings: text, metricsLength: length, window: window)
  }

  init(step: Int, settings: String, metricsLength: Int, window: MetricsWindow) {
    self.step = step
    self.settings = settings
    self.metricsLength = metricsLength
    self.window = window
  }

  /// The names of the settings that differ.
  private static func difference(_ found: String, _ wanted: JSON) throws -> String {
    let old = try JSON(parsing: found).object ?? [:]
    let new = wanted.object ?? [:]
    let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    return "other values of " + names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
