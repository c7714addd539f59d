import TacitFault
import TacitJSON

/// A Lua file that says what a completion answers and whether that is right.
///
/// It returns `function(completion, sample) return answer, is_correct end`, where `answer` is a
/// text, or nil when none was found. It runs in the sandbox of recipes, in a fresh state for every
/// completion: no variable outlives a call, so that a verdict depends on nothing but the files,
/// the completion and the sample.
public struct ScorerScript: Sendable {
  /// What the function sees of a sample, as members of its second argument.
  public struct Sample: Sendable {
    /// `id`: its name within all datasets.
    public var id: String
    /// `question`: the text put to the model.
    public var question: String
    /// `target`: the right answer.
    public var target: String
    /// `hops`: number of reasoning steps, where the dataset knows it.
    public var hops: Int?
    /// `extra`: whatever else the dataset says, by name; nil where the dataset is not at hand,
    /// which makes it an error to ask for it.
    public var extra: [String: JSON]?

    /// Describes a sample.
    public init(
      id: String, question: String, target: String, hops: Int?, extra: [String: JSON]?
    ) {
      self.id = id
      self.question = question
      self.target = target
      self.hops = hops
      self.extra = extra
    }
  }

  /// Every file that was read; the script itself is the first.
  public let files: [RecipeFile]

  private let source: LuaSource
  private let modules: RecipeFiles
  private let limits: LuaLimits
  private let log: @Sendable (String) -> Void

  /// Loads a script; it may require modules of its own folder.
  /// - Parameters:
  ///   - path: The file.
  ///   - limits: Bounds of one call.
  ///   - log: Receives what the script prints, each line with its place.
  /// - Throws: `Fault` for what cannot be read, fails while loading or returns no function.
  public init(
    path: String, limits: LuaLimits = .standard,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    modules = RecipeFiles(folders: [RecipeFiles.folder(of: path)])
    source = try modules.read(path)
    self.limits = limits
    self.log = log
    let state = try LuaState(limits: limits, resolve: { [modules] in try modules.module($0) })
    _ = try Self.function(of: source, in: state)
    modules.close()
    files = modules.files
  }

  /// Calls the script's function.
  /// - Returns: The answer, nil when the completion gives none; right only if there is one.
  /// - Throws: `Fault` with file and line when the function fails, does not end, or returns
  ///   something else.
  public func verdict(
    on completion: String, for sample: Sample
  ) throws -> (answer: String?, isCorrect: Bool) {
    let state = try LuaState(
      limits: limits, classes: [SampleHandle.definition],
      resolve: { [modules] in try modules.module($0) }, print: log)
    let function = try Self.function(of: source, in: state)
    let values = try state.call(function, [.string(completion), .object(SampleHandle(sample))])
    let (answer, isCorrect) = (values.first ?? .none, values.dropFirst().first ?? .none)
    switch (answer, isCorrect, values.count) {
    case (.string(let text), .boolean(let isCorrect), 2): return (text, isCorrect)
    case (.none, .none, 1...2), (.none, .boolean(false), 2): return (nil, false)
    default:
      throw Fault(
        function.location.file, line: function.location.line,
        message: "a scorer returns an answer (a text) and whether it is right (a boolean), got "
          + (values.isEmpty ? "nothing" : values.map(\.described).joined(separator: ", ")),
        hint: "return nil where the completion gives no answer")
    }
  }

  private static func function(of source: LuaSource, in state: LuaState) throws -> LuaFunction {
    let values = try state.load(source)
    guard case .function(let function)? = values.first, values.count == 1 else {
      throw Fault(
        source.path,
        message:
          "a scorer returns one function, this one returns \((values.first ?? .none).described)",
        hint: "end with: return function(completion, sample) … end")
    }
    return function
  }
}

/// What a scorer sees as `sample`.
private final class SampleHandle: LuaObject, @unchecked Sendable {
  private let sample: ScorerScript.Sample

  init(_ sample: ScorerScript.Sample) {
    self.sample = sample
    super.init(className: Self.definition.name)
  }

  static let definition = LuaClass(
    name: "tacit.Sample",
    getters: [
      "id": reading { .string($0.id) },
      "question": reading { .string($0.question) },
      "target": reading { .string($0.target) },
      "hops": reading { $0.hops.map(LuaValue.integer) ?? .none },
      "extra": reading { sample in
        guard let extra = sample.extra else {
          throw Fault(
            message: "sample.extra is in the dataset, which is not at hand",
            hint: "name the dataset of the run")
        }
        return .table(LuaTable(named: extra.mapValues { LuaValue($0) }))
      },
    ])

  private static func reading(
    _ read: @escaping @Sendable (ScorerScript.Sample) throws -> LuaValue
  ) -> HostFunction {
    { call in
      guard case .object(let object) = call[0], let handle = object as? SampleHandle else {
        throw Fault(message: "a sample was expected, got \(call[0].described)")
      }
      return .values([try read(handle.sample)])
    }
  }
}

extension LuaValue {
  /// Data of a dataset; null is nil.
  fileprivate init(_ json: JSON) {
    switch json {
    case .null: self = .none
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .table(LuaTable(positional: values.map { LuaValue($0) }))
    case .object(let members):
      let named = Dictionary(uniqueKeysWithValues: members.map { ($0.key, LuaValue($0.value)) })
      self = .table(LuaTable(named: named))
    }
  }
}
