import OrderedCollections
import TacitJSON

/// What the runs were made with, and in what they differ.
struct SettingsSection: Sendable {
  /// An ingredient.
  struct Row: Sendable {
    let path: String
    let cells: [Cell]
  }

  /// Its value in one run.
  struct Cell: Sendable {
    let text: String
    let isDifferent: Bool
  }

  /// An ingredient that all runs share.
  struct Shared: Sendable {
    let path: String
    let text: String
  }

  /// Where a run is, and the text of its recipe.
  struct RunFacts: Sendable {
    let label: String
    let path: String
    let hash: String
    let environment: [Shared]
    let files: [RecipeFile]
  }

  /// A file of a recipe.
  struct RecipeFile: Sendable {
    let name: String
    let content: String
  }

  let labels: [String]
  let differing: [Row]
  let shared: [Shared]
  let sharedCount: Int
  let runs: [RunFacts]

  init(_ recordedRuns: [RecordedRun], baseline: Int) {
    labels = recordedRuns.map(\.label)
    let tables = recordedRuns.map { recordedRun in
      recordedRun.manifest.map { FlatIngredients($0.ingredients).values }
    }
    let paths = tables.reduce(into: OrderedSet<String>()) { $0.formUnion($1?.keys ?? []) }
    var differing: [Row] = []
    var shared: [Shared] = []
    for path in paths {
      let values = tables.map { $0.map { $0[path] ?? "—" } ?? "unknown" }
      // A file that only one run has is told by its recipe, which is shown whole.
      let isLone = path.hasPrefix("recipe.files.") && tables.count { $0?[path] != nil } == 1
      if isLone && recordedRuns.count > 1 { continue }
      if Set(values).count == 1 {
        shared.append(Shared(path: path, text: Self.short(values[0])))
      } else {
        let cells = values.map {
          Cell(text: Self.short($0), isDifferent: $0 != values[baseline])
        }
        differing.append(Row(path: path, cells: cells))
      }
    }
    self.differing = differing
    self.shared = shared
    sharedCount = shared.count
    runs = recordedRuns.map(Self.facts)
  }

  private static func facts(_ recordedRun: RecordedRun) -> RunFacts {
    let files = recordedRun.manifest?.ingredients["recipe"]?["files"]?.array ?? []
    let environment = recordedRun.manifest?.environment.object ?? [:]
    return RunFacts(
      label: recordedRun.label, path: recordedRun.path, hash: recordedRun.manifest?.hash ?? "—",
      environment: FlatIngredients(.object(environment)).values.map {
        Shared(path: $0.key, text: excerpt(of: $0.value, limit: 400))
      },
      files: files.map {
        RecipeFile(name: $0["path"]?.string ?? "", content: $0["text"]?.string ?? "")
      })
  }

  /// Digests to eight digits, anything else to 120 characters.
  private static func short(_ value: String) -> String {
    let isDigest = value.utf8.count == 64 && value.allSatisfy(\.isHexDigit)
    return isDigest ? value.prefix(8) + "…" : excerpt(of: value, limit: 120)
  }
}
