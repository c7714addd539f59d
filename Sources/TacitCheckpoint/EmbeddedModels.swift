import Foundation

/// The models that are part of the package.
public enum EmbeddedModels {
  /// Folders by name.
  public static let folders: [String: String] = {
    let root = Bundle.module.bundlePath + "/models"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return Dictionary(uniqueKeysWithValues: names.map { ($0, root + "/" + $0) })
  }()
}
