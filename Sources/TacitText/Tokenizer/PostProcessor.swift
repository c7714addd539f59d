import TacitFault

/// Puts special tokens around the ids of a text: the `post_processor` of a tokenizer file.
struct PostProcessor: Sendable {
  private var prefix: [Int] = []
  private var suffix: [Int] = []
  /// Whether this came from a template, of which a sequence may have one.
  private var isTemplate = false

  private static let known =
    "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing or Sequence"

  init() {}

  init(_ node: TokenizerNode) throws(Fault) {
    switch try node.type(Self.known) {
    case "ByteLevel":
      // Concerns offsets only, which this tokenizer does not report.
      try node.allow("type", "add_prefix_space", "trim_offsets", "use_regex")
    case "TemplateProcessing": self = try Self.template(node)
    case "BertProcessing", "RobertaProcessing":
      try node.allow("type", "sep", "cls", "trim_offsets", "add_prefix_space")
      prefix = [try Self.id(of: node.required("cls", "a token and its id"))]
      suffix = [try Self.id(of: node.required("sep", "a token and its id"))]
      isTemplate = true
    case "Sequence":
      try node.allow("type", "processors")
      for part in try node.required("processors", "an array").elements() {
        let processor = try PostProcessor(part)
        guard processor.isTemplate else { continue }
        guard !isTemplate else { throw part.error(expected: "one template", found: "another") }
        self = processor
      }
    default: throw try node.required("type", Self.known).error(expected: Self.known)
    }
  }

  /// The id of a pair of token and id.
  private static func id(of pair: TokenizerNode) throws(Fault) -> Int {
    let parts = try pair.elements()
    guard parts.count == 2 else { throw pair.error(expected: "a token and its id") }
    return try parts[1].integer(in: 0..<Vocabulary.idBound)
  }

  private static func template(_ node: TokenizerNode) throws(Fault) -> PostProcessor {
    try node.allow("type", "single", "pair", "special_tokens")
    var result = PostProcessor()
    for item in try node.required("single", "an array").elements() {
      if let special = item["SpecialToken"] {
        let ids = try ids(of: special.required("id", "a special token"), in: node)
        if result.isTemplate { result.suffix += ids } else { result.prefix += ids }
      } else {
        let sequence = try item.required("Sequence", "SpecialToken or Sequence").required(
          "id", "\"A\"")
        guard sequence.value == "A", !result.isTemplate else {
          throw sequence.error(expected: "the sequence \"A\" once")
        }
        result.isTemplate = true
      }
    }
    guard result.isTemplate else {
      throw try node.required("single", "an array").error(expected: "the sequence \"A\" once")
    }
    return result
  }

  private static func ids(
    of name: TokenizerNode, in node: TokenizerNode
  ) throws(Fault) -> [Int] {
    let table = try node.required("special_tokens", "an object")
    guard let entry = try table[name.string()] else {
      throw name.error(expected: "a member of special_tokens")
    }
    var ids: [Int] = []
    for id in try entry.required("ids", "an array of ids").elements() {
      ids.append(try id.integer(in: 0..<Vocabulary.idBound))
    }
    return ids
  }

  func apply(to ids: [Int]) -> [Int] {
    prefix.isEmpty && suffix.isEmpty ? ids : prefix + ids + suffix
  }
}
