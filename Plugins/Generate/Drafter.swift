/// Guesses how a text goes on by what followed its last tokens before, in itself and in documents.
///
/// Source: the retrieved branch of READER, arXiv:2508.09072. The paper leaves the details open;
/// here the longest match alone counts, latest places in the text come first, then documents.
struct Drafter: Sendable {
  /// How a draft is made.
  struct Settings: Sendable, Equatable {
    /// How many of the last tokens are looked for, the longest match first.
    var matches = 1...4
    /// Tokens of a continuation at most.
    var length = 5
    /// Places in the text that are kept of every match.
    var branches = 1

    /// Tokens of a match with its continuation: the depth that a ``Datastore`` needs.
    var depth: Int { matches.upperBound + length }
  }

  let settings: Settings
  let datastore: Datastore?
  private(set) var context: ContextIndex

  /// Begins with an empty text.
  init(_ settings: Settings, datastore: Datastore? = nil) {
    self.settings = settings
    self.datastore = datastore
    context = ContextIndex(
      lengths: settings.matches, continuationLength: settings.length, limit: settings.branches)
  }

  /// Lengthens the text.
  mutating func append(_ token: Int) { context.append(token) }

  /// Guesses what follows: the latest place of the longest match in the text, else in documents.
  ///
  /// What follows a place up to the text's end is repeated, as by a text that repeats itself.
  func continuation() -> [Int] {
    for length in settings.matches.reversed() where length <= context.tokens.count {
      if let found = context.continuations(of: length).first {
        return (0..<settings.length).map { found[$0 % found.count] }
      }
      let match = context.tokens.suffix(length)
      let found = datastore?.continuations(of: match, length: settings.length, limit: 1).first
      if let found { return found }
    }
    return []
  }
}
