import Foundation
import TacitCheckpoint
import TacitFault
import TacitReasoning

/// Checks the table that a recipe passes to a constructor against the plugin's declaration.
struct OptionBinding {
  let manifest: PluginManifest

  private var subject: String { manifest.subject }

  /// The plugin with its checked options.
  /// - Throws: `Fault` for unknown and missing options and for values of another kind.
  func bind(_ argument: LuaValue, at location: SourceLocation) throws -> DraftPlugin {
    let table: LuaTable
    switch argument {
    case .none: table = LuaTable()
    case .table(let given): table = given
    default:
      throw Fault(message: "\(subject) takes a table of options, got \(argument.described)")
    }
    if let first = table.positional.first {
      throw Fault(
        message: "\(subject) takes options by name only, got \(first.described) at position 1")
    }
    let names = manifest.options.map(\.name)
    if let unknown = table.named.keys.filter({ !names.contains($0) }).min() {
      throw Fault(
        message: "unknown option '\(unknown)' for \(subject)",
        hint: Suggestion(names: names, noun: "options").hint(for: unknown))
    }
    var options: [String: DraftPlugin.Value] = [:]
    for option in manifest.options {
      if let value = table.named[option.name] {
        options[option.name] =
          option.kind == .module
          ? .plain(.module(try module(value, option, from: location.file)))
          : try bind(value, to: option)
      } else if option.isRequired {
        throw Fault(
          message: "\(subject) needs option '\(option.name)': expected \(option.kind.expectation)",
          hint: option.summary)
      }
    }
    return DraftPlugin(manifest: manifest, options: options, location: location)
  }

  /// Opens the file of a trained part: a path from the recipe's folder, where recipes name files, or
  /// from the current one, where the command line does.
  private func module(
    _ value: LuaValue, _ option: OptionSpecification, from recipe: String
  ) throws -> ModuleFile {
    let subject = "option '\(option.name)' of \(subject)"
    guard let path = value.string, !path.isEmpty else {
      throw Fault(subject, expected: option.kind.expectation, got: value.described)
    }
    let folder = RecipeFiles.folder(of: recipe)
    var places = [path]
    if !path.hasPrefix("/"), !folder.isEmpty { places.insert(folder + "/" + path, at: 0) }
    let found = places.filter { FileManager.default.fileExists(atPath: $0) }
    do throws(Fault) {
      let modules = try found.map { (place) throws(Fault) in try ModuleFile(path: place) }
      guard let module = modules.first else {
        throw Fault(
          places.joined(separator: " or "), expected: option.kind.expectation, found: "no such file"
        )
      }
      if let other = modules.first(where: { $0 != module }) {
        throw Fault(
          path, expected: "one file of the name",
          found: "two that differ, \(module.path) and \(other.path)", hint: "give the whole path")
      }
      return module
    } catch {
      throw Fault(message: "\(subject): \(error)")
    }
  }

  private func bind(
    _ value: LuaValue, to option: OptionSpecification
  ) throws -> DraftPlugin.Value {
    guard let bound = accept(value, as: option.kind) else {
      var hint: String?
      if let (text, names) = misspelt(value, as: option.kind) {
        hint = Suggestion(names: names, noun: "values").nearest(to: text).map {
          "did you mean \"\($0)\"?"
        }
      }
      if case .refiners = option.kind, case .refiner? = value.part?.content {
        hint = "write \(option.name) = { tacit.… {…} }, also for a single refiner"
      }
      if case .stages = option.kind, value.part?.stages != nil {
        hint = "write \(option.name) = { tacit.… {…} }, also for a single stage"
      }
      throw Fault(
        "option '\(option.name)' of \(subject)", expected: option.kind.expectation,
        got: found(value, as: option.kind), hint: hint)
    }
    return bound
  }

  /// The first text that is none of the names that the kind allows.
  private func misspelt(
    _ value: LuaValue, as kind: OptionKind
  ) -> (text: String, names: [String])? {
    switch (kind, value) {
    case (.choice(let names), .string(let text)): return (text, names)
    case (.choices(let names), .table(let table)):
      return table.positional.compactMap(\.string).first { !names.contains($0) }.map { ($0, names) }
    default: return nil
    }
  }

  /// A list is described by its first element that does not fit.
  private func found(_ value: LuaValue, as kind: OptionKind) -> String {
    guard case .table(let table) = value else { return value.described }
    let element: OptionKind
    switch kind {
    case .integers(let minimum, let maximum):
      element = .integer(minimum: minimum, maximum: maximum)
    case .strings: element = .string
    case .choices(let names): element = .choice(names)
    case .refiners:
      for (index, value) in table.positional.enumerated() {
        if case .refiner? = value.part?.content { continue }
        return "\(value.described) at position \(index + 1)"
      }
      return "a table with names"
    case .stages:
      for (index, value) in table.positional.enumerated() where plugins(value) == nil {
        let found = value.part?.stages == nil ? value.described : "a stage written in the recipe"
        return "\(found) at position \(index + 1)"
      }
      return "a table with names"
    default: return value.described
    }
    for (index, value) in table.positional.enumerated() where accept(value, as: element) == nil {
      return "\(value.described) at position \(index + 1)"
    }
    return "a table with names"
  }

  private func accept(_ value: LuaValue, as kind: OptionKind) -> DraftPlugin.Value? {
    switch kind {
    case .feedback:
      if case .feedback(let plugin)? = value.part?.content { return .plugin(plugin) }
      return nil
    case .refiners:
      return list(value) { element in
        if case .refiner(let plugin)? = element.part?.content { plugin } else { nil }
      }.map { .plugins($0) }
    case .stages: return list(value, plugins).map { .plugins($0.flatMap { $0 }) }
    case .function:
      if case .function(let function) = value { return .function(function) }
      return nil
    case .module: return nil  // opened where its place is known
    default: return (try? value.plain()).flatMap(kind.normalized).map { .plain($0) }
    }
  }

  /// The stages of the registry that a value stands for; nil if there are others among them.
  private func plugins(_ value: LuaValue) -> [DraftPlugin]? {
    guard let stages = value.part?.stages else { return nil }
    let plugins = stages.compactMap { if case .plugin(let plugin) = $0 { plugin } else { nil } }
    return plugins.count == stages.count ? plugins : nil
  }

  private func list<Element>(
    _ value: LuaValue, _ element: (LuaValue) -> Element?
  ) -> [Element]? {
    guard case .table(let table) = value, table.named.isEmpty else { return nil }
    let elements = table.positional.compactMap(element)
    return elements.count == table.positional.count ? elements : nil
  }
}
