import TacitFault
import TacitReasoning

/// The options of guesses that are read ahead.
struct DraftOptions: Configurable {
  @Option(
    "Tokens guessed and checked in one pass at most, which changes costs only; 0 guesses none.",
    0...256)
  var draft = 0
  @Option(
    "Last tokens that must stand earlier in the text, or in the corpus, for a guess.", 1...64)
  var draftMinMatch = 2
  @Option("Last tokens that are looked for at first.", 1...64) var draftMaxMatch = 4
  @Option("Texts in which guesses are looked up besides what was read before.")
  var draftCorpus: [String]?

  func validate() throws {
    guard draftMinMatch <= draftMaxMatch else {
      throw Fault(
        option: "draft_min_match", expected: "at most \(draftMaxMatch), as draft_max_match says",
        found: "\(draftMinMatch)")
    }
  }

  /// Whether nothing is to be guessed.
  var isOff: Bool { draft == 0 }

  /// How a guess is made.
  var settings: Drafter.Settings {
    Drafter.Settings(matches: draftMinMatch...draftMaxMatch, length: draft)
  }

  /// Refuses drafts where stages shape the reads, which they may count: nothing could be read ahead.
  func check(_ state: ReasoningState) throws(Fault) {
    guard isOff || state.shapingStages.isEmpty else {
      let stages = state.shapingStages.map { "'\($0)'" }.joined(separator: ", ")
      throw Fault(
        option: "draft", expected: "0 behind stages that shape the stack",
        found: "\(draft) behind \(stages)", hint: "leave draft out")
    }
  }

  /// The corpus as tokens, indexed once for each model.
  func datastore(_ model: ReasoningModel) throws -> Datastore? {
    guard let draftCorpus, !draftCorpus.isEmpty else { return nil }
    let depth = settings.depth
    return try model.derived("generate: draft corpus, depth \(depth), \(draftCorpus)") {
      let documents = try draftCorpus.map {
        try model.tokenizer.encode($0, addSpecialTokens: false)
      }
      return Datastore(documents, depth: depth)
    }
  }
}
