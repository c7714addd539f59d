import TacitFault
import TacitModel
import TacitReasoning

/// A control of latent reasoning: the thoughts that the model has about another question.
///
/// They are made beside the sequence by the same model, each from the one before it, and replace
/// the sequence's own. They have every property of thoughts but one: they are about something else.
struct ForeignThoughtsFeedback: Feedback {
  static let about = About(
    "Feeds the thoughts about another question (control).", source: "Tacit", fidelity: .faithful,
    example: ["question": .string("some mat sat on the cat")])

  @Option("The other question, as the prompt would state it.") var question: String

  func validate() throws {
    guard !question.isEmpty else {
      throw Fault(
        "feedback '\(Self.name)', option 'question'", expected: "a question", found: "an empty text"
      )
    }
  }

  func begin(_ context: SpanContext) throws -> any FeedbackSpan {
    let model = context.models.main
    var rows = try model.tokenizer.encode(question).map { InputRow.token($0) }
    if let start = try? model.latentMarkers().start,
      context.history.last == .token(start)
    {
      rows.append(.token(start))
    }
    return Span(sequence: context.sequence(of: model), unread: rows)
  }

  private struct Span: FeedbackSpan {
    var sequence: ModelSequence
    var unread: [InputRow]

    mutating func row(_ thought: Thought) async throws -> [Float] {
      let foreign = try await sequence.read(unread).hidden ?? []
      unread = [.vector(foreign)]
      return foreign
    }
  }
}
