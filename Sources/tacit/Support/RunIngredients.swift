import Foundation
import OrderedCollections
import TacitCheckpoint
import TacitEval
import TacitJSON
import TacitReasoning
import TacitRecipe

/// Everything that can change an answer, as the manifest of a run records it.
struct RunIngredients {
  let recipe: Recipe
  let models: ReasoningModels
  let seed: UInt64

  var members: OrderedDictionary<String, JSON> {
    get throws {
      [
        "version": .string(TacitVersion.text), "recipe": recipeFacts,
        "model": try Self.facts(models.main),
        "other_models": .object(try otherModels),
        "seed": .string(String(seed)),
      ]
    }
  }

  /// What a reader may want to know, but which changes no answer.
  static var environment: OrderedDictionary<String, JSON> {
    [
      "date": .string(Date.now.formatted(.iso8601)),
      "host": .string(ProcessInfo.processInfo.hostName),
      "processor": .string(Machine.processorName),
      "cores": .integer(ProcessInfo.processInfo.activeProcessorCount),
      "system": .string(ProcessInfo.processInfo.operatingSystemVersionString),
      "command": .array(CommandLine.arguments.map { .string($0) }),
    ]
  }

  private var recipeFacts: JSON {
    [
      "name": .string(recipe.name),
      "files": .array(
        recipe.files.map { file in
          [
            "path": .string(file.path), "sha256": .string(SHA256.hexadecimal(of: file.bytes)),
            "text": .string(String(decoding: file.bytes, as: UTF8.self)),
          ]
        }),
      "parameters": .object(
        OrderedDictionary(
          uniqueKeysWithValues: recipe.parameters.map { ($0.name, $0.value.json) })),
      "stages": .array(
        recipe.stages.map { stage in
          guard let plugin = stage.plugin else { return ["name": .string(stage.name)] }
          return plugin.json
        }),
    ]
  }

  private var otherModels: OrderedDictionary<String, JSON> {
    get throws {
      OrderedDictionary(
        uniqueKeysWithValues: try models.others.sorted { $0.key < $1.key }.map {
          ($0.key, try Self.facts($0.value))
        })
    }
  }

  /// Files are read once, however many runs use the model.
  private static func facts(_ model: ReasoningModel) throws -> JSON {
    try model.derived("files of the manifest") { try readFacts(model) }
  }

  private static func readFacts(_ model: ReasoningModel) throws -> JSON {
    let folder = model.located.folder
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let weightsFile = model.located.weightsFile.map { ($0 as NSString).lastPathComponent }
    let endings = [".json", ".jinja"] + (weightsFile == nil ? [".safetensors"] : [])
    let files = try names.filter { name in
      name == weightsFile || endings.contains { name.hasSuffix($0) }
    }.map { name in
      JSON.object([
        "name": .string(name),
        "fingerprint": .string(try FileFingerprint.hexadecimal(of: folder + "/" + name)),
      ])
    }
    return [
      "name": .string(model.located.name),
      "commit": model.located.commit.map { .string($0) } ?? .null, "files": .array(files),
      "quantize": model.precision.quantization.map { .string($0.rawValue) } ?? .null,
      "activations": .string(model.precision.activations.rawValue),
    ]
  }
}

/// Tells files apart without reading gigabytes.
enum FileFingerprint {
  /// Files up to this size are read whole.
  static let wholeBytes = 64 << 20
  private static let pieceBytes = 64 << 10
  private static let pieceCount = 256

  /// SHA-256 of the size and of the file, or of 256 evenly spaced pieces of a large one.
  /// - Throws: what reading the file throws.
  static func hexadecimal(of path: String) throws -> String {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let size = try file.seekToEnd()
    var hash = SHA256()
    hash.update("\(size)\n".utf8)
    let whole = size <= UInt64(wholeBytes)
    let starts: [UInt64] =
      whole
      ? [0]
      : (0..<pieceCount).map { UInt64($0) * (size - UInt64(pieceBytes)) / UInt64(pieceCount - 1) }
    for start in starts {
      try file.seek(toOffset: start)
      hash.update(try file.read(upToCount: whole ? Int(size) : pieceBytes) ?? Data())
    }
    return hash.hexadecimal()
  }
}
