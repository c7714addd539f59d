import OrderedCollections
import TacitFault
import TacitJSON

/// The chat template of a model, which turns messages into the text that the model reads.
///
/// Templates are Jinja as `apply_chat_template` of transformers runs it: `trim_blocks` and
/// `lstrip_blocks` on, sandboxed, with `raise_exception`, `strftime_now`, `break`, `continue` and
/// `{% generation %}`. What is outside of the supported part is an error, never missing text. A
/// template is compiled once; each rendering is bounded in steps, depth and bytes.
public struct ChatTemplate: Sendable {
  /// The template's name in errors.
  public let name: String
  private let statements: [Statement]

  /// Compiles a template.
  /// - Throws: ``Fault`` with line and column for malformed and unsupported constructs.
  public init(source: String, name: String) throws(Fault) {
    do {
      statements = try Parser.statements(of: source)
    } catch {
      throw error.named(name)
    }
    self.name = name
  }

  /// The text that `apply_chat_template(messages, tokenize=False, …)` gives.
  ///
  /// - Parameters:
  ///   - messages: objects with `role`, `content` and what else the template reads.
  ///   - addGenerationPrompt: whether the text ends with the opening of an answer.
  ///   - bosToken: nil for a tokenizer that has none: the variable is then undefined.
  ///   - eosToken: as `bosToken`.
  ///   - tools: function schemas; the variable is none when nil.
  ///   - variables: further variables of the template, such as `enable_thinking`, `date_string` or
  ///     `pad_token`; they come before the others.
  ///   - nowSeconds: seconds since 1970 that `strftime_now` shows in the local time zone; nil for
  ///     the time of the call.
  /// - Returns: the prompt.
  /// - Throws: ``Fault`` where the template fails or raises an exception of its own.
  public func render(
    messages: [JSON], addGenerationPrompt: Bool, bosToken: String?, eosToken: String?,
    tools: JSON? = nil, variables: OrderedDictionary<String, JSON> = [:], nowSeconds: Int? = nil
  ) throws(Fault) -> String {
    var all: OrderedDictionary<String, JSON> = [
      "messages": .array(messages), "add_generation_prompt": .boolean(addGenerationPrompt),
      "tools": tools ?? .null, "documents": .null,
    ]
    if let bosToken { all["bos_token"] = .string(bosToken) }
    if let eosToken { all["eos_token"] = .string(eosToken) }
    all.merge(variables) { _, own in own }
    return try render(variables: all, nowSeconds: nowSeconds)
  }

  /// Renders with exactly these variables.
  func render(
    variables: OrderedDictionary<String, JSON>, limits: Limits = Limits(), nowSeconds: Int? = nil
  ) throws(Fault) -> String {
    do {
      var values: [String: Value] = [:]
      for (name, value) in variables { values[name] = try Value(value) }
      let interpreter = Interpreter(limits: limits, nowSeconds: nowSeconds)
      return try interpreter.render(statements, variables: values)
    } catch {
      throw error.named(name)
    }
  }
}
