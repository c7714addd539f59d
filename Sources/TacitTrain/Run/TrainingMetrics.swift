import OrderedCollections
import TacitJSON

/// Sums over the steps since the last line of metrics.
struct MetricsWindow {
  var steps = 0
  var tokenLoss = 0.0
  var thoughtLoss = 0.0
  var gradientNorm = 0.0
  var answers = 0
  var rightAnswers = 0
  /// Since the beginning of the run.
  var rows = 0
  /// Since the beginning of the run.
  var seconds = 0.0
  var windowRows = 0
  var windowSeconds = 0.0

  mutating func add(_ step: Trainer.Step, seconds: Double) {
    steps += 1
    tokenLoss += step.tokenLoss
    thoughtLoss += step.thoughtLoss
    gradientNorm += step.gradientNorm
    answers += step.answers
    rightAnswers += step.rightAnswers
    rows += step.rows
    windowRows += step.rows
    self.seconds += seconds
    windowSeconds += seconds
  }

  /// Begins anew.
  mutating func clear() {
    self = MetricsWindow(rows: rows, seconds: seconds)
  }

  private init(rows: Int, seconds: Double) {
    self.rows = rows
    self.seconds = seconds
  }

  init() {}

  /// A line of metrics: means over the steps of the window.
  func line(step: Int, learningRate: Double) -> JSON {
    let count = Double(max(steps, 1))
    return [
      "step": .integer(step), "token_loss": .number(tokenLoss / count),
      "thought_loss": .number(thoughtLoss / count),
      "gradient_norm": .number(gradientNorm / count), "learning_rate": .number(learningRate),
      "answers_right": answers > 0 ? .number(Double(rightAnswers) / Double(answers)) : .null,
      "tokens": .integer(rows), "seconds": .number(seconds),
      "tokens_per_second": .number(windowSeconds > 0 ? Double(windowRows) / windowSeconds : 0),
    ]
  }

  /// All sums, to go on with.
  var json: JSON {
    [
      "steps": .integer(steps), "token_loss": .number(tokenLoss),
      "thought_loss": .number(thoughtLoss), "gradient_norm": .number(gradientNorm),
      "answers": .integer(answers), "right_answers": .integer(rightAnswers),
      "rows": .integer(rows), "seconds": .number(seconds), "window_rows": .integer(windowRows),
      "window_seconds": .number(windowSeconds),
    ]
  }

  /// Reads what ``json`` wrote; nil for all else.
  init?(_ json: JSON) {
    guard let steps = json["steps"]?.integer, let tokenLoss = json["token_loss"]?.number,
      let thoughtLoss = json["thought_loss"]?.number,
      let gradientNorm = json["gradient_norm"]?.number, let answers = json["answers"]?.integer,
      let rightAnswers = json["right_answers"]?.integer, let rows = json["rows"]?.integer,
      let seconds = json["seconds"]?.number, let windowRows = json["window_rows"]?.integer,
      let windowSeconds = json["window_seconds"]?.number
    else { return nil }
    self.steps = steps
    self.tokenLoss = tokenLoss
    self.thoughtLoss = thoughtLoss
    self.gradientNorm = gradientNorm
    self.answers = answers
    self.rightAnswers = rightAnswers
    self.rows = rows
    self.seconds = seconds
    self.windowRows = windowRows
    self.windowSeconds = windowSeconds
  }
}
