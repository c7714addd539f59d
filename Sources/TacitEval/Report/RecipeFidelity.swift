import TacitJSON
import TacitReasoning

/// How close the parts of a run's recipe are to what was published: the least close, with its names.
///
/// - Parameters:
///   - manifest: What the run was made with.
///   - plugins: Declarations of the parts that recipes can name.
/// - Returns: "faithful", "reconstruction: residual_refinement"; empty when nothing is known.
func fidelity(of manifest: RunManifest?, plugins: [PluginManifest]) -> String {
  let names = pluginNames(in: manifest?.ingredients["recipe"]?["stages"])
  let known = plugins.filter { names.contains($0.name) }
  // From the closest to the least close.
  guard
    let least = Fidelity.allCases.last(where: { level in known.contains { $0.fidelity == level } })
  else { return "" }
  if least == .faithful { return least.rawValue }
  let parts = known.filter { $0.fidelity == least }.map(\.name)
  return "\(least.rawValue): \(parts.joined(separator: ", "))"
}

/// Names of the configured plugins anywhere in a value.
private func pluginNames(in json: JSON?) -> Set<String> {
  switch json {
  case .array(let elements): elements.reduce(into: []) { $0.formUnion(pluginNames(in: $1)) }
  case .object(let members):
    members.values.reduce(into: Set([members["name"]?.string].compactMap(\.self))) {
      $0.formUnion(pluginNames(in: $1))
    }
  default: []
  }
}
