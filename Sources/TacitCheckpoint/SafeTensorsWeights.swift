import TacitFault
import TacitJSON
import TacitTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The weights of one safetensors file or of several shards, used in place.
struct SafeTensorsWeights: WeightFiles {
  private let folder: String
  private let files: [SafeTensorsFile]
  private let fileIndices: [String: Int]

  /// Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names.
  /// - Throws: ``Fault`` for a missing or faulty file.
  init(folder: String) throws(Fault) {
    self.folder = folder
    let (whole, index) = (folder + "/model.safetensors", folder + "/model.safetensors.index.json")
    if !fileExists(whole), fileExists(index) {
      (files, fileIndices) = try Self.shards(index: index, folder: folder)
      return
    }
    if !fileExists(whole) { try Self.refuseOtherFormats(folder) }
    files = [try SafeTensorsFile(path: whole)]
    fileIndices = files[0].entries.mapValues { _ in 0 }
  }

  /// - Throws: ``Fault`` where the weights are there in another format only.
  private static func refuseOtherFormats(_ folder: String) throws(Fault) {
    for name in ["pytorch_model.bin", "pytorch_model.bin.index.json"]
    where fileExists(folder + "/" + name) {
      throw Fault(
        folder, expected: "model.safetensors", found: name,
        hint: "a pickle is a program, which is not run; with transformers "
          + "save_pretrained(…, safe_serialization=True) writes model.safetensors")
    }
  }

  /// The tensors of one file.
  init(file: SafeTensorsFile) {
    folder = file.file.path
    files = [file]
    fileIndices = file.entries.mapValues { _ in 0 }
  }

  var byteCount: Int { files.reduce(0) { $0 + $1.file.bytes.count } }

  func contains(_ name: String) -> Bool { found(name) != nil }

  func holds(_ second: String, apartFrom first: String) -> Bool {
    guard let second = found(second) else { return false }
    guard let first = found(first) else { return true }
    guard first.entry.dataType == second.entry.dataType, first.entry.shape == second.entry.shape,
      let firstBase = first.file.file.bytes.baseAddress,
      let secondBase = second.file.file.bytes.baseAddress
    else { return true }
    let (range, other) = (first.entry.byteRange, second.entry.byteRange)
    return range.count != other.count
      || memcmp(firstBase + range.lowerBound, secondBase + other.lowerBound, range.count) != 0
  }

  /// The tensor and its file.
  ///
  /// A decoder that was saved without its head has names without "model.".
  private func found(_ name: String) -> (file: SafeTensorsFile, entry: SafeTensorsFile.Entry)? {
    let bare = name.hasPrefix("model.") ? String(name.dropFirst("model.".count)) : name
    for name in [name, bare] {
      if let index = fileIndices[name], let entry = files[index].entries[name] {
        return (files[index], entry)
      }
    }
    return nil
  }

  func releasePages(of name: String) {
    if let (file, entry) = found(name) { file.file.releasePages(of: entry.byteRange) }
  }

  func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    let shape = layout == .outputMajor ? [outputs, inputs] : [inputs, outputs]
    let (file, bytes, element) = try view(name, shape: shape)
    return WeightMatrix(
      bytes: bytes, element: element, outputs: outputs, inputs: inputs, layout: layout,
      owner: file)
  }

  func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    let (file, bytes, element) = try view(name, shape: [count])
    return withExtendedLifetime(file) {
      WeightVector(bytes: bytes, element: element, count: count)
    }
  }

  private func view(
    _ name: String, shape: [Int]
  ) throws(Fault) -> (MappedFile, UnsafeRawPointer, ElementType) {
    guard let (holder, entry) = found(name) else {
      throw Fault(
        folder, "tensor '\(name)'", expected: "shape \(shape)", found: "no such tensor",
        hint: "config.json and the weights do not belong together, or the file is incomplete")
    }
    let file = holder.file
    let elements: [String: ElementType] = ["F32": .float32, "F16": .float16, "BF16": .bfloat16]
    guard let element = elements[entry.dataType] else {
      throw Fault(
        file.path, "tensor '\(name)'", expected: "F32, F16 or BF16", found: entry.dataType)
    }
    guard entry.shape == shape else {
      throw Fault(
        file.path, "tensor '\(name)'", expected: "shape \(shape)", found: "\(entry.shape)")
    }
    guard let base = file.bytes.baseAddress, !entry.byteRange.isEmpty else {
      throw Fault(file.path, "tensor '\(name)'", expected: "elements", found: "none")
    }
    return (file, base + entry.byteRange.lowerBound, element)
  }

  private static func shards(
    index path: String, folder: String
  ) throws(Fault) -> ([SafeTensorsFile], [String: Int]) {
    guard let map = try MappedFile(path: path).jsonObject()["weight_map"]?.object else {
      throw Fault(path, "weight_map", expected: "an object", found: "something else")
    }
    var files: [SafeTensorsFile] = []
    var indexOfShard: [String: Int] = [:]
    var fileIndices: [String: Int] = [:]
    for (name, value) in map {
      guard let shard = value.string, !shard.contains("/"), !shard.isEmpty else {
        throw Fault(
          path, "weight_map['\(name)']", expected: "a file name without a folder",
          found: value.string ?? value.kind)
      }
      if indexOfShard[shard] == nil {
        indexOfShard[shard] = files.count
        files.append(try SafeTensorsFile(path: folder + "/" + shard))
      }
      guard let index = indexOfShard[shard], files[index].entries[name] != nil else {
        throw Fault(
          folder + "/" + shard, "tensor '\(name)'", expected: "the tensor that the index promises",
          found: "no such tensor")
      }
      fileIndices[name] = index
    }
    return (files, fileIndices)
  }
}
