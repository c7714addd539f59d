import Foundation
import TacitCheckpoint
import TacitJSON
import TacitTesting
import Testing

/// Where `.ci/real-model` leaves the model.
private let realModel: String = {
  let environment = ProcessInfo.processInfo.environment
  let home = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
  let folder = environment["TACIT_REAL_MODEL_CACHE"] ?? home + "/tacit-real"
  return folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
}()

/// A model as people have it, against transformers on its weights, token by token.
///
/// `make real` fetches it and runs this; without the file there is nothing to test.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: realModel))) struct RealModelTests {
  @Test func everyGreedyToken() throws {
    let folder = try TemporaryFolder()
    let cases = try #require(try Fixtures.json("real/smollm2_q4_1.json")["cases"]?.array)
    #expect(cases.count == 12)
    for golden in cases {
      let prompt = try #require(golden["prompt_ids"]?.array).compactMap(\.integer)
      let tokens = try #require(golden["tokens"]?.array).compactMap(\.integer)
      let ids = prompt.map(String.init).joined(separator: ", ")
      let recipe = """
        local tacit = require "tacit"
        return tacit.pipeline {
          name = "ids",
          tacit.prompt { token_ids = { \(ids) } },
          tacit.generate { max_new_tokens = \(tokens.count), ignore_eos = true },
        }
        """
      try folder.write(recipe.utf8, to: "ids.lua")
      let run = try Command(
        "run", folder.path + "/ids.lua", "-m", realModel, "-q", "x", "--json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(try run.json["token_ids"]?.array?.compactMap(\.integer) == tokens)
    }
  }
}
