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
    /// Continuations at most.
    var branches = 3
    /// Tokens of a draft at most.
    var maximumNodes = 12

    /// Tokens of a match with its continuation: the depth that a ``Datastore`` needs.
    var depth: Int { matches.upperBound + length }
  }

  /// A guess.
  struct Draft: Sendable, Equatable {
    /// How many of the last tokens were found; 0 if none were, and the tree is then empty.
    var matchLength = 0
    /// The continuations.
    var tree = DraftTree()
  }

  private let settings: Settings
  private let datastore: Datastore?
  private var context: ContextIndex

  /// Begins with an empty text.
  init(_ settings: Settings, datastore: Datastore? = nil) {
    self.settings = settings
    self.datastore = datastore
    context = ContextIndex(
      lengths: settings.matches, continuationLength: settings.length, limit: settings.branches)
  }

  /// Lengthens the text.
  mutating func append(_ token: Int) { context.append(token) }

  /// Guesses what follows.
  func draft() -> Draft {
    for length in settings.matches.reversed() where length <= context.tokens.count {
      let continuations = continuations(of: length)
      guard !continuations.isEmpty else { continue }
      var draft = Draft(matchLength: length)
      for continuation in continuations {
        draft.tree.insert(continuation, limit: settings.maximumNodes)
      }
      return draft
    }
    return Draft()
  }

  /// The one continuation that comes first in the draft.
  ///
  /// One that reaches the end of the text goes on with its own beginning, as a text does that repeats
  /// itself: its place is followed by what is guessed.
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

  private func continuations(of length: Int) -> [[Int]] {
    var found = context.continuations(of: length)
    guard found.count < settings.branches, let datastore else { return found }
    let others = datastore.continuations(
      of: context.tokens.suffix(length), length: settings.length, limit: settings.branches)
    found += others.filter { !found.contains($0) }
    return Array(found.prefix(settings.branches))
  }
}
