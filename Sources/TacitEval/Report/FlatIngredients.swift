import OrderedCollections
import TacitJSON

/// A manifest's ingredients as one level of dotted paths: "recipe.parameters.alpha".
///
/// Elements of an array go by their `name` or `path` where all have one, by number elsewhere.
/// The texts of recipes are left out: they are shown as such.
struct FlatIngredients {
  /// Values as JSON text, by path.
  private(set) var values: OrderedDictionary<String, String> = [:]

  init(_ ingredients: JSON) { add(ingredients, at: "") }

  private mutating func add(_ json: JSON, at path: String) {
    func inner(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    switch json {
    case .object(let members) where !members.isEmpty:
      for (key, value) in members { add(value, at: inner(key)) }
    case .array(let elements) where elements.contains { $0.object != nil }:
      addNamed(elements, at: inner)
    case .string(let text): values[path] = text
    default: values[path] = json.expressibleText()
    }
  }

  private mutating func addNamed(_ elements: [JSON], at inner: (String) -> String) {
    let names = elements.map { ($0["name"] ?? $0["path"])?.string }
    var counts: [String: Int] = [:]
    for (index, element) in elements.enumerated() {
      guard let name = names[index], var members = element.object else {
        add(element, at: inner("\(index)"))
        continue
      }
      counts[name, default: 0] += 1
      let count = counts[name] ?? 1
      members["name"] = nil
      members["path"] = nil
      members["text"] = nil
      let path = inner(count > 1 ? "\(name)#\(count)" : name)
      if members.isEmpty { values[path] = "present" } else { add(.object(members), at: path) }
    }
  }
}
