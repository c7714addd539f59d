import Foundation
import TacitJSON
import TacitTensor
import Testing

@testable import TacitTrain

@Suite struct TrainerTests {
  /// The bits of all parameters after some steps.
  static func parameters(_ trainer: Trainer, steps: Int) -> [UInt32] {
    for _ in 0..<steps { trainer.step() }
    return trainer.optimizer.parameters.flatMap { $0.values.map(\.bitPattern) }
  }

  @Test func threadsChangeNoBit() throws {
    let settings = try Training.settings(["accumulate": 2])
    var found: [[UInt32]] = []
    for threads in [1, 2, 5] {
      Threads.setCount(threads)
      found.append(Self.parameters(try Training.trainer(settings), steps: 3))
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test func seedsDiffer() throws {
    let bits = try [1, 1, 2].map { seed in
      let settings = try Training.settings(["seed": .integer(seed)])
      return Self.parameters(try Training.trainer(settings), steps: 2)
    }
    #expect(bits[0] == bits[1] && bits[0] != bits[2])
  }

  /// The weight on the token before is what head 0 starts with.
  @Test func firstHeadLooksAtTheTokenBefore() throws {
    let settings = try Training.settings(["model": ["hidden_size": 128], "graphs": 1])
    let values = settings.initialization
    let query = values.values("model.layers.0.self_attn.q_proj.weight", [128, 128])
    let key = values.values("model.layers.0.self_attn.k_proj.weight", [128, 128])
    let embeddings = values.values("model.embed_tokens.weight", [72, 128])
    func rotated(_ matrix: [Float], token: Int, position: Double) -> [Double] {
      let row = embeddings[token * 128..<(token + 1) * 128].map { Double($0) }
      let norm = (row.reduce(0) { $0 + $1 * $1 } / 128).squareRoot()
      let head = (0..<32).map { output in
        (0..<128).reduce(0.0) { $0 + Double(matrix[output * 128 + $1]) * row[$1] / norm }
      }
      return (0..<32).map { index in
        let pair = index % 16
        let angle = position * pow(10000, -Double(2 * pair) / 32)
        let (first, second) = (head[pair], head[pair + 16])
        return index < 16
          ? first * cos(angle) - second * sin(angle)
          : second * cos(angle) + first * sin(angle)
      }
    }
    let asking = rotated(query, token: 20, position: 9)
    let scores = (0..<10).map { position -> Double in
      let other = rotated(key, token: 30 + position, position: Double(position))
      return zip(asking, other).reduce(0) { $0 + $1.0 * $1.1 } / 32.0.squareRoot()
    }
    let total = scores.reduce(0) { $0 + exp($1) }
    #expect(exp(scores[8]) / total > 0.8)
  }

  /// Two hops on eight nodes: the answer after two thoughts is learned, and not by luck.
  @Test func learnsASmallTask() throws {
    Threads.setCount(2)
    let trainer = try Training.trainer(
      Training.settings(["steps": 600, "model": ["hidden_size": 64, "intermediate_size": 64]]))
    let first = trainer.step()
    var last = (tokens: 0.0, thoughts: 0.0)
    for number in 1..<600 {
      let step = trainer.step()
      if number >= 590 {
        last.tokens += step.tokenLoss / 10
        last.thoughts += step.thoughtLoss / 10
      }
    }
    #expect(first.tokenLoss > 3 && first.thoughtLoss > 3)
    #expect(last.tokens < 1.2, "tokens: \(last.tokens)")
    #expect(last.thoughts < 2, "thoughts: \(last.thoughts)")
  }
}
