import Foundation

/// A package that is this one but for a file that it adds, and the command built of it.
///
/// The package consists of links to this one. It lies beside the products of the build that runs
/// the tests and keeps its own there, so that another run builds what has changed and no more.
struct AddedPackage {
  /// The built command.
  let binary: String

  /// Builds the command of the package with a file more.
  /// - Parameters:
  ///   - path: Where the file is to be, below Plugins.
  ///   - text: What is in it.
  /// - Throws: ``Fault`` when it cannot be built.
  init(adding path: String, text: String) throws {
    let place = URL(fileURLWithPath: Command.binary).resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "added-plugin")
    let (package, products) = (place.appending(path: "package"), place.appending(path: "build"))
    try Self.link(to: package)
    let file = package.appending(path: "Plugins/" + path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    try Self.copyDependencies(to: products)
    let build = try Command(
      [
        "swift", "build", "--package-path", package.path, "--scratch-path", products.path,
        "--product", "tacit", "--disable-index-store",
      ], executable: "/usr/bin/env")
    guard build.status == 0 else { throw Fault(output: build.output + build.errors) }
    binary = products.appending(path: "debug/tacit").path
  }

  /// Runs the built command.
  func run(_ arguments: String..., input: String = "") throws -> Command {
    try Command(arguments, input: input, executable: binary)
  }

  /// The build failed.
  struct Fault: Error, CustomStringConvertible {
    let output: String
    var description: String { String(output.suffix(4000)) }
  }

  /// Makes the package anew: whatever a build needs, each strategy's folder by itself.
  private static func link(to package: URL) throws {
    let files = FileManager.default
    try? files.removeItem(at: package)
    let plugins = package.appending(path: "Plugins")
    try files.createDirectory(at: plugins, withIntermediateDirectories: true)
    let root = URL(fileURLWithPath: Command.root)
    let strategies = try files.contentsOfDirectory(atPath: root.appending(path: "Plugins").path)
    for name in ["Package.swift", "Sources", "Tests"] + strategies.map({ "Plugins/" + $0 }) {
      try files.createSymbolicLink(
        at: package.appending(path: name), withDestinationURL: root.appending(path: name))
    }
    let versions = root.appending(path: "Package.resolved")
    if files.fileExists(atPath: versions.path) {
      try files.copyItem(at: versions, to: package.appending(path: "Package.resolved"))
    }
  }

  /// Copies the packages that this one depends on, so that none is fetched a second time.
  private static func copyDependencies(to products: URL) throws {
    let files = FileManager.default
    let state = "workspace-state.json"
    guard !files.fileExists(atPath: products.appending(path: state).path) else { return }
    var scratch = products
    while !files.fileExists(atPath: scratch.appending(path: state).path) {
      scratch.deleteLastPathComponent()
      guard scratch.path != "/" else { return }
    }
    try files.createDirectory(at: products, withIntermediateDirectories: true)
    for name in ["checkouts", "repositories", state] {
      let copy = products.appending(path: name)
      try? files.removeItem(at: copy)
      try files.copyItem(at: scratch.appending(path: name), to: copy)
    }
  }
}
