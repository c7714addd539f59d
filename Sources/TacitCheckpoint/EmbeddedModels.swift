import Foundation

/// The models that are part of the package.
public enum EmbeddedModels {
  /// Folders by name; empty where the package's resources do not lie beside the program.
  public static let folders: [String: String] = {
    let root = Bundle.main.bundlePath + "/tacit_TacitCheckpoint.resources/models"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return Dictionary(uniqueKeysWithValues: names.map { ($0, root + "/" + $0) })
  }()
}
