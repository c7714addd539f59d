import OrderedCollections
import TacitJSON
import TacitStatistics

extension EvaluationResults {
  /// The content of `results.json`.
  ///
  /// | key | meaning |
  /// |---|---|
  /// | `schema`, `hash` | version of the format; hash of the manifest, null without one |
  /// | `samples`, `completions` | samples; samples times repeats |
  /// | `rule` | the scorer whose verdict counts below |
  /// | `correct`, `extracted`, `errors` | numbers of completions |
  /// | `oracle` | completions that saw verdicts on the right answer, where there are any |
  /// | `accuracy`, `standard_error`, `confidence_interval` | of the mean; 95 %, see ``Accuracy`` |
  /// | `rules` | `correct`, `extracted`, `accuracy` of every scorer |
  /// | `by_hops` | the same by number of reasoning steps, where the dataset has them |
  /// | `finish_reasons` | numbers of completions |
  /// | `totals`, `means` | costs over all completions and per finished one; null if not measured |
  /// | `peak_bytes` | largest memory of one completion; null if not measured |
  public func json(hash: String?) -> JSON {
    var object: OrderedDictionary<String, JSON> = [
      "schema": .integer(RunManifest.schema), "hash": hash.map(JSON.string) ?? .null,
      "samples": .integer(sampleCount), "completions": .integer(completionCount),
      "rule": .string(decidingRule), "correct": .integer(correctCount),
      "extracted": .integer(extractedCount), "errors": .integer(errorCount),
    ]
    if oracleCount > 0 { object["oracle"] = .integer(oracleCount) }
    object.merge(accuracy.members) { $1 }
    object["rules"] = .object(
      rules.mapValues { rule in
        [
          "correct": .integer(rule.correct), "extracted": .integer(rule.extracted),
          "accuracy": .number(Double(rule.correct) / Double(completionCount)),
        ]
      })
    if !byHops.isEmpty { object["by_hops"] = .array(byHops.map(\.json)) }
    object["finish_reasons"] = .object(finishReasons.mapValues(JSON.integer))
    object["totals"] = isMeasured ? .object(totals) : .null
    object["means"] =
      mean(0) == nil
      ? .null : .object(totals.mapValues { mean($0.number ?? 0).map(JSON.number) ?? .null })
    object["peak_bytes"] = isMeasured ? .integer(counts.peakMemoryBytes) : .null
    return .object(object)
  }

  /// The text of `results.json`.
  func text(hash: String) -> String { json(hash: hash).expressibleText(.indented) + "\n" }

  private var totals: OrderedDictionary<String, JSON> {
    [
      "prompt_tokens": .integer(promptTokens), "new_tokens": .integer(counts.tokens),
      "latent_steps": .integer(counts.latentSteps),
      "forward_passes": .integer(counts.forwardPasses),
      "positions": .integer(counts.positions), "head_rows": .integer(counts.headRows),
      "flops": .number(counts.floatingPointOperations),
      "prefill_seconds": .number(prefillSeconds), "decode_seconds": .number(decodeSeconds),
    ]
  }
}

extension Accuracy {
  fileprivate var members: OrderedDictionary<String, JSON> {
    [
      "accuracy": .number(mean),
      "standard_error": standardError.map(JSON.number) ?? .null,
      "confidence_interval": [
        .number(confidenceInterval.lowerBound), .number(confidenceInterval.upperBound),
      ],
    ]
  }
}

extension EvaluationResults.Hops {
  fileprivate var json: JSON {
    var object: OrderedDictionary<String, JSON> = [
      "hops": .integer(hops), "completions": .integer(completionCount),
      "correct": .integer(correct),
    ]
    object.merge(accuracy.members) { $1 }
    return .object(object)
  }
}
