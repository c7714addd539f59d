import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitModel
import TacitTensor
import TacitText

/// A model over parameters, with new weights or with those of a checkpoint.
struct TrainableModel {
  /// config.json.
  let configuration: JSON
  let model: LanguageModel
  let parameters: [Parameter]

  /// Makes the weights that a run begins with.
  /// - Parameters:
  ///   - settings: What new weights are like.
  ///   - startFolder: Model whose weights are copied; nil makes new ones.
  ///   - tokenizer: What the model is to read.
  ///   - vocabulary: The tokens of the problems.
  /// - Throws: `Fault` for a faulty checkpoint and for one that is too
  ///   small for the tokenizer or the problems.
  init(
    _ settings: TrainingSettings, startFolder: String?, tokenizer: Tokenizer,
    vocabulary: TrainingVocabulary
  ) throws {
    let store: ParameterStore
    if let startFolder {
      let checkpoint = try Checkpoint(folder: startFolder)
      configuration = checkpoint.configuration
      store = ParameterStore(copying: checkpoint)
    } else {
      configuration = settings.model.configuration(
        vocabulary: vocabulary, padID: tokenizer.padToken.flatMap(tokenizer.tokenID))
      store = ParameterStore { settings.initialization.values($0, $1) }
    }
    let path = (startFolder ?? settings.name) + "/config.json"
    model = try LanguageModel.make(
      ModelConfiguration(configuration, path: path), weights: store)
    parameters = store.parameters
    for (key, size, least) in [
      ("vocab_size", model.configuration.vocabularySize, vocabulary.size),
      (
        "max_position_embeddings", model.configuration.maximumPositions,
        ModelSettings.fewestPositions
      ),
    ] where size < least {
      throw Fault("\(path): \(key)", expected: "\(least) or more", found: "\(size)")
    }
  }
}
