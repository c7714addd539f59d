import TacitReasoning
import TacitTrain

/// The stub file that teaches the Lua language server the recipe language.
public enum RecipeStubs {
  /// Text of `types/tacit.lua`; the same registry always gives the same bytes.
  public static func render(_ registry: PluginRegistry) -> String {
    var sections = [opening]
    sections += registry.manifests.map(section)
    sections += [language, training, state(registry), scorer, "return tacit\n"]
    return sections.joined(separator: "\n")
  }

  // MARK: Plugins

  private static func section(_ manifest: PluginManifest) -> String {
    let options = "tacit.\(camelCase(manifest.name))Options"
    let result = "tacit.\(camelCase(manifest.kind.rawValue))"
    let isOptional = !manifest.options.contains(where: \.isRequired)
    let lines = [
      classes(options, manifest.options),
      "---\(oneLine(manifest.summary))",
      "---",
      "---\(origin(manifest))",
      "---@param options\(isOptional ? "?" : "") \(options)",
      "---@return \(result)",
      "function tacit.\(manifest.name)(options) end",
      "",
    ]
    return lines.joined(separator: "\n")
  }

  private static func origin(_ manifest: PluginManifest) -> String {
    func list(_ title: String, _ capabilities: Set<Capability>) -> String? {
      guard !capabilities.isEmpty else { return nil }
      return "\(title): \(capabilities.sorted().map(\.rawValue).joined(separator: ", "))."
    }
    return [
      list("Requires", manifest.requires), list("Provides", manifest.provides),
      "Source: \(oneLine(manifest.source)) (\(manifest.fidelity.rawValue)).",
    ].compactMap { $0 }.joined(separator: " ")
  }

  /// The class of a table of options, after those of the tables in it.
  private static func classes(_ name: String, _ options: [OptionSpecification]) -> String {
    var inner = ""
    var lines = ["---@class (exact) \(name)"]
    for option in options {
      let below = name.replacing("Options", with: "") + camelCase(option.name)
      switch option.kind {
      case .table(let options), .tables(let options): inner += classes(below, options) + "\n"
      default: break
      }
      lines.append(field(option, below))
    }
    return inner + lines.joined(separator: "\n") + "\n"
  }

  private static func field(_ option: OptionSpecification, _ below: String) -> String {
    let name = option.isRequired ? option.name : option.name + "?"
    let facts = [
      option.defaultValue.flatMap(literal).map { "Default \($0)" }, range(option.kind),
    ]
    .compactMap { $0 }.joined(separator: ", ")
    let sentence = facts.isEmpty ? "" : " \(facts.prefix(1).uppercased())\(facts.dropFirst())."
    return "---@field \(name) \(type(option.kind, below)) \(oneLine(option.summary))\(sentence)"
  }

  private static func type(_ kind: OptionKind, _ below: String) -> String {
    switch kind {
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .string: "string"
    case .choice(let names): names.map(quoted).joined(separator: "|")
    case .choices(let names): "(" + names.map(quoted).joined(separator: "|") + ")[]"
    case .integers: "integer[]"
    case .strings: "string[]"
    case .feedback: "tacit.Feedback"
    case .refiners: "tacit.Refiner[]"
    case .stages: "tacit.Stage[]"
    case .function: "fun(...): any"
    case .module: "string"
    case .schedule: "tacit.Schedule"
    case .table: below
    case .tables: below + "[]"
    }
  }

  private static func range(_ kind: OptionKind) -> String? {
    func words(_ minimum: String?, _ maximum: String?) -> String? {
      switch (minimum, maximum) {
      case (nil, nil): nil
      case (let minimum?, nil): "\(minimum) or more"
      case (nil, let maximum?): "\(maximum) or less"
      case (let minimum?, let maximum?): "\(minimum) to \(maximum)"
      }
    }
    switch kind {
    case .integer(let minimum, let maximum), .integers(let minimum, let maximum):
      return words(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    case .number(let minimum, let maximum), .schedule(let minimum, let maximum):
      return words(minimum.map { "\($0)" }, maximum.map { "\($0)" })
    default: return nil
    }
  }

  /// A default in Lua; nil for tables, whose fields have defaults of their own.
  private static func literal(_ value: OptionValue) -> String? {
    switch value {
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): quoted(value)
    case .list(let values):
      values.isEmpty ? "{}" : "{ \(values.compactMap(literal).joined(separator: ", ")) }"
    case .table: nil
    case .plugin(let plugin): "tacit.\(plugin.manifest.name) {}"
    case .plugins(let plugins):
      plugins.isEmpty
        ? "{}" : "{ \(plugins.map { "tacit.\($0.manifest.name) {}" }.joined(separator: ", ")) }"
    case .function: "a function"
    case .module(let module): quoted(module.path)
    }
  }

