import Foundation
import Mustache
import TacitCheckpoint
import TacitFault

/// The parts of a report that are the same for all: markup, style and script.
struct ReportTemplates: Sendable {
  private static let names = [
    "page", "results", "front", "differences", "outcomes", "samples", "settings",
  ]
  private static let contentType = "VISIBLE_HTML"

  /// The style sheet.
  let style: String
  /// The script.
  let script: String
  private let library: MustacheLibrary

  /// Reads a folder.
  /// - Throws: ``Fault`` when a file is absent or no template.
  init(folder: String) throws(Fault) {
    MustacheContentTypes.register(VisibleHTML(), named: Self.contentType)
    style = try Self.text(folder, "report.css")
    script = try ["report.js", "sample.js", "trace.js"].map { name throws(Fault) in
      try Self.text(folder, name)
    }.joined(separator: "\n")
    var library = MustacheLibrary()
    for name in Self.names {
      // Each template says how it escapes: a partial does not inherit it.
      let text =
        "{{% CONTENT_TYPE:\(Self.contentType)}}" + (try Self.text(folder, name + ".mustache"))
      do {
        try library.register(text, named: name)
      } catch {
        throw Fault(
          "\(folder)/\(name).mustache", expected: "a template", found: "\(error)", kind: .system)
      }
    }
    self.library = library
  }

  /// The templates that are part of the package.
  /// - Throws: ``Fault`` when the package's resources are missing.
  static func builtIn() throws(Fault) -> ReportTemplates {
    try ReportTemplates(folder: Bundle.main.bundlePath + "/tacit_TacitEval.resources/report")
  }

  /// The only script that the page may run, as a content security policy names it.
  var scriptHash: String {
    let digits = Array(SHA256.hexadecimal(of: script.utf8))
    let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(String(digits[index...index + 1]), radix: 16) ?? 0
    }
    return Data(bytes).base64EncodedString()
  }

  /// Fills a template in.
  func render(_ name: String, with object: some Sendable) -> String {
    guard let text = library.render(object, withTemplate: name) else {
      preconditionFailure("no template '\(name)'")
    }
    return text
  }

  private static func text(_ folder: String, _ name: String) throws(Fault) -> String {
    String(decoding: try File.contents("\(folder)/\(name)"), as: UTF8.self)
  }
}
