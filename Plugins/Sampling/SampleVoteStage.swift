import TacitReasoning

/// Decodes several times from one memory and keeps the text whose answer occurs most often.
///
/// Source: self-consistency, Wang et al. 2022, arXiv:2203.11171. Samples without an answer have no
/// vote; of equally frequent answers the one found first wins, with the first text that gave it.
struct SampleVoteStage: Stage {
  static let manifest = StageManifest(
    name: "sample_vote", summary: "Decodes several times and keeps the most frequent answer.",
    source: "arXiv:2203.11171", fidelity: .faithful, requires: [.prompt], provides: [.text],
    options: [.integer("samples", default: 5, in: 1...1024, "Texts to decode.")]
      + GenerateStage.manifest.options.map { option in
        option.name == "temperature"
          ? .number("temperature", default: 0.7, minimum: 0, option.summary) : option
      })

  private static let registry = PluginRegistry(stages: [GenerateStage.self])

  private let samples: Int
  private let decode: ConfiguredPlugin

  init(options: StageOptions) {
    samples = options.integer("samples")
    let names = Set(GenerateStage.manifest.options.map(\.name))
    decode = ConfiguredPlugin(
      manifest: GenerateStage.manifest,
      options: options.plugin.options.filter { names.contains($0.key) })
  }

  func run(_ state: inout ReasoningState, in context: StageContext) async throws {
    var ballots: [Ballot] = []
    for _ in 0..<samples {
      var fork = state
      do {
        let text = try await fork.run(decode, registry: Self.registry)
        Self.count(fork.answer(in: text), of: fork, in: &ballots)
      } catch let error as BudgetExhausted {
        state = Self.winner(of: ballots) ?? fork
        throw error
      }
    }
    if let winner = Self.winner(of: ballots) { state = winner }
  }

  /// One answer with the state that gave it first; nil is no answer.
  private struct Ballot {
    let answer: String?
    let state: ReasoningState
    var votes: Int
  }

  private static func count(
    _ answer: String?, of state: ReasoningState, in ballots: inout [Ballot]
  ) {
    let answer = answer.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    if let index = ballots.firstIndex(where: { $0.answer == answer }) {
      ballots[index].votes += 1
    } else {
      ballots.append(Ballot(answer: answer, state: state, votes: 1))
    }
  }

  /// The state with most votes, the first among equals; one without an answer if there is no other.
  private static func winner(of ballots: [Ballot]) -> ReasoningState? {
    let votes = ballots.map { $0.answer == nil ? 0 : $0.votes }
    return votes.max().flatMap { votes.firstIndex(of: $0) }.map { ballots[$0].state }
  }
}
