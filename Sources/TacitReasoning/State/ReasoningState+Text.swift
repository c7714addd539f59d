import TacitFault
import TacitRandom
import TacitText

extension ReasoningState {
  /// Hands emitted text to whoever listens, but for the last `count` bytes of its UTF-8.
  ///
  /// A stage may take back what the stages that it runs emit, so that waits for the stage's end.
  public mutating func stream(holdingBack count: Int = 0) {
    guard invocation == 0, let onText = runtime.options.onText,
      text.utf8.count - count > streamedCount
    else { return }
    let start = text.utf8.index(text.startIndex, offsetBy: streamedCount)
    let end = text.utf8.index(text.endIndex, offsetBy: -count)
    streamedCount = text.utf8.count - count
    onText(String(text[start..<end]))
  }

  /// Cuts the text before a stop text; tokens stay as they were emitted.
  public mutating func cutText(at end: String.Index) {
    text = String(text[..<end])
    decoder = model.tokenizer.streamDecoder(skipSpecialTokens: true)
  }

  /// Ends the text: the rest of an incomplete character is written as U+FFFD.
  mutating func endText() throws {
    if !isFinished { text += try decoder.finish() }
    stream()
  }
}

// MARK: What a stage of a recipe may do

extension ReasoningState {
  /// The question as the user put it.
  public var question: String { runtime.sample.question }

  /// Name of the sample in messages.
  public var sampleName: String { runtime.sample.name }

  /// What the budget leaves; nil is unlimited.
  public var remainingBudget: (positions: Int?, tokens: Int?) {
    let counts = runtime.counts
    return (
      runtime.budget.positions.map { max(0, $0 - counts.positions - (rowCount - memoryCount)) },
      runtime.budget.tokens.map { max(0, $0 - counts.tokens) }
    )
  }

  /// Adds text to the prompt.
  public mutating func read(text: String) throws {
    try read(tokenIDs: model.tokenizer.encode(text, addSpecialTokens: false))
  }

  /// Runs a stage of the registry; returns the text that it emitted.
  public mutating func run(
    _ plugin: ConfiguredPlugin, registry: PluginRegistry
  ) async throws -> String {
    let before = text.utf8.count
    let outer = (name: stageName, invocation: invocation)
    stageName = plugin.manifest.name
    invocation = runtime.nextInvocation()
    defer { (stageName, invocation) = outer }
    let stage = try registry.makeStage(plugin)
    do {
      try stage.check(models)
      try await stage.run(&self, in: StageContext(index: stageIndex, count: stageIndex + 1))
    } catch let fault as Fault {
      throw fault.within(unlessSaid: plugin.manifest.subject)
    }
    return String(text.utf8.dropFirst(before)) ?? ""
  }

  /// The answer within a text; nil if there is none.
  public func answer(in text: String) -> String? { runtime.options.answer(text) }

  /// What the evaluation says of a text, from 0 to 1.
  ///
  /// An oracle, for it knows the right answer. The completion says that it was asked, and so do all
  /// results that it is part of.
  /// - Throws: ``Fault`` outside an evaluation; what the scorer throws.
  public func score(_ text: String) throws -> Double {
    guard let score = runtime.options.score else {
      throw Fault(
        "stage '\(stageName)', sample '\(sampleName)'",
        expected: "a question whose right answer is known", found: "none",
        hint: "tacit eval and tacit compare know the answers of their dataset")
    }
    runtime.noteOracle()
    return try score(text)
  }

  /// Makes a text the completion and ends the pipeline.
  public mutating func finish(_ text: String) {
    self.text = text
    isFinished = true
    finishReason = .done
  }

  /// The next number of this stage's own stream, evenly from [0, 1).
  public mutating func uniform() -> Double {
    var random = randomStream(step: runtime.nextDraw())
    return random.uniform()
  }

  /// The random numbers of one step of the running stage.
  public func randomStream(step: Int) -> CounterRandom {
    CounterRandom(
      seed: runtime.options.seed, sample: runtime.sample.name,
      repetition: runtime.sample.repetition, stage: stageIndex, invocation: invocation, step: step)
  }
}
