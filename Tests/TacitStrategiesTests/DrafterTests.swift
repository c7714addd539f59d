import TacitJSON
import TacitRandom
import TacitTesting
import Testing

@testable import TacitStrategies

/// Drafts and their verification against the reference, and against the rules word by word.
@Suite struct DrafterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let value: JSON
    var testDescription: String { "\(model) \(value["key"]?.string ?? "")" }

    func ids(_ name: String) -> [Int] { Golden.ids(value[name]) }
    var datastore: [[Int]] { value["datastore"]?.array?.map { Golden.ids($0) } ?? [] }

    func settings() throws -> Drafter.Settings {
      func number(_ name: String) throws -> Int { try #require(value["drafter"]?[name]?.integer) }
      return Drafter.Settings(
        matches: try number("min_match")...number("max_match"),
        length: try number("draft_length"), branches: try number("branches"))
    }

    func limit() throws -> Int { try #require(value["drafter"]?["max_nodes"]?.integer) }

    func drafter(_ text: [Int]) throws -> Drafter {
      let settings = try settings()
      var drafter = Drafter(
        settings,
        datastore: datastore.isEmpty ? nil : Datastore(datastore, depth: settings.depth))
      for token in text { drafter.append(token) }
      return drafter
    }
  }

  static func cases(_ kind: String) -> [Case] {
    ["gpt2", "qwen3"].flatMap { model in
      let golden = (try? Fixtures.json("reader/\(model).json")) ?? [:]
      return (golden[kind]?.array ?? []).map { Case(model: model, value: $0) }
    }
  }

  /// The reference counts the draft's nodes from 0 and calls the text's last token -1.
  private func tree(_ value: JSON) -> DraftTree {
    var tree = DraftTree()
    for (token, parent) in zip(Golden.ids(value["tokens"]), Golden.ids(value["parents"])) {
      _ = tree.add(token, below: parent + 1)
    }
    return tree
  }

  @Test func allCasesAreThere() {
    #expect(Self.cases("drafts").count == 14 && Self.cases("trajectories").count == 10)
    #expect(Self.cases("verify").count == 24 && Self.cases("sampling").count == 12)
  }

  @Test(arguments: cases("drafts")) func drafts(_ golden: Case) throws {
    let draft = try golden.drafter(golden.ids("context_ids")).draft(limit: golden.limit())
    #expect(draft.matchLength == golden.value["match"]?.integer)
    #expect(draft.tree == tree(golden.value))
  }

  /// Round after round: the draft, what of it the model chose, and the text that this makes.
  @Test(arguments: cases("trajectories")) func trajectories(_ golden: Case) throws {
    var drafter = try golden.drafter(golden.ids("prompt_ids"))
    let ends = Set(golden.ids("eos_ids"))
    let limit = try #require(golden.value["max_new_tokens"]?.integer)
    let expected = golden.ids("generated")
    var generated: [Int] = []
    for round in try #require(golden.value["rounds"]?.array) {
      let draft = try drafter.draft(limit: golden.limit())
      #expect(draft.matchLength == round["match"]?.integer)
      #expect(draft.tree == tree(round))
      var chosen = expected.dropFirst(generated.count)
      let walk = draft.tree.walk { _ in chosen.popFirst() }
      // The reference goes on where the text has ended, which changes no text.
      #expect(Golden.ids(round["accepted_nodes"]).starts(with: walk.nodes))
      #expect(walk.tokens == Golden.ids(round["emitted"]))
      generated += walk.tokens
      for token in walk.tokens { drafter.append(token) }
    }
    #expect(generated == expected)
    #expect(generated.count == limit || ends.contains(generated.last ?? -1))
  }

  @Test(arguments: cases("verify")) func verification(_ golden: Case) throws {
    let tree = tree(golden.value)
    let cached = try #require(golden.value["cached_columns"]?.integer)
    #expect(tree.depths.map { cached + $0 } == golden.ids("positions"))
    let seen = golden.value["ancestors_of_nodes"]?.array?.map { Golden.ids($0) }
    #expect(tree.depths.indices.map { tree.path(to: $0) } == seen)

    let choices = golden.ids("argmax")
    let walk = tree.walk { choices[$0] }
    #expect(walk.nodes == golden.ids("accepted_nodes"))
    #expect(walk.tokens.last == golden.value["bonus"]?.integer)
    #expect(walk.tokens.count == walk.nodes.count + 1)

    let ends = Set(golden.ids("eos_ids"))
    let limit = golden.value["limit"]?.integer ?? .max
    var emitted: [Int] = []
    let cut = tree.walk { node in
      if emitted.count == limit || ends.contains(emitted.last ?? -1) { return nil }
      emitted.append(choices[node])
      return choices[node]
    }
    #expect(cut.tokens == golden.ids("emitted") && cut.tokens == emitted)
    if golden.value["stop"] == .null {
      let columns = ([0] + cut.nodes).map { cached + $0 }
      #expect(columns == golden.ids("cache_columns_after"))
    }
  }

  /// Sampled tokens are matched as the most probable ones are.
  @Test(arguments: cases("sampling")) func sampledTokens(_ golden: Case) throws {
    let match = try #require(golden.value["match"])
    var chosen = Golden.ids(match["emitted"])[...]
    let walk = tree(golden.value).walk { _ in chosen.popFirst() }
    #expect(walk.nodes == Golden.ids(match["accepted_nodes"]))
    #expect(walk.tokens == Golden.ids(match["emitted"]))
  }
}

