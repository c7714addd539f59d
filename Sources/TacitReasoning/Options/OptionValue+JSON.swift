import OrderedCollections
import TacitJSON

extension OptionValue {
  /// The value as manifests and run folders record it.
  public var json: JSON {
    switch self {
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): JSON(measured: value)
    case .string(let value): .string(value)
    case .list(let values): .array(values.map(\.json))
    case .table(let members): .object(members.mapValues(\.json))
    case .plugin(let plugin): plugin.json
    case .plugins(let plugins): .array(plugins.map(\.json))
    case .function(let function): .string("function at " + function.identity)
    // Not the path: the same weights elsewhere are the same run.
    case .module(let module): ["sha256": .string(module.sha256)]
    }
  }
}

extension ConfiguredPlugin {
  /// The plugin as a manifest records it: name and all options.
  public var json: JSON {
    var options: OrderedDictionary<String, JSON> = [:]
    for (name, value) in self.options.sorted(by: { $0.key < $1.key }) {
      options[name] = value.json
    }
    return ["name": .string(manifest.name), "options": .object(options)]
  }
}
