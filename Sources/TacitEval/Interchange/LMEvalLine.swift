import OrderedCollections
import TacitFault
import TacitJSON

/// One line of a log: one document as one filter and its metrics see it.
struct LMEvalLine {
  /// What the harness writes where a filter found no answer.
  static let noAnswer = "[invalid]"
  /// Key of a metric's values by response and of failures by response, which only an export has.
  static func repeatsKey(_ metric: String) -> String { metric + "_repeats" }
  static let errorsKey = "errors"

  let path: String
  let line: Int
  /// Number of the document, from 0.
  let number: Int
  let id: String?
  let question: String
  let target: String
  let cluster: String?
  let filter: String
  /// Values by metric; the metric's values by response where the log has them.
  let metrics: OrderedDictionary<String, [JSON]>
  /// What the model said; likelihoods of choices are one response, as JSON.
  let responses: [String]
  /// What the filter made of each response, or of all of them.
  let answers: [String]
  let errors: [String?]

  init(
    _ json: JSON, path: String, line: Int, options: DatasetOptions
  ) throws(Fault) {
    func need<Value>(
      _ key: String, _ expected: String, _ read: (JSON) -> Value?
    ) throws(Fault) -> Value {
      if let value = json[key].flatMap(read) { return value }
      throw Fault(
        path, line: line, expected: "\(expected) under '\(key)'", found: json[key]?.kind ?? "none",
        hint: "a line of a sample log of lm-evaluation-harness 0.4 has it")
    }
    func field(_ key: String) throws(Fault) -> String {
      if let text = json["doc"]?[key]?.scalar { return text }
      throw Fault(
        path, line: line, expected: "a text or number under '\(key)' of 'doc'",
        found: json["doc"]?[key]?.kind ?? "none")
    }
    self.path = path
    self.line = line
    number = try need("doc_id", "an integer") { $0.integer }
    filter = try need("filter", "a text") { $0.string }
    let logged = try need("target", "a text") { $0.scalar }
    target = try options.target.map { key throws(Fault) in try field(key) } ?? logged
    id =
      try options.id.map { key throws(Fault) in try field(key) }
      ?? json["doc"]?["id"]?.scalar
    cluster = try options.cluster.map { key throws(Fault) in try field(key) }
    let prompt = try need("arguments", "the prompt") { $0["gen_args_0"]?["arg_0"] }
    question =
      try options.question.map { key throws(Fault) in try field(key) }
      ?? json["doc"]?["question"]?.string ?? prompt.plainText
    var metrics: OrderedDictionary<String, [JSON]> = [:]
    for name in try need("metrics", "a list of names", { $0.array?.compactMap(\.string) }) {
      let value = try need(name, "a value") { $0 }
      metrics[name] = json[Self.repeatsKey(name)]?.array ?? [value]
    }
    self.metrics = metrics
    responses = Self.texts(try need("resps", "a list") { $0.array })
    answers = Self.texts(try need("filtered_resps", "a list") { $0.array })
    errors = json[Self.errorsKey]?.array?.map(\.string) ?? []
  }

  /// The texts of a document with one request; what more requests got, as JSON.
  private static func texts(_ requests: [JSON]) -> [String] {
    guard requests.count == 1 else { return [JSON.array(requests).plainText] }
    return requests[0].array?.map(\.plainText) ?? [requests[0].plainText]
  }

  func error(expected: String, found: String) -> Fault {
    Fault(path, line: line, expected: expected, found: found)
  }
}

extension JSON {
  /// A text or a number as text.
  fileprivate var scalar: String? { string ?? integer.map(String.init) ?? number?.description }

  /// A string as it is, anything else as JSON.
  fileprivate var plainText: String { string ?? expressibleText() }
}
