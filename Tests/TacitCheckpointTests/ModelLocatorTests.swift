import Foundation
import TacitCheckpoint
import TacitFault
import TacitTesting
import Testing

/// Names are resolved as Hugging Face resolves them.
@Suite struct ModelLocatorTests {
  let folder: TemporaryFolder
  let commit = "0123456789abcdef0123456789abcdef01234567"

  init() throws {
    folder = try TemporaryFolder()
    let repository = folder.path + "/hub/models--org--name"
    for path in ["/refs", "/snapshots/" + commit] {
      try FileManager.default.createDirectory(
        atPath: repository + path, withIntermediateDirectories: true)
    }
    try folder.write(commit.utf8, to: "hub/models--org--name/refs/main")
    try folder.write("{}".utf8, to: "hub/models--org--name/snapshots/\(commit)/config.json")
  }

  @Test func variablesInTheirOrder() {
    func cache(_ environment: [String: String]) -> String {
      ModelLocator(environment: environment).cacheFolder
    }
    #expect(cache(["HF_HUB_CACHE": "/a", "HF_HOME": "/b", "HOME": "/h"]) == "/a")
    #expect(cache(["HF_HOME": "/b", "HOME": "/h"]) == "/b/hub")
    #expect(cache(["HF_HOME": "~/b", "HOME": "/h"]) == "/h/b/hub")
    #expect(cache(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/huggingface/hub")
    #expect(cache(["HF_HUB_CACHE": "", "HOME": "/h"]) == "/h/.cache/huggingface/hub")
  }

  @Test func namesOfTheCache() throws {
    let locator = ModelLocator(environment: ["HF_HOME": folder.path])
    for name in ["org/name", "org/name@main", "org/name@" + commit] {
      let located = try locator.locate(name)
      #expect(located.folder.hasSuffix("/snapshots/" + commit))
      #expect(located.commit == commit)
    }
    #expect(locator.cachedModels().map(\.name) == ["org/name"])
  }

  @Test func embeddedNamesAndFolders() throws {
    let locator = ModelLocator(environment: ["HF_HOME": folder.path])
    #expect(try locator.locate("prosqa").folder.hasSuffix("/models/prosqa"))
    let path = Fixtures.model("gpt2")
    #expect(try locator.locate(path) == LocatedModel(name: path, folder: path))
  }

  @Test(arguments: ["org/other", "org/name@v2"]) func missingModelsSayWhatToDo(name: String) {
    let locator = ModelLocator(environment: ["HF_HOME": folder.path])
    let error = #expect(throws: Fault.self) { try locator.locate(name) }
    let hint = error?.hint ?? ""
    #expect(hint.contains(folder.path + "/hub/models--org--"))
    #expect(hint.contains("hf download org/"))
  }

  /// A name never leads out of the cache.
  @Test(arguments: ["../../etc", "org/name@../../..", "a/b/c", "org/na me", "", "org/", "x@"])
  func impossibleNames(name: String) {
    let locator = ModelLocator(environment: ["HF_HOME": folder.path])
    let error = #expect(throws: Fault.self) { try locator.locate(name) }
    #expect(error?.hint?.contains("hf download") == false)
  }
}
