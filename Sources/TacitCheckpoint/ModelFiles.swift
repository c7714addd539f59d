import TacitFault

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What people have where a model should be.
enum ModelFiles {
  /// The GGUF file that a path names, or the only one of the folder that it names.
  /// - Returns: nil where there is nothing at the path.
  /// - Throws: ``Fault`` for a file or folder of another kind, which it names, and for a folder of
  ///   several GGUF files.
  static func weightsFile(at path: String) throws(Fault) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard path.lowercased().hasSuffix(".gguf") else { return nil }
      throw Fault(path, expected: "a GGUF file", found: "none")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      try check(file: path)
      return path
    }
    let names = names(in: path)
    let files = names.filter { $0.lowercased().hasSuffix(".gguf") && !$0.hasPrefix("mmproj") }
    if files.count == 1 { return path + "/" + files[0] }
    guard files.isEmpty else {
      throw Fault(
        path, expected: "one GGUF file, or config.json", found: "\(files.count) GGUF files",
        hint: "name one of them: " + files.joined(separator: ", "))
    }
    if names.contains("adapter_config.json") {
      throw Fault(
        path, expected: "a whole model", found: "a LoRA adapter (adapter_config.json)",
        hint: "merge it into its base model first and name the folder with the result")
    }
    return nil
  }

  /// - Throws: ``Fault`` unless the file is a GGUF file.
  private static func check(file path: String) throws(Fault) {
    let file = try MappedFile(path: path)
    let found = withExtendedLifetime(file) { kind(of: file.bytes) }
    guard found != "GGUF" else { return }
    throw Fault(path, expected: "a GGUF file, or a folder with config.json", found: found)
  }

  /// What the first bytes of a file say.
  static func kind(of bytes: UnsafeRawBufferPointer) -> String {
    if bytes.starts(with: "GGUF".utf8) { return "GGUF" }
    if isPointer(bytes) { return "a Git LFS pointer in place of the file: git lfs pull fetches it" }
    if bytes.starts(with: "PK".utf8) { return "a zip file, as PyTorch saves" }
    if bytes.count > 9, bytes[8] == UInt8(ascii: "{") { return "a safetensors file" }
    if bytes.starts(with: "<".utf8) { return "a page of HTML or XML" }
    return bytes.isEmpty ? "an empty file" : "a file of another kind"
  }

  /// Whether a file holds only the address of what belongs there.
  static func isPointer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: "version https://git-lfs".utf8)
  }

  /// Names of what is in a folder, sorted.
  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.sorted()
  }
}
