import ArgumentParser
import TacitEval

/// Lists datasets and shows their questions.
struct ListDatasets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datasets", abstract: "Embedded datasets, or what a dataset holds.")

  @Argument(help: "An embedded dataset or a file.")
  var name: String?

  @Option(help: "Print the question of this sample, counted from 0.")
  var sample: Int?

  func run() throws {
    guard let name else {
      let embedded = try EmbeddedDatasets.builtIn()
      var table = Table("name", "samples", "format", "scorer")
      for name in embedded.names {
        let dataset = try embedded.dataset(named: name)
        table.append(Self.facts(dataset))
      }
      try StandardStreams.writeOutput(table.rendered(as: .text))
      return
    }
    let dataset = try Dataset.named(name)
    if let sample {
      guard dataset.samples.indices.contains(sample) else {
        throw ValidationError(
          "--sample: expected 0 to \(dataset.samples.count - 1), found \(sample)")
      }
      try StandardStreams.writeOutput(dataset.samples[sample].question + "\n")
      return
    }
    var table = Table("name", "samples", "format", "scorer")
    table.append(Self.facts(dataset))
    try StandardStreams.writeOutput(table.rendered(as: .text))
  }

  private static func facts(_ dataset: Dataset) -> [String] {
    [dataset.name, "\(dataset.samples.count)", dataset.format.rawValue, dataset.scoring.name]
  }
}
