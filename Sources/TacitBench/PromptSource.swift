import TacitModel
import TacitRandom

/// Prompts of random tokens, no two of which begin alike, so that the engine shares none of them.
struct PromptSource {
  let vocabularySize: Int
  let seed: UInt64
  private var count = 0

  init(vocabularySize: Int, seed: UInt64) {
    self.vocabularySize = vocabularySize
    self.seed = seed
  }

  /// The next prompt.
  ///
  /// First tokens repeat only after all of the vocabulary has had its turn.
  mutating func next(length: Int) -> [InputRow] {
    var random = CounterRandom(seed: seed, sample: "prompt", repetition: count, stage: 0, step: 0)
    let first = count % vocabularySize
    count += 1
    return (0..<length).map { .token($0 == 0 ? first : random.integer(below: vocabularySize)) }
  }
}
