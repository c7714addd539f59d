import ArgumentParser
import Foundation
import TacitFault
import TacitReasoning
import TacitRecipe
import TacitStrategies

/// Recipes with every combination of the parameter values that the command line lists.
struct RecipeVariants {
  /// One recipe with one value for each parameter.
  struct Variant: Sendable {
    let recipe: Recipe
    /// The main model, if the command line names one for this recipe.
    let model: String?
    /// Parameters that are scanned, with this variant's values.
    let scanned: [(name: String, value: String)]
    /// "coconut", "coconut-latent_steps=2", "coconut@model", or "coconut.2" for the second of
    /// that name.
    let label: String
  }

  let variants: [Variant]

  /// Loads recipes, each given as RECIPE.lua or RECIPE.lua@MODEL.
  ///
  /// A value with commas is a list, unless the parameter is a text. A parameter that only some
  /// of the recipes declare is set in those.
  /// - Throws: `Fault`, or `ValidationError` for a parameter that no recipe declares.
  init(paths: [String], values: [String: String]) throws {
    var variants: [Variant] = []
    var unknown = Set(values.keys)
    for argument in paths {
      let (path, model) = Self.split(argument)
      let plain = try Self.load(path, [:])
      let declared = plain.parameters.filter { values[$0.name] != nil }
      unknown.subtract(declared.map(\.name))
      let (combinations, scanned) = Self.combinations(of: declared, values)
      for combination in combinations {
        let recipe = try Self.load(
          path, Dictionary(uniqueKeysWithValues: combination.map { ($0.name, $0.value) }))
        let shown = combination.filter { scanned.contains($0.name) }
        let parts = [recipe.name] + shown.map { "\($0.name)=\($0.value)" }
        let suffix = model.map { "@" + URL(filePath: $0).lastPathComponent } ?? ""
        let name = parts.joined(separator: "-") + suffix
        variants.append(
          Variant(
            recipe: recipe, model: model, scanned: shown,
            label: Self.unused(name, among: variants.map(\.label))))
      }
    }
    if let name = unknown.min() {
      throw ValidationError("-P \(name): no recipe declares this parameter")
    }
    self.variants = variants
  }

  /// Every choice of values, and the parameters that have several.
  private static func combinations(
    of parameters: [RecipeParameter], _ values: [String: String]
  ) -> (combinations: [[(name: String, value: String)]], scanned: Set<String>) {
    var combinations: [[(name: String, value: String)]] = [[]]
    var scanned: Set<String> = []
    for parameter in parameters {
      let choices = choices(values[parameter.name] ?? "", parameter)
      if choices.count > 1 { scanned.insert(parameter.name) }
      combinations = combinations.flatMap { combination in
        choices.map { combination + [(parameter.name, $0)] }
      }
    }
    return (combinations, scanned)
  }

  /// "a.lua@org/name@main" is the recipe "a.lua" on the model "org/name@main".
  private static func split(_ argument: String) -> (path: String, model: String?) {
    guard let mark = argument.range(of: ".lua@") else { return (argument, nil) }
    let model = String(argument[mark.upperBound...])
    return (String(argument[..<mark.lowerBound]) + ".lua", model)
  }

  private static func unused(_ name: String, among labels: [String]) -> String {
    var label = name
    var number = 1
    while labels.contains(label) {
      number += 1
      label = "\(name).\(number)"
    }
    return label
  }

  private static func choices(_ text: String, _ parameter: RecipeParameter) -> [String] {
    if case .string = parameter.defaultValue { return [text] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private static func load(_ path: String, _ values: [String: String]) throws -> Recipe {
    try RecipeLoader.load(
      path: path, parameters: values, registry: .builtIn(), log: StandardStreams.writeError)
  }
}
