import ArgumentParser
import Foundation
import TacitCheckpoint
import TacitEval
import TacitFault
import TacitJSON
import TacitModel
import TacitReasoning
import TacitStrategies

/// Lists what recipes and commands can name.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List stages, models, datasets or scorers, or describe one of them.",
    discussion: """
      EXAMPLES
        tacit list stages
        tacit list stages coconut
        tacit list datasets prosqa --sample 3
      """,
    subcommands: [ListStages.self, ListModels.self, ListDatasets.self, ListScorers.self])
}

/// Lists stages, feedbacks and refiners.
struct ListStages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages", abstract: "Stages, feedbacks and refiners that recipes can use.")

  @Argument(help: "One of them, to see its options.")
  var name: String?

  func run() throws {
    let registry = try PluginRegistry.builtIn()
    if let name {
      guard let manifest = registry.manifest(named: name) else {
        let known = registry.manifests.map(\.name).joined(separator: ", ")
        throw Fault(message: "no stage '\(name)'; there are: \(known)")
      }
      try StandardStreams.writeOutput(Self.describe(manifest))
      return
    }
    var table = Table("name", "kind", "fidelity", "summary")
    for manifest in registry.manifests {
      table.append(
        [manifest.name, manifest.kind.rawValue, manifest.fidelity.rawValue, manifest.summary])
    }
    try StandardStreams.writeOutput(table.rendered(as: .text))
  }

  private static func describe(_ manifest: PluginManifest) -> String {
    func names(_ capabilities: Set<Capability>) -> String {
      capabilities.isEmpty
        ? "nothing" : capabilities.sorted().map(\.rawValue).joined(separator: ", ")
    }
    var text = """
      \(manifest.name): \(manifest.summary)

        source    \(manifest.source)
        fidelity  \(manifest.fidelity.rawValue)
        requires  \(names(manifest.requires))
        provides  \(names(manifest.provides))

      """
    guard !manifest.options.isEmpty else { return text }
    var table = Table(
      columns: ["option", "value", "default", "meaning"].map { .init($0, isRightAligned: false) })
    for option in manifest.options {
      table.append(
        [option.name, option.kind.expectation, option.defaultText, option.summary])
    }
    text += "\n" + table.rendered(as: .text)
    return text
  }
}

/// Lists models on this machine.
struct ListModels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Embedded models and models in the Hugging Face cache.")

  @Argument(help: "A model, to see its configuration.")
  var name: String?

  func run() throws {
    let locator = ModelLocator(environment: ProcessInfo.processInfo.environment)
    if let name {
      let located = try locator.locate(name)
      let checkpoint = try Checkpoint(located)
      let facts: JSON = [
        "name": .string(name), "path": .string(located.path),
        "commit": located.commit.map { .string($0) } ?? .null,
        "bytes": .integer(checkpoint.byteCount), "config": checkpoint.configuration,
      ]
      try StandardStreams.writeOutput(facts.text(.indented) + "\n")
      return
    }
    var table = Table("name", "where", "folder")
    for (name, folder) in locator.embedded.sorted(by: { $0.key < $1.key }) {
      table.append([name, "embedded", folder])
    }
    for model in locator.cachedModels() { table.append([model.name, "cache", model.folder]) }
    try StandardStreams.writeOutput(table.rendered(as: .text))
  }
}
