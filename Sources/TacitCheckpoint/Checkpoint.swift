import TacitJSON
import TacitTensor

/// A model folder in Hugging Face layout: its configuration and its weights.
public struct Checkpoint: WeightSource, Sendable {
  /// The folder.
  public let folder: String
  /// `config.json`.
  public let configuration: JSON
  /// `generation_config.json`, or an empty object.
  public let generationConfiguration: JSON
  private let files: [SafeTensorsFile]
  private let fileIndices: [String: Int]

  /// Opens a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
  ///
  /// No weight is read; files are mapped and their headers checked.
  /// - Throws: ``CheckpointError`` for a missing or faulty file.
  public init(folder: String) throws(CheckpointError) {
    self.folder = folder
    configuration = try Self.object(at: folder + "/config.json")
    let generation = folder + "/generation_config.json"
    generationConfiguration = fileExists(generation) ? try Self.object(at: generation) : [:]
    let index = folder + "/model.safetensors.index.json"
    if fileExists(folder + "/model.safetensors") || !fileExists(index) {
      files = [try SafeTensorsFile(path: folder + "/model.safetensors")]
      fileIndices = files[0].entries.mapValues { _ in 0 }
    } else {
      (files, fileIndices) = try Self.shards(index: index, folder: folder)
    }
  }

  /// Bytes of all weight files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.file.bytes.count } }

  /// Whether a tensor of this name exists.
  public func contains(_ name: String) -> Bool { fileIndices[name] != nil }

  /// A matrix, used in place.
  /// - Parameters:
  ///   - name: Name of the tensor.
  ///   - outputs: Outputs of the layer.
  ///   - inputs: Inputs of the layer.
  ///   - layout: Which of the two is the outer dimension in the file.
  /// - Returns: a view of the file.
  /// - Throws: ``CheckpointError`` when it is missing, of another shape or of no float type.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(CheckpointError) -> WeightMatrix {
    let shape = layout == .outputMajor ? [outputs, inputs] : [inputs, outputs]
    let (file, bytes, element) = try view(name, shape: shape)
    return WeightMatrix(
      bytes: bytes, element: element, outputs: outputs, inputs: inputs, layout: layout,
      owner: file)
  }

  /// A vector of gains or biases.
  /// - Throws: as ``matrix(_:outputs:inputs:layout:)``.
  public func vector(_ name: String, count: Int) throws(CheckpointError) -> WeightVector {
    let (file, bytes, element) = try view(name, shape: [count])
    return withExtendedLifetime(file) {
      WeightVector(bytes: bytes, element: element, count: count)
    }
  }

  private func view(
    _ name: String, shape: [Int]
  ) throws(CheckpointError) -> (MappedFile, UnsafeRawPointer, ElementType) {
    guard let index = fileIndices[name], let entry = files[index].entries[name] else {
      throw CheckpointError(
        path: folder, location: "tensor '\(name)'", expected: "shape \(shape)",
        found: "no such tensor",
        hint: "config.json and the weights do not belong together, or the file is incomplete")
    }
    let file = files[index].file
    let elements: [String: ElementType] = ["F32": .float32, "F16": .float16, "BF16": .bfloat16]
    guard let element = elements[entry.dataType] else {
      throw CheckpointError(
        path: file.path, location: "tensor '\(name)'", expected: "F32, F16 or BF16",
        found: entry.dataType)
    }
    guard entry.shape == shape else {
      throw CheckpointError(
        path: file.path, location: "tensor '\(name)'", expected: "shape \(shape)",
        found: "\(entry.shape)")
    }
    guard let base = file.bytes.baseAddress, !entry.byteRange.isEmpty else {
      throw CheckpointError(
        path: file.path, location: "tensor '\(name)'", expected: "elements", found: "none")
    }
    return (file, base + entry.byteRange.lowerBound, element)
  }

  private static func object(at path: String) throws(CheckpointError) -> JSON {
    let value = try MappedFile(path: path).json()
    guard value.object != nil else {
      throw CheckpointError(path: path, expected: "an object", found: value.kind)
    }
    return value
  }

  private static func shards(
    index path: String, folder: String
  ) throws(CheckpointError) -> ([SafeTensorsFile], [String: Int]) {
    guard let map = try object(at: path)["weight_map"]?.object else {
      throw CheckpointError(
        path: path, location: "weight_map", expected: "an object", found: "something else")
    }
    var files: [SafeTensorsFile] = []
    var indexOfShard: [String: Int] = [:]
    var fileIndices: [String: Int] = [:]
    for (name, value) in map {
      guard let shard = value.string, !shard.contains("/"), !shard.isEmpty else {
        throw CheckpointError(
          path: path, location: "weight_map['\(name)']", expected: "a file name without a folder",
          found: value.string ?? value.kind)
      }
      if indexOfShard[shard] == nil {
        indexOfShard[shard] = files.count
        files.append(try SafeTensorsFile(path: folder + "/" + shard))
      }
      guard let index = indexOfShard[shard], files[index].entries[name] != nil else {
        throw CheckpointError(
          path: folder + "/" + shard, location: "tensor '\(name)'",
          expected: "the tensor that the index promises", found: "no such tensor")
      }
      fileIndices[name] = index
    }
    return (files, fileIndices)
  }
}
