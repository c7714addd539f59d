/// A tokenizer file that cannot be used, or text or ids that it cannot translate.
public struct TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or folder at fault.
  public var path: String
  /// Where in the file, as in "pre_tokenizer.pretokenizers[0].type"; empty for the whole file.
  public var keyPath: String
  /// What would have been right.
  public var expected: String
  /// What was there.
  public var found: String
  /// What to do about it.
  public var hint: String?

  /// "tokenizer.json: model.type: expected BPE or WordLevel, found "Unigram"".
  public var description: String {
    let place = keyPath.isEmpty ? path : "\(path): \(keyPath)"
    return "\(place): expected \(expected), found \(found)" + (hint.map { " (\($0))" } ?? "")
  }

  init(path: String, keyPath: String = "", expected: String, found: String, hint: String? = nil) {
    self.path = path
    self.keyPath = keyPath
    self.expected = expected
    self.found = found
    self.hint = hint
  }
}
