import Synchronization
import TacitModel

/// Euclidean norm, summed in Float64.
func euclideanNorm(_ row: [Float]) -> Double {
  row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// What is computed of a model's weights once, when first asked for.
final class ModelFacts: Sendable {
  private let meanNorm = Mutex<Double?>(nil)

  func meanEmbeddingNorm(_ model: any LanguageModel) -> Double {
    meanNorm.withLock { known in
      if let known { return known }
      let count = model.configuration.vocabularySize
      var sum = 0.0
      for id in 0..<count { sum += euclideanNorm(model.embed([Int32(id)])[0]) }
      known = sum / Double(count)
      return sum / Double(count)
    }
  }
}
