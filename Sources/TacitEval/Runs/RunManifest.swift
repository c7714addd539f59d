import OrderedCollections
import TacitCheckpoint
import TacitFault
import TacitJSON

/// What a run was made with: `manifest.json`.
///
/// `ingredients` is everything that can change an answer, and `hash` its SHA-256; `environment` is
/// for the reader only (machine, versions, date) and may differ between the parts of a resumed run.
public struct RunManifest: Sendable, Equatable {
  /// Version of the run folder's files that this program writes, and the newest that it reads.
  public static let schema = 1

  /// Everything that can change an answer, an object.
  public let ingredients: JSON
  /// What else a reader may want to know, an object.
  public let environment: JSON
  /// SHA-256 of the compact text of `ingredients` with the keys of all objects sorted.
  public let hash: String

  /// Describes a run.
  /// - Throws: ``Fault`` when a number is NaN or infinite.
  public init(
    ingredients: OrderedDictionary<String, JSON>,
    environment: OrderedDictionary<String, JSON> = [:]
  ) throws(Fault) {
    self.ingredients = .object(ingredients)
    self.environment = .object(environment)
    do {
      hash = SHA256.hexadecimal(of: try self.ingredients.sorted.text().utf8)
    } catch {
      throw Fault("manifest.json", expected: "finite numbers", found: error.message)
    }
  }

  /// Reads a file.
  /// - Throws: ``Fault`` when it is absent, no manifest, of a newer schema, or edited,
  ///   and when a ``Rescoring`` of the run was interrupted.
  public init(reading path: String) throws(Fault) {
    let json: JSON
    (self, json) = try Self.read(path)
    guard json["scoring"] == nil else {
      throw Fault(
        path, expected: "a run with the scores of one scorer",
        found: "a scoring that was interrupted", hint: "score the run again")
    }
  }

  /// Reads a file, also one whose run holds the scores of two scorers.
  /// - Throws: as ``init(reading:)``, that case aside.
  init(readingForScoring path: String) throws(Fault) {
    self = try Self.read(path).manifest
  }

  private static func read(
    _ path: String
  ) throws(Fault) -> (manifest: RunManifest, json: JSON) {
    let json = try JSON(reading: path)
    guard let schema = json["schema"]?.integer else {
      throw Fault(path, expected: "the manifest of a run", found: "no integer under 'schema'")
    }
    guard schema <= Self.schema else {
      throw Fault(
        path, expected: "schema \(Self.schema) or older", found: "schema \(schema)",
        hint: "a newer version of this program wrote the run")
    }
    guard let ingredients = json["ingredients"]?.object,
      let environment = json["environment"]?.object
    else {
      throw Fault(path, expected: "objects under 'ingredients' and 'environment'", found: "none")
    }
    let manifest = try RunManifest(ingredients: ingredients, environment: environment)
    guard json["hash"]?.string == manifest.hash else {
      throw Fault(
        path, expected: "the hash \(manifest.hash) of its ingredients",
        found: json["hash"]?.string ?? "none", hint: "the file was changed after it was written")
    }
    return (manifest, json)
  }

  /// The file's text; `isScoring` tells readers that the run may hold scores of two scorers.
  func text(isScoring: Bool = false) -> String {
    var json: OrderedDictionary<String, JSON> = [
      "schema": .integer(Self.schema), "hash": .string(hash), "ingredients": ingredients,
      "environment": environment,
    ]
    if isScoring { json["scoring"] = "unfinished" }
    return JSON.object(json).expressibleText(.indented) + "\n"
  }

  /// One line per ingredient that differs: "model.commit: "a1" → "b2"".
  public func differences(to new: RunManifest) -> [String] {
    Self.differences(ingredients, new.ingredients, at: "")
  }

  private static func differences(_ old: JSON?, _ new: JSON?, at path: String) -> [String] {
    if old == new { return [] }
    if let old = old?.object, let new = new?.object {
      let keys = OrderedSet(old.keys).union(new.keys)
      return keys.flatMap { key in
        differences(old[key], new[key], at: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    let texts = [old, new].map { value in value?.expressibleText() ?? "absent" }
    let same = zip(texts[0], texts[1]).prefix { $0 == $1 }.count
    let shown = texts.map { excerpt($0, from: same) }
    return ["\(path): \(shown[0]) → \(shown[1])"]
  }

  /// The text, or 48 characters of it around the first one that differs.
  private static func excerpt(_ text: String, from difference: Int) -> String {
    guard text.count > 48 else { return text }
    let start = max(0, difference - 12)
    let part = text.dropFirst(start).prefix(48)
    return (start > 0 ? "…" : "") + part + (start + 48 < text.count ? "…" : "")
  }
}
