/// What a stage that is written in a recipe may do with the state of one sample.
///
/// Values are copies: assigning one forks the memory (copy on write), so a checkpoint is a copy
/// that is kept and a restore is an assignment.
public protocol RecipeState: Sendable {
  /// The question as the user put it.
  var question: String { get }
  /// Name of the sample in messages: "gsm8k/17".
  var sampleName: String { get }
  /// Everything emitted so far, as text.
  var text: String { get }
  /// Positions and tokens that the budget leaves; nil is unlimited.
  var remainingBudget: (positions: Int?, tokens: Int?) { get }

  /// Reads text as part of the prompt; special tokens in it are recognised.
  mutating func read(text: String) throws
  /// Reads token ids as part of the prompt.
  mutating func read(tokenIDs: [Int]) throws
  /// Runs a stage of the registry; returns the text that it emitted.
  mutating func run(_ plugin: ConfiguredPlugin, registry: PluginRegistry) async throws -> String
  /// The answer within a text, as the pipeline's answer rule sees it; nil if there is none.
  func answer(in text: String) -> String?
  /// Makes a text the completion and ends the pipeline.
  mutating func finish(_ text: String)
  /// A number drawn evenly from [0, 1), the next of this sample's own stream.
  mutating func uniform() -> Double
}
