import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitTensor

/// A model in Hugging Face layout that a run writes.
struct ModelFolder {
  /// config.json.
  let configuration: JSON
  /// The folder whose tokenizer files are copied.
  let tokenizerFolder: String

  private static let tokenizerFiles = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// Writes the model; the weights last, as one file that is replaced whole.
  /// - Throws: `Fault` for a file that cannot be written.
  func write(_ parameters: [Parameter], to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Self.replace(
        folder + "/config.json", with: Data(try configuration.text(.indented).utf8 + [0x0A]))
      for name in Self.tokenizerFiles {
        if let bytes = FileManager.default.contents(atPath: tokenizerFolder + "/" + name) {
          try Self.replace(folder + "/" + name, with: bytes)
        }
      }
    } catch let error as CocoaError {
      throw Fault(
        folder, expected: "a folder that can be written", found: error.localizedDescription)
    }
    try SafeTensorsFile.write(
      parameters.map { .init($0.name, shape: $0.shape, values: $0.values) },
      metadata: ["format": "pt"], to: folder + "/model.safetensors")
  }

  /// Leaves a file alone that has these bytes already.
  private static func replace(_ path: String, with bytes: Data) throws {
    if FileManager.default.contents(atPath: path) == bytes { return }
    try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
