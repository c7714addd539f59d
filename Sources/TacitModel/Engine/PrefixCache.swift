import Synchronization

/// Full pages of prompts that were read, by the tokens that they hold.
///
/// A page's keys and values depend on its own tokens and on those before it, and on nothing else,
/// so that every prompt that begins with the same tokens can use it, bit for bit.
final class PrefixCache: Sendable {
  /// Bytes of pages that are kept; beyond them the least recently used go.
  static let maximumBytes = 128 << 20
  /// Pages that are kept: of small models, more would only be memory that is touched anew.
  static let maximumCount = 1024

  private final class Node {
    let page: KeyValuePage?
    var children: [[Int]: Node] = [:]
    var lastUse = 0

    init(_ page: KeyValuePage?) { self.page = page }
  }

  private struct State: ~Copyable {
    let root = Node(nil)
    var count = 0
    var clock = 0
  }

  private let state = Mutex(State())
  /// Pages that are kept at most.
  let maximumPages: Int
  /// Pages of one prompt that are kept at most, so that no prompt drives out all others.
  let maximumDepth: Int

  init(layout: PageLayout) {
    maximumPages = min(Self.maximumCount, max(2, Self.maximumBytes / layout.byteCount))
    maximumDepth = maximumPages / 2
  }

  /// Gives the memory every page that is known of the tokens after those it holds.
  ///
  /// - Parameters:
  ///   - memory: A memory of the first tokens, in whole pages.
  ///   - tokens: The prompt; its last token is always left to be read.
  func extend(_ memory: inout KeyValueMemory, along tokens: [Int]) {
    let start = memory.count
    let pages = state.withLock { state -> [KeyValuePage] in
      state.clock += 1
      var node = state.root
      var pages: [KeyValuePage] = []
      for block in Self.blocks(of: tokens.dropLast()) {
        guard let child = node.children[block.tokens], let page = child.page else { break }
        child.lastUse = state.clock
        if block.start >= start { pages.append(page) }
        node = child
      }
      return pages
    }
    for page in pages { memory.share(page) }
  }

  /// Keeps the full pages of a memory that holds the first of the tokens.
  func insert(_ memory: KeyValueMemory, tokens: [Int]) {
    let held = tokens.prefix(min(memory.count, maximumDepth * PageLayout.columnCount))
    state.withLock { state in
      state.clock += 1
      var node = state.root
      for (index, block) in Self.blocks(of: held).enumerated() {
        if let child = node.children[block.tokens] {
          node = child
        } else {
          let child = Node(memory.pages[index].page)
          node.children[block.tokens] = child
          state.count += 1
          node = child
        }
        node.lastUse = state.clock
      }
      if state.count > maximumPages { Self.evict(&state, to: maximumPages / 2) }
    }
  }

  private static func blocks(of tokens: ArraySlice<Int>) -> [(start: Int, tokens: [Int])] {
    let size = PageLayout.columnCount
    return stride(from: 0, to: tokens.count / size * size, by: size).map {
      ($0, Array(tokens[tokens.startIndex + $0..<tokens.startIndex + $0 + size]))
    }
  }

  /// Drops the least recently used pages; one that is used is never older than its children.
  private static func evict(_ state: inout State, to count: Int) {
    var uses: [Int] = []
    func collect(_ node: Node) {
      for child in node.children.values {
        uses.append(child.lastUse)
        collect(child)
      }
    }
    collect(state.root)
    let oldest = uses.sorted().dropFirst(max(0, uses.count - count)).first ?? .max
    var kept = 0
    func prune(_ node: Node) {
      node.children = node.children.filter { $0.value.lastUse >= oldest }
      kept += node.children.count
      for child in node.children.values { prune(child) }
    }
    prune(state.root)
    state.count = kept
  }
}
