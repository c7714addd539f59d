import TacitFault
import TacitJSON
import TacitReasoning
import Testing

@testable import TacitTrain

@Suite struct SettingsTests {
  /// Where each fault is found, and what is said about it.
  @Test(
    arguments: [
      (["stepz": 3], "unknown option 'stepz'"),
      (["steps": .null], "option 'steps': expected an integer from 1 to 100000000, found nothing"),
      (["steps": 2.5], "option 'steps': expected an integer from 1 to 100000000, found 2.5"),
      (["name": "a/b"], "option 'name': expected letters, digits, '_', '-' and '.', found a/b"),
      (["batches": []], "option 'batches': expected a list of tables, found a list"),
      (
        ["batches": [["modes": [["feed": "sate"]]]]],
        "option 'batches[1].modes[1].feed': expected one of \"none\", \"state\", \"pause\", "
          + "found \"sate\" (string)"
      ),
      (
        ["batches": [["share": [[0, 1], [1, 0]], "modes": [[:]]]]],
        "option 'batches': expected a kind with a share above 0 at 1.0 of the run, found none"
      ),
      (
        ["batches": [["modes": [["feed": "state"], ["feed": "pause"]]]]],
        "option 'batches[1].modes': expected thoughts or pauses in one kind of batch, found both"
      ),
      (
        ["batches": [["modes": [["thoughts": [1]]]]]],
        "option 'batches[1].modes[1].thoughts': expected nothing, where nothing is fed and no "
          + "step follows, found a list"
      ),
      (
        ["batches": [["modes": [["feed": "state", "thoughts": [1, 2], "always": [3]]]]]],
        "option 'batches[1].modes[1].always': expected some of 'thoughts', no more than 'draw', "
          + "found others"
      ),
      (
        ["optimizer": ["learning_rate": [[1, 0.1], [0, 0.2]]]],
        "option 'optimizer.learning_rate': expected a number from 0 to 10, or a list of "
          + "{share of the run, number} in order, found a list"
      ),
      (
        ["model": ["hidden_size": 30]],
        "option 'model.hidden_size': expected a multiple of twice the 4 heads, found 30"
      ),
      (
        ["start": "prosqa"],
        "option 'model': expected nothing, as 'start' names a model, found a table"
      ),
      (
        ["snapshots": [["name": "a", "at": 0.5], ["name": "a", "at": 0.6]]],
        "option 'snapshots[2].name': expected a new name of letters, digits, '_', '-' and '.', "
          + "found a"
      ),
    ] as [(JSON, String)])
  func faults(changes: JSON, message: String) {
    let error = #expect(throws: Fault.self) { try Training.settings(changes) }
    #expect(error?.description.split(separator: "\n").first.map(String.init) == message)
  }

  /// Defaults are filled in, and the result reads back the same.
  @Test func canonical() throws {
    let settings = try Training.settings()
    let again = try Training.settings(reading: settings.json)
    #expect(again.json == settings.json)
    #expect(settings.json["optimizer"]?["beta1"] == .number(0.9))
    #expect(settings.json["batches"]?[0]?["modes"]?[0]?["feed"] == "none")
  }
}
