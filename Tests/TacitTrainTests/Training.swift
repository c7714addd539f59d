import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitTesting
import TacitText

@testable import TacitTrain

/// Small runs for tests.
enum Training {
  /// The folder of an embedded model, which has the tokenizer.
  static let tokenizerFolder = URL(fileURLWithPath: Fixtures.folder)
    .appending(path: "../../Sources/TacitCheckpoint/models/prosqa").standardized.path

  static func vocabulary() throws -> TrainingVocabulary {
    try TrainingVocabulary(Tokenizer.load(folder: tokenizerFolder))
  }

  /// Two-hop Coconut on graphs of eight nodes with a model of 32 columns, changed by `changes`.
  static func settings(_ changes: JSON = [:]) throws -> TrainingSettings {
    var settings: JSON = [
      "name": "test", "seed": 7, "steps": 100,
      "model": ["hidden_size": 32, "intermediate_size": 64],
      "optimizer": ["learning_rate": 0.003, "warmup_steps": 10],
      "problems": ["nodes": 8], "graphs": 6, "thought_targets": [:],
      "batches": [
        [
          "questions": 2,
          "modes": [
            [:], ["follow": "steps"],
            ["feed": "state", "thoughts": [0, 1, 2], "draw": 2, "always": [2]],
          ],
        ]
      ],
      "log_every": 5, "save_every": 10,
    ]
    if case .object(var members) = settings {
      for (key, value) in changes.object ?? [:] { members[key] = value.isNull ? nil : value }
      settings = .object(members)
    }
    return try Self.settings(reading: settings)
  }

  /// Settings as they are written into run folders.
  static func settings(reading json: JSON) throws -> TrainingSettings {
    guard case .table(let options)? = OptionValue(json) else {
      throw Fault(option: "", expected: "a table", found: "other data")
    }
    return try TrainingSettings(options: options)
  }

  /// A trainer with the settings' first weights, or others.
  static func trainer(
    _ settings: TrainingSettings, values: ParameterStore.InitialValues? = nil
  ) throws -> Trainer {
    let store = ParameterStore(
      initialValues: values ?? { settings.initialization.values($0, $1) })
    let vocabulary = try vocabulary()
    let model = try LanguageModel.make(
      ModelConfiguration(
        settings.model.configuration(vocabulary: vocabulary, padID: 0), path: "test"),
      weights: store)
    return Trainer(settings, model: model, parameters: store.parameters, vocabulary: vocabulary)
  }
}
