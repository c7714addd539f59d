import OrderedCollections
import TacitFault
import TacitJSON
import TacitTensor

/// A model's configuration and weights: a folder in Hugging Face layout, or one GGUF file.
public struct Checkpoint: WeightSource, Sendable {
  /// What the checkpoint was opened by: the folder, or the GGUF file.
  public let path: String
  /// `config.json`, or what a GGUF file says in its terms.
  public let configuration: JSON
  /// Where `configuration` was read.
  public let configurationPath: String
  /// `generation_config.json`, or an empty object.
  public let generationConfiguration: JSON
  /// The tokenizer and the chat template of a GGUF file; nil for folders, which have files of both.
  public let embeddedText: EmbeddedText?
  private let weights: any WeightFiles

  /// Opens what was found.
  ///
  /// No weight is read; files are mapped and their headers checked.
  /// - Parameters:
  ///   - located: A folder or a GGUF file.
  ///   - families: Those of which a GGUF file may be.
  /// - Throws: ``Fault`` for a missing or faulty file.
  public init(_ located: LocatedModel, families: [GGUFFamily]) throws(Fault) {
    if let file = located.weightsFile {
      try self.init(gguf: file, families: families)
    } else {
      try self.init(folder: located.folder)
    }
  }

  /// Opens a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
  ///
  /// - Throws: ``Fault`` for a missing or faulty file.
  public init(folder: String) throws(Fault) {
    path = folder
    configurationPath = folder + "/config.json"
    configuration = .object(try MappedFile(path: configurationPath).jsonObject())
    let generation = folder + "/generation_config.json"
    generationConfiguration =
      fileExists(generation) ? .object(try MappedFile(path: generation).jsonObject()) : [:]
    embeddedText = nil
    try Self.refusePacked(configuration, path: configurationPath)
    weights = try SafeTensorsWeights(folder: folder)
  }

  /// Opens a GGUF file of version 2 or 3 of one of `families`.
  ///
  /// - Throws: ``Fault`` for a missing or faulty file, or another family.
  public init(gguf path: String, families: [GGUFFamily]) throws(Fault) {
    let gguf = try GGUFFile(path: path)
    let configuration = try GGUFConfiguration(gguf, families: families)
    self.path = path
    configurationPath = path
    self.configuration = .object(try configuration.members())
    generationConfiguration = .object(configuration.endOfSequence)
    embeddedText = EmbeddedText(gguf)
    weights = GGUFWeights(
      gguf, names: configuration.family.names,
      interleavedHeads: try configuration.interleavedHeads())
  }

  /// Refuses weights that were packed by a method of their own.
  private static func refusePacked(_ configuration: JSON, path: String) throws(Fault) {
    guard let packing = configuration["quantization_config"], !packing.isNull else { return }
    throw Fault(
      path, "quantization_config", expected: "weights that are not quantised",
      found: packing["quant_method"]?.string.map { "'\($0)'" } ?? "another method",
      hint: "take the checkpoint that was quantised, or a GGUF file of it")
  }

  /// Bytes of all weight files.
  public var byteCount: Int { weights.byteCount }

  /// Whether a tensor of this name exists.
  public func contains(_ name: String) -> Bool { weights.contains(name) }

  /// Whether there is a second matrix that is not the first one stored twice.
  public func holds(_ second: String, apartFrom first: String) -> Bool {
    weights.holds(second, apartFrom: first)
  }

  /// A matrix: elements in place, blocks of a GGUF file packed.
  /// - Parameters:
  ///   - name: Name of the tensor.
  ///   - outputs: Outputs of the layer.
  ///   - inputs: Inputs of the layer.
  ///   - layout: Which of the two is the outer dimension in a safetensors file.
  /// - Returns: a view of the file or a packed copy.
  /// - Throws: ``Fault`` when it is missing, of another shape or of a type not supported.
  public func matrix(
    _ name: String, outputs: Int, inputs: Int, layout: WeightMatrix.Layout
  ) throws(Fault) -> WeightMatrix {
    try weights.matrix(name, outputs: outputs, inputs: inputs, layout: layout)
  }

  /// A vector of gains or biases.
  /// - Throws: as ``matrix(_:outputs:inputs:layout:)``.
  public func vector(_ name: String, count: Int) throws(Fault) -> WeightVector {
    try weights.vector(name, count: count)
  }

  /// Gives back the memory of the pages of a tensor; it is read again from the file when needed.
  public func releasePages(of name: String) { weights.releasePages(of: name) }
}

/// Weights in mapped files.
protocol WeightFiles: WeightSource, Sendable {
  /// Bytes of all files.
  var byteCount: Int { get }
}
