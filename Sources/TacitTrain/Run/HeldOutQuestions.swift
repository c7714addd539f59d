import TacitFault
import TacitModel
import TacitProblems
import TacitTensor
import TacitText

/// Questions that a run does not train on, and what the model makes of them.
public struct HeldOutQuestions: Sendable {
  private struct Question: Sendable {
    let prompt, answer: [Int]
  }

  private let questions: [Question]

  /// Most tokens of an answer at once, and of one after a chain in words.
  private static let answerTokens = 8
  private static let chainTokens = 64

  /// New problems that are drawn as ProsQA's are.
  /// - Throws: `Fault` for words that the tokenizer cannot encode.
  public init(count: Int, seed: UInt64, tokenizer: Tokenizer) throws(Fault) {
    let generator = ProsQAGenerator(seed: seed)
    try self.init(
      (0..<count).map { index in
        let problem = generator.problem(index)
        return (problem.question, problem.answer)
      }, tokenizer: tokenizer)
  }

  /// Questions with their answers.
  /// - Throws: `Fault` for text that the tokenizer cannot encode.
  public init(
    _ texts: [(question: String, answer: String)], tokenizer: Tokenizer
  ) throws(Fault) {
    var questions: [Question] = []
    for text in texts {
      questions.append(
        Question(
          prompt: try tokenizer.encode(text.question, addSpecialTokens: false),
          answer: try tokenizer.encode(text.answer, addSpecialTokens: false)))
    }
    self.questions = questions
  }

  /// Number of questions.
  public var count: Int { questions.count }

  /// The share that greedy decoding answers with exactly the tokens of the right answer, mode by
  /// mode.
  /// - Throws: `Fault` for a question that is too long for the model; `CancellationError`.
  func accuracies(
    of model: LanguageModel, in modes: [EvaluationSettings.Mode],
    vocabulary: TrainingVocabulary
  ) async throws -> [Double] {
    // A network of its own: what another remembers was computed with other weights.
    let network = Network(model)
    var accuracies: [Double] = []
    for mode in modes {
      let right = try await withThrowingTaskGroup(of: Bool.self) { group in
        for question in questions {
          group.addTask {
            try await network.scheduler.withSequence {
              try await Self.answers(question, in: mode, with: network, vocabulary)
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      accuracies.append(Double(right) / Double(max(questions.count, 1)))
    }
    return accuracies
  }

  private static func answers(
    _ question: Question, in mode: EvaluationSettings.Mode, with network: Network,
    _ vocabulary: TrainingVocabulary
  ) async throws -> Bool {
    var sequence = network.makeSequence()
    func row(_ token: Int32) -> InputRow { .token(Int(token)) }
    var rows = question.prompt.map { InputRow.token($0) }
    if mode.feed != .none { rows.append(row(vocabulary.startLatent)) }
    switch mode.feed {
    case .none: break
    case .pause:
      rows += [InputRow](repeating: row(vocabulary.latent), count: mode.thoughts)
      rows.append(row(vocabulary.endLatent))
    case .state:
      for _ in 0..<mode.thoughts {
        rows = [.vector(try await sequence.read(rows).hidden ?? [])]
      }
      rows.append(row(vocabulary.endLatent))
    }
    if mode.continuation == .answer {
      rows.append(row(vocabulary.answer))
    } else if mode.feed == .none {
      rows.append(row(vocabulary.startThink))
    }
    var written: [Int] = []
    let limit = mode.continuation == .answer ? answerTokens : chainTokens
    while written.count < limit {
      let result = try await sequence.read(rows, want: [.logits()])
      guard let token = result.logits?[0].argmax(), token != Int(vocabulary.end) else { break }
      written.append(token)
      rows = [.token(token)]
    }
    let start = written.lastIndex(of: Int(vocabulary.answer)).map { $0 + 1 } ?? 0
    let isMarked = mode.continuation == .answer || start > 0
    return isMarked && Array(written[start...]) == question.answer
  }
}
