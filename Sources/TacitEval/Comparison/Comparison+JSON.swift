import OrderedCollections
import TacitJSON

extension Comparison {
  /// The content of `comparison.json`.
  ///
  /// | key | meaning |
  /// |---|---|
  /// | `schema` | version of the format |
  /// | `baseline`, `samples`, `left_out`, `repeats` | as the properties of the same meaning |
  /// | `runs` | `label`, `run` (its folder or file), `results` (as `results.json`), |
  /// | | with repeats `pass_at_k` (a list from k = 1) and `majority_accuracy` |
  /// | `pairs` | every other run against the baseline, see ``Pair`` |
  ///
  /// - Parameter recordedRuns: what was compared, in the same order.
  /// - Returns: an object that JSON can express.
  public func json(_ recordedRuns: [RecordedRun]) -> JSON {
    [
      "schema": .integer(RunManifest.schema), "baseline": .string(runs[baseline].label),
      "samples": .integer(sampleCount), "left_out": .integer(leftOutCount),
      "repeats": .integer(repeatCount),
      "runs": .array(zip(runs, recordedRuns).map { $0.json($1) }),
      "pairs": .array(pairs.map { $0.json(label: runs[$0.run].label) }),
    ]
  }
}

extension Comparison.RunResults {
  fileprivate func json(_ recordedRun: RecordedRun) -> JSON {
    var object: OrderedDictionary<String, JSON> = [
      "label": .string(label), "run": .string(recordedRun.path),
      "results": results.json(hash: recordedRun.manifest?.hash),
    ]
    if let repeats {
      object["pass_at_k"] = .array(repeats.passAtK.map { .number($0) })
      object["majority_accuracy"] = .number(repeats.majorityAccuracy)
    }
    return .object(object)
  }
}

extension Comparison.Pair {
  fileprivate func json(label: String) -> JSON {
    [
      "run": .string(label), "difference": .number(difference),
      "standard_error": number(standardError), "confidence_interval": list(interval),
      "test": .string(test.rawValue), "p_value": .number(pValue),
      "adjusted_p_value": .number(adjustedPValue), "settled": .boolean(isSettled),
      "detectable_difference": number(detectableDifference),
      "outcomes": [
        "both": .integer(outcomes.both), "only_run": .integer(outcomes.onlyRun),
        "only_baseline": .integer(outcomes.onlyBaseline), "neither": .integer(outcomes.neither),
      ],
      "costs": .object(
        OrderedDictionary(
          uniqueKeysWithValues: costs.map { cost in
            let object: JSON = [
              "ratio": number(cost.ratio), "confidence_interval": list(cost.interval),
              "p_value": .number(cost.pValue),
            ]
            return (cost.quantity.rawValue, object)
          })),
      "latency": latency.map { latency in
        [
          "ratio": .number(latency.ratio), "confidence_interval": list(latency.interval),
          "outliers": .integer(latency.outlierCount),
        ]
      } ?? .null,
    ]
  }

  private func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }

  private func list(_ interval: ClosedRange<Double>?) -> JSON {
    interval.map { [.number($0.lowerBound), .number($0.upperBound)] } ?? .null
  }
}
