import PackagePlugin

/// Writes the list of all plugin types from the names of the files in a target.
///
/// A file `CoconutStage.swift` holds the type `CoconutStage`; the endings Stage, Feedback and
/// Refiner say that it is one.
@main
struct StageIndex: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let module = target as? SourceModuleTarget else { return [] }
    let files = module.sourceFiles(withSuffix: "swift").map(\.url)
    let output = context.pluginWorkDirectoryURL.appending(path: "StageIndex+Generated.swift")
    return [
      .buildCommand(
        displayName: "Listing the stages of \(target.name)",
        executable: try context.tool(named: "StageIndexTool").url,
        arguments: [output.path()] + files.map { $0.lastPathComponent },
        inputFiles: files, outputFiles: [output])
    ]
  }
}