// MARK: The rules word by word

extension DrafterTests {
  /// A draft by looking at every place.
  private func draft(
    _ text: [Int], _ documents: [[Int]], _ settings: Drafter.Settings, limit: Int
  ) -> Draft {
    for length in settings.matches.reversed() where length <= text.count {
      func continuations(_ source: [Int]) -> [[Int]] {
        source.indices.filter {
          $0 >= length && source[..<$0].suffix(length) == text.suffix(length)
        }
        .map { Array(source[$0...].prefix(settings.length)) }
      }
      var found: [[Int]] = []
      for one in continuations(text).reversed() + documents.flatMap(continuations)
      where !found.contains(one) { found.append(one) }
      guard !found.isEmpty else { continue }
      var draft = Draft(matchLength: length)
      for one in found.prefix(settings.branches) {
        draft.tree.insert(one, limit: limit)
      }
      return draft
    }
    return Draft()
  }

  @Test func everyPlaceIsFound() {
    for number in 0..<300 {
      var random = CounterRandom(seed: 5, sample: "", repetition: 0, stage: 0, step: number)
      let alphabet = 1 + random.integer(below: 4)
      func tokens(_ most: Int) -> [Int] {
        (0..<random.integer(below: most + 1)).map { _ in random.integer(below: alphabet) }
      }
      let least = 1 + random.integer(below: 3)
      let settings = Drafter.Settings(
        matches: least...least + random.integer(below: 4), length: 1 + random.integer(below: 6),
        branches: 1 + random.integer(below: 4))
      let limit = random.integer(below: 13)
      let documents = (0..<random.integer(below: 4)).map { _ in tokens(30) }
      var drafter = Drafter(settings, datastore: Datastore(documents, depth: settings.depth))
      var text: [Int] = []
      for token in tokens(40) {
        text.append(token)
        drafter.append(token)
        let expected = draft(text, documents, settings, limit: limit)
        #expect(drafter.draft(limit: limit) == expected, "\(settings) \(text)")
      }
    }
  }

  /// The order of a suffix array is that of its suffixes, up to the depth.
  @Test func suffixesAreSorted() {
    for (count, alphabet) in [(0, 1), (1, 1), (2, 1), (40, 1), (500, 2), (2_000, 50)] {
      var random = CounterRandom(seed: 6, sample: "", repetition: 0, stage: 0, step: count)
      let symbols = (0..<count).map { _ in Int32(random.integer(below: alphabet)) }
      let array = SuffixArray(symbols, depth: 7)
      #expect(array.places.sorted() == Array(0..<Int32(count)))
      let suffixes = array.places.map { Array(symbols[Int($0)...].prefix(7)) }
      #expect(zip(suffixes, suffixes.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) })
      for pattern in [[0], [0, 0], [0, 1, 0], [9]] as [[Int32]] {
        let range = array.range(of: pattern)
        let expected = symbols.indices.filter { symbols[$0...].starts(with: pattern) }
        #expect(range.map { Int(array.places[$0]) }.sorted() == expected)
        if let least = expected.first { #expect(array.leastPlace(in: range) == least) }
      }
    }
  }
}
