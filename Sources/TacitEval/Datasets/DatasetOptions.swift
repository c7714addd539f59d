import TacitFault

/// How the fields of a generic dataset are named, and what marks it.
public struct DatasetOptions: Sendable, Equatable {
  /// Name of the dataset; the file's name without its ending when nil.
  public var name: String?
  /// Field with the question; "question" when nil.
  public var question: String?
  /// Field with the right answer; "target" or else "answer" when nil.
  public var target: String?
  /// Field with the sample's id; ids are counted when nil.
  public var id: String?
  /// Field with the name of the sample's cluster.
  public var cluster: String?
  /// Name of the scorer, such as "exact" or "gsm8k.native"; the format's own when nil.
  public var scorer: String?

  /// Everything as the format has it.
  public init() {}

  /// Splits "FILE?question=q&target=a" into a path and options.
  ///
  /// A file whose name really contains the question mark is taken as it stands. Values are taken
  /// literally; keys are name, question, target, id, cluster and scorer.
  /// - Throws: ``Fault`` for an unknown, repeated or empty key.
  public static func split(
    _ text: String
  ) throws(Fault) -> (path: String, options: DatasetOptions) {
    guard let mark = text.firstIndex(of: "?"), !File.exists(text) else {
      return (text, DatasetOptions())
    }
    let path = String(text[..<mark])
    var options = DatasetOptions()
    for pair in text[text.index(after: mark)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw Fault(
          path, expected: "key=field after '?'", found: "'\(pair)'",
          hint: "for example FILE?question=prompt&target=label")
      }
      guard let field = fields[String(parts[0])] else {
        throw Fault(
          path, expected: "one of \(fields.keys.sorted().joined(separator: ", "))",
          found: "'\(parts[0])'")
      }
      guard options[keyPath: field] == nil else {
        throw Fault(path, expected: "'\(parts[0])' once", found: "it again: '\(pair)'")
      }
      options[keyPath: field] = String(parts[1])
    }
    return (path, options)
  }

  /// Whether a field is named, which makes the dataset generic whatever it looks like.
  var namesFields: Bool { question != nil || target != nil || id != nil || cluster != nil }

  private static var fields: [String: WritableKeyPath<DatasetOptions, String?>] {
    [
      "name": \.name, "question": \.question, "target": \.target, "id": \.id,
      "cluster": \.cluster, "scorer": \.scorer,
    ]
  }
}
