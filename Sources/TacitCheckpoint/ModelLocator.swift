import TacitFault

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A model that was found on this machine.
public struct LocatedModel: Sendable, Equatable {
  /// What the user asked for.
  public let name: String
  /// The folder with config.json, or of the GGUF file.
  public let folder: String
  /// The GGUF file; nil for folders with config.json.
  public let weightsFile: String?
  /// Commit of a snapshot in the Hugging Face cache; nil for folders and embedded models.
  public let commit: String?

  /// A model in a folder.
  public init(name: String, folder: String, commit: String? = nil) {
    self.name = name
    self.folder = folder
    weightsFile = nil
    self.commit = commit
  }

  /// A model in one GGUF file.
  public init(name: String, weightsFile: String, commit: String? = nil) {
    self.name = name
    let slash = weightsFile.lastIndex(of: "/")
    folder = slash.map { String(weightsFile[...$0]) } ?? "."
    self.weightsFile = weightsFile
    self.commit = commit
  }

  /// What tells it from other models of this machine.
  public var path: String { weightsFile ?? folder }
}

/// Finds models by the path of a folder or of a GGUF file, by embedded name, or as
/// `org/name[@revision]` in the Hugging Face cache.
public struct ModelLocator: Sendable {
  /// Folder of the Hugging Face cache that is searched.
  public let cacheFolder: String
  /// Embedded models by name.
  public let embedded: [String: String]

  /// Takes the cache's folder from HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME, as Hugging Face does.
  public init(environment: [String: String], embedded: [String: String] = EmbeddedModels.folders) {
    self.embedded = embedded
    func value(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME") ?? ""
    func expanded(_ path: String) -> String {
      path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
    if let cache = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") {
      cacheFolder = expanded(cache)
    } else if let folder = value("HF_HOME") {
      cacheFolder = expanded(folder) + "/hub"
    } else {
      cacheFolder = (value("XDG_CACHE_HOME") ?? home + "/.cache") + "/huggingface/hub"
    }
  }

  /// Finds a model.
  ///
  /// A folder with config.json wins, then a GGUF file, known by its first bytes, or a folder with one,
  /// then the embedded names, then the cache.
  /// - Throws: ``Fault`` that lists every place that was searched and says how the model
  ///   could be fetched.
  public func locate(_ name: String) throws(Fault) -> LocatedModel {
    if fileExists(name + "/config.json") { return LocatedModel(name: name, folder: name) }
    if let file = try ModelFiles.weightsFile(at: name) {
      return LocatedModel(name: name, weightsFile: file)
    }
    var searched = [name + "/config.json"]
    if let folder = embedded[name] { return LocatedModel(name: name, folder: folder) }
    searched.append("embedded models: " + embedded.keys.sorted().joined(separator: ", "))
    guard let reference = HubReference(name) else {
      throw Fault(
        name,
        expected:
          "a folder with config.json, a GGUF file, an embedded model, or org/name[@revision]",
        found: "none of these", hint: Self.list(searched))
    }
    let repository = cacheFolder + "/" + reference.folderName
    let commit = Self.commit(of: reference.revision, in: repository)
    let snapshot = repository + "/snapshots/" + (commit ?? reference.revision)
    if fileExists(snapshot + "/config.json") {
      return LocatedModel(name: name, folder: snapshot, commit: commit ?? reference.revision)
    }
    if let file = try ModelFiles.weightsFile(at: snapshot) {
      return LocatedModel(
        name: name, weightsFile: file, commit: commit ?? reference.revision)
    }
    searched.append(repository + "/refs/" + reference.revision)
    searched.append(snapshot + "/config.json")
    let revision = reference.revision == "main" ? "" : " --revision \(reference.revision)"
    throw Fault(
      name, expected: "a model on this machine", found: "none",
      hint: Self.list(searched) + "\n  to fetch it: hf download \(reference.repository)\(revision)")
  }

  private static func commit(of revision: String, in repository: String) -> String? {
    guard let file = try? MappedFile(path: repository + "/refs/" + revision) else { return nil }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    let commit = text.filter { !$0.isWhitespace }
    return commit.isEmpty || commit.contains("/") || commit.contains("..") ? nil : commit
  }

  private static func list(_ places: [String]) -> String {
    "looked at:" + places.map { "\n    \($0)" }.joined()
  }
}

/// `org/name[@revision]` taken apart.
struct HubReference: Equatable {
  let repository: String
  let revision: String

  /// Nil unless the text has the form of a Hub name; such a name cannot lead out of the cache.
  init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard names.count <= 2, names.allSatisfy(Self.isName) else { return nil }
    repository = String(parts[0])
    revision = parts.count == 2 ? String(parts[1]) : "main"
    let steps = revision.split(separator: "/", omittingEmptySubsequences: false)
    guard steps.allSatisfy(Self.isName) else { return nil }
  }

  /// "models--org--name".
  var folderName: String { "models--" + repository.split(separator: "/").joined(separator: "--") }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
      }
  }
}

/// Whether something can be read at a path.
func fileExists(_ path: String) -> Bool { access(path, R_OK) == 0 }

extension ModelLocator {
  /// Every model of the Hugging Face cache whose main revision has a config.json, sorted by name.
  public func cachedModels() -> [LocatedModel] {
    guard let directory = opendir(cacheFolder) else { return [] }
    defer { closedir(directory) }
    var models: [LocatedModel] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix("models--") else { continue }
      let repository = name.dropFirst("models--".count).replacing("--", with: "/")
      if let model = try? locate(String(repository)) { models.append(model) }
    }
    return models.sorted { $0.name < $1.name }
  }
}
