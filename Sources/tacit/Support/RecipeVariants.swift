import ArgumentParser
import TacitReasoning
import TacitRecipe
import TacitStrategies

/// Recipes with every combination of the parameter values that the command line lists.
struct RecipeVariants {
  /// One recipe with one value for each parameter.
  struct Variant: Sendable {
    let recipe: Recipe
    /// Parameters that are scanned, with this variant's values.
    let scanned: [(name: String, value: String)]
    /// "coconut", "coconut-latent_steps=2", or "coconut.2" for the second of that name.
    let label: String
  }

  let variants: [Variant]

  /// Loads recipes.
  ///
  /// A value with commas is a list, unless the parameter is a text. A parameter that only some
  /// of the recipes declare is set in those.
  /// - Throws: `RecipeError`, or `ValidationError` for a parameter that no recipe declares.
  init(paths: [String], values: [String: String]) throws {
    var variants: [Variant] = []
    var unknown = Set(values.keys)
    for path in paths {
      let plain = try Self.load(path, [:])
      let declared = plain.parameters.filter { values[$0.name] != nil }
      unknown.subtract(declared.map(\.name))
      var combinations: [[(name: String, value: String)]] = [[]]
      var scanned: Set<String> = []
      for parameter in declared {
        let text = values[parameter.name] ?? ""
        let choices = Self.choices(text, parameter)
        if choices.count > 1 { scanned.insert(parameter.name) }
        combinations = combinations.flatMap { combination in
          choices.map { combination + [(parameter.name, $0)] }
        }
      }
      for combination in combinations {
        let recipe = try Self.load(
          path, Dictionary(uniqueKeysWithValues: combination.map { ($0.name, $0.value) }))
        let shown = combination.filter { scanned.contains($0.name) }
        let name = ([recipe.name] + shown.map { "\($0.name)=\($0.value)" }).joined(separator: "-")
        variants.append(
          Variant(
            recipe: recipe, scanned: shown,
            label: Self.unused(name, among: variants.map(\.label))))
      }
    }
    if let name = unknown.min() {
      throw ValidationError("-P \(name): no recipe declares this parameter")
    }
    self.variants = variants
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
      path: path, parameters: values, registry: .builtIn, log: StandardStreams.writeError)
  }
}
