import TacitFault

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The datasets that come with the program: the files NAME.json and NAME.jsonl of one folder.
public struct EmbeddedDatasets: Sendable {
  /// The folder.
  public let folder: String
  /// Names in alphabetical order.
  public let names: [String]

  /// Lists a folder.
  /// - Throws: ``Fault`` when it cannot be read.
  public init(folder: String) throws(Fault) {
    self.folder = folder
    guard let stream = opendir(folder) else {
      throw Fault(
        folder, expected: "a folder of datasets", found: String(cString: strerror(errno)),
        kind: .system)
    }
    defer { closedir(stream) }
    var names: Set<String> = []
    while let entry = readdir(stream) {
      let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !file.hasPrefix("."), file.hasSuffix(".json") || file.hasSuffix(".jsonl") {
        names.insert(baseName(file))
      }
    }
    self.names = names.sorted()
  }

  /// Reads a dataset by name.
  /// - Throws: ``Fault`` when there is none of that name, or as ``Dataset/init(_:)``.
  public func dataset(
    named name: String, options: DatasetOptions = .init()
  ) throws(Fault) -> Dataset {
    guard names.contains(name) else {
      throw Fault(
        name, expected: "an embedded dataset or a file", found: "neither",
        hint: "embedded: \(names.joined(separator: ", "))")
    }
    let path = "\(folder)/\(name).json"
    return try Dataset(path: File.exists(path) ? path : path + "l", options: options)
  }
}
