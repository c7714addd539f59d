import ArgumentParser
import Foundation

/// The command: one file per verb.
@main
struct Tacit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tacit",
    abstract: "A workbench for reasoning that happens inside language models.",
    discussion: """
      Recipes compose reasoning strategies into pipelines; one runtime runs them on real \
      checkpoints. Standard output is the result and nothing else.

      EXAMPLES
        tacit run pipelines/coconut.lua --question "$(tacit list datasets prosqa --sample 0)"
        tacit eval pipelines/coconut.lua --dataset prosqa -P latent_steps=0,2,4,6
        tacit list stages coconut
        tacit check pipelines/*.lua
      """,
    version: TacitVersion.text,
    subcommands: [
      RunCommand.self, EvalCommand.self, CompareCommand.self, ReportCommand.self, ShowCommand.self,
      ScoreCommand.self, ExportCommand.self, CheckCommand.self, ListCommand.self, DataCommand.self,
      TokenizeCommand.self, VectorsCommand.self, StubsCommand.self, TrainCommand.self,
      BenchCommand.self,
    ])

  /// Runs the command; an error is printed as any message is, and its exit code ends the process.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      // Help and the version are no failures and go to standard output.
      if code == .success { exit(withError: error) }
      let message = fullMessage(for: error)
      if !message.isEmpty { StandardStreams.writeError(message) }
      Foundation.exit(code.rawValue)
    }
  }
}

/// The version that manifests of runs record.
enum TacitVersion {
  static let text = "0.1.0"
}
