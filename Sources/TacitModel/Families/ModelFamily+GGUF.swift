import TacitCheckpoint
import TacitFault

extension ModelFamily {
  /// What GGUF files hold of each family of which there are such files.
  public static let ggufFamilies = all.compactMap(\.ggufFamily)

  /// The family's keys of config.json under the keys that all GGUF files share.
  private var ggufFamily: GGUFFamily? {
    guard let gguf else { return nil }
    let pairs: [(String, String?)] = [
      ("context_length", keys.maximumPositions), ("embedding_length", keys.hiddenSize),
      ("block_count", keys.layerCount), ("feed_forward_length", keys.intermediateSize),
      ("attention.head_count", keys.headCount),
      ("attention.head_count_kv", keys.keyValueHeadCount),
      ("attention.key_length", keys.headSize), (gguf.normEpsilon, keys.normEpsilon),
    ]
    return GGUFFamily(
      name: name, names: names,
      keys: pairs.compactMap { (key, name) in name.map { (metadata: key, configuration: $0) } },
      rotates: rules.rotates,
      interleavesRows: gguf.interleavesRows)
  }
}

extension Checkpoint {
  /// Opens what was found, of any family.
  ///
  /// No weight is read; files are mapped and their headers checked.
  /// - Throws: `Fault` for a missing or faulty file.
  public init(_ located: LocatedModel) throws(Fault) {
    try self.init(located, families: ModelFamily.ggufFamilies)
  }

  /// Opens a GGUF file of version 2 or 3 of any family.
  ///
  /// - Throws: `Fault` for a missing or faulty file, or another family.
  public init(gguf path: String) throws(Fault) {
    try self.init(gguf: path, families: ModelFamily.ggufFamilies)
  }
}
