import Foundation
import TacitJSON

@testable import TacitEval

/// Chromium without a window, driven by the DevTools protocol over a pair of pipes.
final class Browser {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Errors of the page: exceptions and what the console was told.
  private(set) var complaints: [String] = []
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let folder: String
  private var buffer: [UInt8] = []
  private var lastID = 0
  private var session: String?

  /// Starts a browser whose profile lies in a folder.
  init(folder: String) throws {
    self.folder = folder
    let names = ["chromium", "chromium-browser", "google-chrome"]
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = names.flatMap { name in paths.map { "\($0)/\(name)" } }
    guard let program = candidates.first(where: FileManager.default.isExecutableFile) else {
      throw Failure(
        description: "no Chromium in PATH; install it with: apt-get install chromium")
    }
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", program, "--headless=new",
      "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
      "--remote-debugging-pipe", "--user-data-dir=\(folder)/profile", "about:blank",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])
    let attached = try call(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": true])
    session = attached["sessionId"]?.string
    for domain in ["Page", "Runtime", "Log"] { try call("\(domain).enable") }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// Opens a page and waits until it is loaded.
  func open(_ page: String) throws {
    let path = "\(folder)/page.html"
    try put(page.utf8, at: path)
    try call("Page.navigate", ["url": .string("file://" + path)])
    while try next()["method"] != "Page.loadEventFired" {}
  }

  /// Lays the page out for a screen.
  func setWidth(_ width: Int) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": .integer(width), "height": 800, "deviceScaleFactor": 1, "mobile": false])
  }

  /// Sets the colour scheme that the system asks for.
  func setColorScheme(_ scheme: String) throws {
    try call(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": .string(scheme)]]])
  }

  /// The value of an expression in the page.
  @discardableResult
  func evaluate(_ expression: String) throws -> JSON {
    let answer = try call(
      "Runtime.evaluate", ["expression": .string(expression), "returnByValue": true])
    if let problem = answer["exceptionDetails"] {
      throw Failure(description: "\(expression): \(try problem.text())")
    }
    return answer["result"]?["value"] ?? .null
  }

  /// Presses and releases a key, as the DOM names it.
  func press(_ key: String) throws {
    let codes = ["Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, "Tab": 9]
    for type in ["keyDown", "keyUp"] {
      var event: JSON = [
        "type": .string(type), "key": .string(key), "code": .string(key),
        "windowsVirtualKeyCode": .integer(codes[key] ?? 0),
      ]
      if key == "Enter", type == "keyDown", var members = event.object {
        members["text"] = "\r"
        event = .object(members)
      }
      try call("Input.dispatchKeyEvent", event)
    }
  }

  @discardableResult
  private func call(_ method: String, _ parameters: JSON = [:]) throws -> JSON {
    lastID += 1
    let id = lastID
    var message: JSON = [
      "id": .integer(id), "method": .string(method), "params": parameters,
    ]
    if let session, var members = message.object {
      members["sessionId"] = .string(session)
      message = .object(members)
    }
    try input.fileHandleForWriting.write(contentsOf: Data((try message.text() + "\0").utf8))
    while true {
      let answer = try next()
      guard answer["id"]?.integer == id else { continue }
      if let problem = answer["error"] {
        throw Failure(description: "\(method): \(try problem.text())")
      }
      return answer["result"] ?? [:]
    }
  }

  /// The next message, answers and events alike.
  private func next() throws -> JSON {
    while true {
      if let end = buffer.firstIndex(of: 0) {
        let message = try JSON(parsing: buffer[..<end])
        buffer.removeSubrange(...end)
        note(message)
        return message
      }
      let handle = output.fileHandleForReading
      var waiting = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 60_000) > 0 else {
        throw Failure(description: "the browser does not answer")
      }
      let data = handle.availableData
      guard !data.isEmpty else { throw Failure(description: "the browser ended") }
      buffer += data
    }
  }

  private func note(_ message: JSON) {
    let parameters = message["params"]
    switch message["method"]?.string {
    case "Runtime.exceptionThrown":
      complaints.append(
        parameters?["exceptionDetails"]?["exception"]?["description"]?.string ?? "an exception")
    case "Runtime.consoleAPICalled":
      complaints.append("console.\(parameters?["type"]?.string ?? "")")
    case "Log.entryAdded":
      complaints.append(parameters?["entry"]?["text"]?.string ?? "a message")
    default: break
    }
  }
}
