import Foundation
import TacitFault
import TacitJSON
import TacitText

/// A run in a folder: trains, measures, saves, and goes on where it was interrupted.
///
/// The folder is a model in Hugging Face layout, at the end with a model card. Beside it lie
/// training.safetensors (the state), metrics.jsonl, curve.html and the folder snapshots.
/// Interrupted at any point and taken up again, a run writes the bytes of an uninterrupted one,
/// but for the times in metrics.jsonl and the cards.
public final class TrainingRun {
  /// How far a run is.
  public struct Progress: Sendable {
    /// Steps done and steps in all.
    public let step, stepCount: Int
    /// Mean token loss of the last line of metrics; nil before the first.
    public let loss: Double?
    /// The last accuracies, by mode.
    public let accuracies: [(mode: String, accuracy: Double)]
    /// Rows per second of this call so far.
    public let tokensPerSecond: Double
    /// Seconds that the rest takes at this speed.
    public let secondsLeft: Double
  }

  /// What the run is about.
  public let settings: TrainingSettings
  /// Its folder.
  public let folder: String

  private let trainer: Trainer
  private let modelFolder: ModelFolder
  private let questions: HeldOutQuestions?
  private var metrics: MetricsFile
  private var window = MetricsWindow()

  /// Begins a run or takes it up.
  /// - Parameters:
  ///   - settings: What is computed.
  ///   - folder: Where everything is written.
  ///   - tokenizerFolder: Model whose tokenizer files are used.
  ///   - startFolder: Model whose weights are the first ones, if the settings name one.
  ///   - questions: Held-out questions, if the settings ask for accuracies.
  /// - Throws: `Fault` for faulty files.
  public init(
    _ settings: TrainingSettings, in folder: String, tokenizerFolder: String,
    startFolder: String? = nil, questions: HeldOutQuestions? = nil
  ) throws {
    self.settings = settings
    self.folder = folder
    self.questions = questions
    let tokenizer = try Tokenizer.load(folder: tokenizerFolder)
    let vocabulary = try TrainingVocabulary(tokenizer)
    let trainable = try TrainableModel(
      settings, startFolder: startFolder, tokenizer: tokenizer, vocabulary: vocabulary)
    modelFolder = ModelFolder(
      configuration: trainable.configuration, tokenizerFolder: tokenizerFolder)
    trainer = Trainer(
      settings, model: trainable.model, parameters: trainable.parameters, vocabulary: vocabulary)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var length = 0
    if FileManager.default.fileExists(atPath: Self.statePath(folder)) {
      let state = try TrainingState(
        reading: Self.statePath(folder), into: trainer.optimizer, settings: settings.json)
      length = state.metricsLength
      window = state.window
    }
    metrics = try MetricsFile(folder + "/metrics.jsonl", keeping: length)
  }

  private static func statePath(_ folder: String) -> String { folder + "/training.safetensors" }

  /// Steps done.
  public var stepCount: Int { trainer.stepCount }

  /// The last accuracies, by mode.
  public var accuracies: [(mode: String, accuracy: Double)] {
    let last = metrics.lines.last { $0["accuracy"] != nil }
    return (last?["accuracy"]?.object ?? [:]).map { ($0.key, $0.value.number ?? 0) }
  }

  /// Trains until `lastStep` or the end.
  /// - Throws: ``Fault`` for a loss that is not finite or a file that cannot be written;
  ///   `CancellationError`, after the state was saved unless accuracies were being measured.
  public func run(
    until lastStep: Int? = nil, _ report: (Progress) -> Void = { _ in }
  ) async throws {
    let last = min(lastStep ?? settings.stepCount, settings.stepCount)
    let clock = ContinuousClock()
    let start = clock.now
    let (firstStep, firstRows) = (stepCount, window.rows)
    while stepCount < last {
      let began = clock.now
      let step = trainer.step()
      guard step.gradientNorm.isFinite else {
        throw Fault(
          "step \(stepCount)", expected: "a finite gradient", found: "\(step.gradientNorm)",
          hint: "the run diverged: lower the learning rate, then go on from the last saved state")
      }
      window.add(step, seconds: (clock.now - began) / .seconds(1))
      try await finish(step)
      let isStopped = Task.isCancelled
      if stepCount.isMultiple(of: settings.saveInterval) || stepCount == last || isStopped {
        try save()
      }
      if isStopped { throw CancellationError() }
      let seconds = (clock.now - start) / .seconds(1)
      let done = stepCount - firstStep
      report(
        Progress(
          step: stepCount, stepCount: settings.stepCount,
          loss: metrics.lines.last { $0["token_loss"] != nil }?["token_loss"]?.number,
          accuracies: accuracies, tokensPerSecond: Double(window.rows - firstRows) / seconds,
          secondsLeft: seconds / Double(done) * Double(last - stepCount)))
    }
    if stepCount == settings.stepCount { try writeCards() }
  }

  /// Measures and copies what is due after a step.
  private func finish(_ step: Trainer.Step) async throws {
    let isLast = stepCount == settings.stepCount
    var isNew = false
    if isLast || stepCount.isMultiple(of: settings.logInterval) {
      try metrics.append(window.line(step: stepCount, learningRate: step.learningRate))
      window.clear()
      isNew = true
    }
    if let evaluation = settings.evaluation, let questions,
      isLast || stepCount.isMultiple(of: evaluation.interval)
    {
      let accuracies = try await questions.accuracies(
        of: trainer.model, in: evaluation.modes, vocabulary: trainer.vocabulary)
      let values = zip(evaluation.modes, accuracies).map { ($0.name, JSON.number($1)) }
      try metrics.append([
        "step": .integer(stepCount), "questions": .integer(questions.count),
        "accuracy": .object(.init(uniqueKeysWithValues: values)),
      ])
      isNew = true
    }
    for snapshot in settings.snapshots where snapshot.step == stepCount {
      try modelFolder.write(
        trainer.optimizer.parameters, to: "\(folder)/snapshots/\(snapshot.name)")
    }
    if isNew { try writeCurve() }
  }

  private func writeCurve() throws {
    let page = CurvePage(
      title: settings.name, stepCount: settings.stepCount, lines: metrics.lines)
    try Data(page.html.utf8).write(
      to: URL(fileURLWithPath: folder + "/curve.html"), options: .atomic)
  }

  private func writeCards() throws {
    let models =
      [(folder, stepCount)] + settings.snapshots.map { ("\(folder)/snapshots/\($0.name)", $0.step) }
    for (folder, step) in models {
      let card = ModelCard(
        settings: settings, lines: metrics.lines,
        parameterCount: trainer.optimizer.parameters.reduce(0) { $0 + $1.count }, step: step)
      try Data(card.text().utf8).write(
        to: URL(fileURLWithPath: folder + "/README.md"), options: .atomic)
    }
  }

  private func save() throws {
    try modelFolder.write(trainer.optimizer.parameters, to: folder)
    let state = TrainingState(
      step: stepCount, settings: try settings.json.text(), metricsLength: metrics.length,
      window: window)
    try state.write(trainer.optimizer, to: Self.statePath(folder))
  }
}
