/// One completion of every run, side by side.
struct ComparedCompletion {
  /// Which completion it is.
  struct Key: Hashable {
    let id: String
    let repeatIndex: Int
  }

  let key: Key
  /// By run.
  let records: [SampleRecord]

  /// Whether some but not all runs are right.
  var isDisputed: Bool { Set(records.map(\.verdict.isCorrect)).count > 1 }
}

extension ComparedSamples {
  /// The completions one by one, repeats paired by their number.
  var completions: [ComparedCompletion] {
    samples.flatMap { sample in
      (0..<repeatCount).map { repeatIndex in
        ComparedCompletion(
          key: .init(id: sample.id, repeatIndex: repeatIndex),
          records: sample.completions.map { $0[repeatIndex] })
      }
    }
  }
}
