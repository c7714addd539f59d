/// The order in which completions are put to several pipelines: A B C, then C B A, and so on.
struct Interleaving: IteratorProtocol {
  /// One completion of one pipeline.
  struct Job: Hashable, Sendable {
    var pipeline: Int
    var completion: Int
  }

  private let pipelines: Int
  private let completions: Int
  private let done: [Int]
  private var position = 0

  /// - Parameters:
  ///   - pipelines: How many pipelines there are.
  ///   - completions: How many completions each is asked for.
  ///   - done: How many of them each has already; they are left out.
  init(pipelines: Int, completions: Int, done: [Int]) {
    precondition(done.count == pipelines, "one count per pipeline")
    self.pipelines = pipelines
    self.completions = completions
    self.done = done
  }

  mutating func next() -> Job? {
    while position < pipelines * completions {
      let (completion, turn) = position.quotientAndRemainder(dividingBy: pipelines)
      position += 1
      let pipeline = completion.isMultiple(of: 2) ? turn : pipelines - 1 - turn
      if completion >= done[pipeline] { return Job(pipeline: pipeline, completion: completion) }
    }
    return nil
  }
}
