import OrderedCollections
import TacitFault
import TacitJSON
import TacitModel

extension SampleRecord {
  /// The line as an object; `answer`, `extracted` and `score` repeat the verdict that counts.
  ///
  /// `oracle` is there, and true, only for a pipeline that saw verdicts on the right answer. Costs
  /// that were not measured are null; no line of a run folder has such.
  public var json: JSON {
    var object: OrderedDictionary<String, JSON> = [
      "id": .string(id), "repeat": .integer(repeatIndex), "question": .string(question),
      "target": .string(target),
    ]
    if let cluster { object["cluster"] = .string(cluster) }
    if let hops { object["hops"] = .integer(hops) }
    object["completion"] = .string(completion)
    object["answer"] = verdict.answer.map(JSON.string) ?? .null
    object["extracted"] = .boolean(verdict.answer != nil)
    object["score"] = .integer(verdict.isCorrect ? 1 : 0)
    object["rule"] = .string(decidingRule)
    object["scores"] = .object(
      scores.mapValues { verdict in
        [
          "answer": verdict.answer.map(JSON.string) ?? .null,
          "score": .integer(verdict.isCorrect ? 1 : 0),
        ]
      })
    object["finish_reason"] = finishReason.map(JSON.string) ?? .null
    if isOracle { object["oracle"] = .boolean(true) }
    object["error"] = error.map(JSON.string) ?? .null
    object.merge(isMeasured ? costs : costs.mapValues { _ in .null }) { $1 }
    return .object(object)
  }

  private var costs: OrderedDictionary<String, JSON> {
    [
      "prompt_tokens": .integer(promptTokens), "new_tokens": .integer(counts.tokens),
      "latent_steps": .integer(counts.latentSteps),
      "forward_passes": .integer(counts.forwardPasses),
      "positions": .integer(counts.positions), "head_rows": .integer(counts.headRows),
      "flops": .number(counts.floatingPointOperations),
      "peak_bytes": .integer(counts.peakMemoryBytes),
      "prefill_seconds": .number(prefillSeconds), "decode_seconds": .number(decodeSeconds),
    ]
  }

  /// Largest count that a line may hold: sums over millions of lines do not overflow.
  private static let largestCount = 1 << 40
  /// Largest number of operations or seconds that a line may hold: squares of sums stay finite.
  private static let largestAmount = 1e30

  /// Reads a line's object.
  /// - Throws: ``Fault`` naming the first one.
  init(json: JSON) throws(Fault) {
    func optional<Value>(
      _ key: String, _ read: (JSON) -> Value?
    ) throws(Fault) -> Value? {
      json[key]?.isNull ?? true ? nil : try json.need(key, read)
    }
    func count(_ key: String) throws(Fault) -> Int {
      try json.need(key) { $0.integer.flatMap { (0...Self.largestCount).contains($0) ? $0 : nil } }
    }
    func cost(_ key: String) throws(Fault) -> Double {
      try json.need(key) { $0.number.flatMap { (0...Self.largestAmount).contains($0) ? $0 : nil } }
    }
    id = try json.need("id", \.string)
    repeatIndex = try count("repeat")
    question = try json.need("question", \.string)
    target = try json.need("target", \.string)
    cluster = try optional("cluster", \.string)
    hops = try optional("hops", \.integer)
    completion = try json.need("completion", \.string)
    decidingRule = try json.need("rule", \.string)
    for (rule, verdict) in try json.need("scores", \.object) {
      let score = try verdict.need("score", \.integer)
      scores[rule] = Verdict(answer: verdict["answer"]?.string, isCorrect: score == 1)
    }
    guard scores[decidingRule] != nil else { throw .unusable("rule") }
    finishReason = try optional("finish_reason", \.string)
    error = try optional("error", \.string)
    isOracle = try optional("oracle", \.boolean) ?? false
    promptTokens = try count("prompt_tokens")
    counts.tokens = try count("new_tokens")
    counts.latentSteps = try count("latent_steps")
    counts.forwardPasses = try count("forward_passes")
    counts.positions = try count("positions")
    counts.headRows = try count("head_rows")
    counts.floatingPointOperations = try cost("flops")
    counts.peakMemoryBytes = try count("peak_bytes")
    prefillSeconds = try cost("prefill_seconds")
    decodeSeconds = try cost("decode_seconds")
  }
}

extension Fault {
  /// A field that is absent, of another kind, or of a value that it cannot have.
  fileprivate static func unusable(_ key: String) -> Fault {
    Fault(message: "no usable '\(key)'")
  }
}

extension JSON {
  /// What `read` makes of a member.
  /// - Throws: ``Fault`` when it is absent or `read` makes nothing of it.
  func need<Value>(
    _ key: String, _ read: (JSON) -> Value?
  ) throws(Fault) -> Value {
    guard let value = self[key].flatMap(read) else { throw .unusable(key) }
    return value
  }
}
