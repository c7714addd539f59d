import FoundationEssentials
import TacitFault
import TacitJSON

extension ChatTemplate {
  /// The template of a checkpoint folder, or nil when it has none.
  ///
  /// Looked for in `chat_template.jinja`, in `additional_chat_templates/<name>.jinja` and under
  /// `chat_template` of `tokenizer_config.json`: one text, or a list of `name` and `template`.
  ///
  /// - Parameters:
  ///   - folder: path of the checkpoint.
  ///   - name: which of several templates; nil for the default one.
  /// - Returns: the compiled template.
  /// - Throws: ``Fault`` for a template that cannot be read or compiled, and when the
  ///   checkpoint has templates but none of that name; `Fault` for a malformed
  ///   `tokenizer_config.json`.
  public static func load(folder: String, name: String? = nil) throws -> ChatTemplate? {
    let name = name ?? "default"
    if let template = try named(name, in: folder) { return template }
    let configured = try configuredTemplates(in: folder)
    let hasDefault = try text(of: "\(folder)/chat_template.jinja") != nil
    guard !configured.isEmpty || hasDefault else { return nil }
    let names = Set(configured.keys).union(hasDefault ? ["default"] : []).sorted()
    throw Fault(
      folder, message: "no chat template is named '\(name)'",
      hint: "there is " + names.map { "'\($0)'" }.joined(separator: ", "))
  }

  /// The template of a name; nil where the folder has none of that name.
  public static func named(_ name: String, in folder: String) throws -> ChatTemplate? {
    let file =
      name == "default" ? "chat_template.jinja" : "additional_chat_templates/\(name).jinja"
    let isPlain = !name.contains("/") && !name.hasPrefix(".")
    if isPlain, let source = try text(of: "\(folder)/\(file)") {
      return try ChatTemplate(source: source, name: "\(folder)/\(file)")
    }
    return try configuredTemplates(in: folder)[name].map {
      try ChatTemplate(source: $0, name: "\(folder)/tokenizer_config.json:\(name)")
    }
  }

  private static func configuredTemplates(in folder: String) throws -> [String: String] {
    let path = "\(folder)/tokenizer_config.json"
    return try text(of: path).map { try configuredTemplates(in: $0, path: path) } ?? [:]
  }

  private static func text(of path: String) throws(Fault) -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Fault(path, message: "the file cannot be read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(path, message: "the file is not UTF-8")
    }
    return text
  }

  private static func configuredTemplates(in text: String, path: String) throws
    -> [String: String]
  {
    switch try JSON(parsing: text)["chat_template"] {
    case nil, .null: return [:]
    case .string(let source): return ["default": source]
    case .array(let entries):
      var templates: [String: String] = [:]
      for (index, entry) in entries.enumerated() {
        guard let name = entry["name"]?.string, let source = entry["template"]?.string else {
          throw Fault(
            path, "chat_template[\(index)]", expected: "an object with 'name' and 'template'",
            found: entry.kind)
        }
        templates[name] = source
      }
      return templates
    case .some(let other):
      throw Fault(path, "chat_template", expected: "a string or an array", found: other.kind)
    }
  }
}