  static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }

  static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  static func camelCase(_ name: String) -> String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  // MARK: The language itself

  private static let opening = """
    ---@meta tacit

    ---@class tacit
    ---@field version tacit.Version
    local tacit = {}

    ---@class tacit.Stage
    ---@class tacit.Pipeline: tacit.Stage
    ---@class tacit.Feedback
    ---@class tacit.Refiner
    ---@class tacit.Checkpoint
    ---@class tacit.Training

    ---@class tacit.Version
    ---@field text string The version of this host.
    local Version = {}

    ---Refuses to load on an older host: `tacit.version:require "0.1"`.
    ---@param version string
    function Version:require(version) end

    """

  private static let capabilities =
    Capability.allCases.map { quoted($0.rawValue) }.joined(separator: "|")

  private static let language = """
    ---Declares a parameter of the recipe, set by `-P name=value`; its type is that of the default.
    ---
    ---Only while the recipe loads.
    ---@generic T: boolean|integer|number|string
    ---@param name string
    ---@param default T
    ---@param doc string What it does.
    ---@return T
    function tacit.param(name, default, doc) end

    ---@alias tacit.Capability \(capabilities)

    ---@class (exact) tacit.ScriptOptions
    ---@field name string Name in messages and traces.
    ---@field requires? tacit.Capability[] What earlier stages must have provided.
    ---@field provides? tacit.Capability[] What later stages may rely on.
    ---@field run fun(state: tacit.State) What the stage does.

    ---A stage written in the recipe.
    ---@param options tacit.ScriptOptions
    ---@return tacit.Stage
    function tacit.stage(options) end

    ---Stages in order, as one stage.
    ---@param stages tacit.Stage[]
    ---@return tacit.Stage
    function tacit.sequence(stages) end

    ---@class (exact) tacit.PipelineOptions
    ---@field name string Unique within a comparison.
    ---@field model? string Default model; `--model` overrides it.
    ---@field models? table<string, string> Models by role; `main` is the one that reasons.
    ---@field budget? tacit.Budget What one sample may cost.
    ---@field [integer] tacit.Stage Stages, in order.

    ---What a recipe returns.
    ---@param options tacit.PipelineOptions
    ---@return tacit.Pipeline
    function tacit.pipeline(options) end

    """

  private static let training =
    classes("tacit.TrainingOptions", TrainingSettings.declaredOptions) + """

      ---A number, or one that changes over the share of the run that is done.
      ---@alias tacit.Schedule number|number[][]|{ knots: number[][], curve?: "linear"|"cosine"|"step" }

      ---How a model is trained; run it with `tacit train`.
      ---@param options tacit.TrainingOptions
      ---@return tacit.Training
      function tacit.training(options) end

      """

  private static let scorer = """
    ---What a scorer sees of a question.
    ---@class (exact) tacit.Sample
    ---@field id string Its name within all datasets.
    ---@field question string The text put to the model.
    ---@field target string The right answer.
    ---@field hops? integer Number of reasoning steps, where the dataset knows it.
    ---@field extra table<string, any> Whatever else the dataset says.

    ---What the file of a scorer returns: the answer, nil where there is none, and whether it is right.
    ---@alias tacit.Scorer fun(completion: string, sample: tacit.Sample): string?, boolean?

    """

  private static func state(_ registry: PluginRegistry) -> String {
    var text = """
      ---The state of one sample, inside `run` only.
      ---@class tacit.State
      ---@field question string The question as the user put it.
      ---@field sample_id string Name of the sample.
      ---@field text string Everything emitted so far.
      ---@field rng tacit.Rng Random numbers of this sample.
      ---@field budget tacit.Budget What the budget leaves.
      ---@field candidates string[] Texts of the candidates, after `state:sample`.
      local State = {}

      ---@class tacit.Budget
      ---@field positions? integer Nil is unlimited.
      ---@field tokens? integer Nil is unlimited.

      ---@class tacit.Rng
      local Rng = {}

      ---A number drawn evenly from 0 (included) to 1 (excluded).
      ---@return number
      function Rng:uniform() end

      ---An integer drawn evenly from 1 to count.
      ---@param count integer
      ---@return integer
      function Rng:integer(count) end

      ---Reads text, or token ids, as part of the prompt.
      ---@param text string|integer[]
      function State:read(text) end

      ---Runs one stage of the registry; returns the text that it emitted.
      ---@param stage tacit.Stage
      ---@return string
      function State:run(stage) end

      ---A copy with memory of its own.
      ---@return tacit.State
      function State:fork() end

      ---@return tacit.Checkpoint
      function State:checkpoint() end

      ---Goes back to a checkpoint, or takes over a fork.
      ---@param checkpoint tacit.Checkpoint|tacit.State
      function State:restore(checkpoint) end

      ---The answer within a text; nil if there is none.
      ---@param text string
      ---@return string?
      function State:answer(text) end

      ---Writes a text into the trace.
      ---@param text string
      function State:note(text) end

      ---Makes a text the completion and ends the pipeline.
      ---@param text string
      function State:finish(text) end

      """
    for (name, stage) in StateHandle.stageMethods(registry) {
      text += """

        ---Runs `tacit.\(stage.name)` here and now; returns the text that it emitted.
        ---@param options? tacit.\(camelCase(stage.name))Options
        ---@return string
        function State:\(name)(options) end

        """
    }
    return text
  }
}
