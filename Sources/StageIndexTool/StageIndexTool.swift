#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `StageIndexTool OUTPUT FILE…`: writes the registry of the types that the files are named after.
@main
struct StageIndexTool {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard let output = arguments.first else { fail("usage: StageIndexTool OUTPUT FILE…") }
    let types = arguments.dropFirst()
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(".swift".count)) }.sorted()
    let endings = ["Stage", "Feedback", "Refiner"]
    let plugins = types.filter { type in
      endings.contains { type.hasSuffix($0) && type != $0 }
    }
    let text = """
      // Generated from the files below Plugins/.
      import TacitFault
      import TacitReasoning

      extension PluginRegistry {
        /// Every plugin that is part of this package.
        /// - Throws: `Fault` for a faulty declaration among them.
        public static func builtIn() throws(Fault) -> PluginRegistry { try plugins.get() }

        private static let plugins = Result { () throws(Fault) in
          try PluginRegistry([
            \(plugins.map { "\($0).self" }.joined(separator: ", "))
          ])
        }
      }

      """
    guard let file = fopen(output, "w") else { fail("cannot write \(output)") }
    guard fputs(text, file) >= 0, fclose(file) == 0 else { fail("cannot write \(output)") }
  }

  private static func fail(_ message: String) -> Never {
    let line = "error: \(message)\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
  }
}
