import Foundation
import OrderedCollections
import TacitFault
import TacitJSON

extension Tokenizer {
  /// Reads tokenizer.json of a folder, with tokenizer_config.json and special_tokens_map.json.
  /// - Throws: ``Fault`` when tokenizer.json is missing, or a file cannot be used.
  public static func load(folder: String) throws -> Tokenizer {
    let path = folder + "/tokenizer.json"
    guard let data = FileManager.default.contents(atPath: path) else {
      let isSentencePiece = FileManager.default.fileExists(atPath: folder + "/tokenizer.model")
      throw Fault(
        path, expected: "a file that can be read",
        found: isSentencePiece ? "tokenizer.model alone" : "none",
        hint: isSentencePiece
          ? "transformers makes it of tokenizer.model: AutoTokenizer.from_pretrained(…)"
            + ".save_pretrained(…)" : nil)
    }
    var configuration = try readObject(folder + "/tokenizer_config.json") ?? [:]
    let roles = try readObject(folder + "/special_tokens_map.json") ?? [:]
    // The configuration decides; the map is what older folders have instead.
    configuration.merge(roles) { mine, other in mine.isNull ? other : mine }
    return try data.withUnsafeBytes { bytes in
      try Tokenizer(parsing: bytes, configuration: .object(configuration), path: path)
    }
  }

  /// Reads the bytes of a tokenizer.json.
  /// - Parameters:
  ///   - bytes: the file.
  ///   - configuration: the tokenizer_config.json, if there is one.
  ///   - path: what errors call the file.
  /// - Throws: ``Fault`` for anything that is wrong or not supported.
  public convenience init(
    parsing bytes: UnsafeRawBufferPointer, configuration: JSON?, path: String
  ) throws(Fault) {
    try self.init(
      try TokenizerFile(parsing: bytes, path: path), configuration: configuration, path: path)
  }

  /// Takes a tokenizer.json that has been parsed.
  ///
  /// A tree holds only one of several keys that are canonically equivalent; vocabularies with such
  /// tokens must be read from bytes.
  /// - Parameters:
  ///   - json: the file.
  ///   - configuration: the tokenizer_config.json, if there is one.
  ///   - path: what errors call the file.
  /// - Throws: ``Fault`` for anything that is wrong or not supported.
  public convenience init(
    json: JSON, configuration: JSON?, path: String
  ) throws(Fault) {
    let text: String
    do throws(Fault) {
      text = try json.text()
    } catch {
      throw Fault(path, expected: "JSON", found: error.description)
    }
    let file = try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(Fault) in
      try TokenizerFile(parsing: UnsafeRawBufferPointer(bytes), path: path)
    }
    try self.init(file, configuration: configuration, path: path)
  }

  /// The members of an optional file.
  private static func readObject(_ path: String) throws -> OrderedDictionary<String, JSON>? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let json: JSON
    do {
      json = try data.withUnsafeBytes { try JSON(parsing: $0) }
    } catch {
      throw Fault(path, expected: "JSON", found: "\(error)")
    }
    guard let members = json.object else {
      throw Fault(path, expected: "an object", found: json.kind)
    }
    return members
  }
}
