import TacitFault

/// Splits a template into tokens as Jinja does with `trim_blocks` and `lstrip_blocks` on.
struct Lexer {
  private let source: [Unicode.Scalar]
  private var index = 0
  private var tokens: [TemplateToken] = []
  /// Whether the last tag took the line break behind it along, so that the next text starts a line.
  private var isLineStart = true
  /// The place last asked for: places are asked for in rising order.
  private var place = (index: 0, position: TemplatePosition(line: 1, column: 1))

  /// - Throws: ``Fault`` for tags, comments and strings without an end, unbalanced
  ///   brackets and characters that no expression has.
  static func tokens(of source: String) throws(Fault) -> [TemplateToken] {
    var lexer = Lexer(source)
    try lexer.scan()
    return lexer.tokens
  }

  /// Line breaks become "\n", and one at the very end is dropped, as in Jinja.
  private init(_ text: String) {
    var scalars: [Unicode.Scalar] = []
    var isAfterReturn = false
    for scalar in text.unicodeScalars {
      if !(scalar == "\n" && isAfterReturn) { scalars.append(scalar == "\r" ? "\n" : scalar) }
      isAfterReturn = scalar == "\r"
    }
    if scalars.last == "\n" { scalars.removeLast() }
    source = scalars
  }

  // MARK: Text and tags

  private mutating func scan() throws(Fault) {
    while index < source.count {
      let start = index
      guard let tag = nextTag(from: index) else {
        appendText(source[start...], at: start)
        break
      }
      let sign = sign(at: tag + 2)
      let opener = source[tag + 1]
      let text = trimmed(start..<tag, before: sign, keepsIndentation: opener == "{")
      appendText(source[text], at: start)
      index = tag + (sign == nil ? 2 : 3)
      switch opener {
      case "#": try skipComment(from: tag)
      case "{": try scanTag(from: tag, begin: .variableBegin, end: .variableEnd, closer: "}")
      default:
        if let body = rawBody() {
          try scanRaw(from: tag, body: body)
        } else {
          try scanTag(from: tag, begin: .blockBegin, end: .blockEnd, closer: "%")
        }
      }
    }
    append(.end, at: source.count)
  }

  private func nextTag(from start: Int) -> Int? {
    guard start + 1 < source.count else { return nil }
    return (start..<source.count - 1).first {
      source[$0] == "{"
        && (source[$0 + 1] == "{" || source[$0 + 1] == "%" || source[$0 + 1] == "#")
    }
  }

  private func sign(at index: Int) -> Unicode.Scalar? {
    guard index < source.count, source[index] == "-" || source[index] == "+" else { return nil }
    return source[index]
  }

  /// The text before a tag without what `-` or `lstrip_blocks` remove from its end.
  private func trimmed(_ text: Range<Int>, before sign: Unicode.Scalar?, keepsIndentation: Bool)
    -> Range<Int>
  {
    let lastInk = text.last { !source[$0].isPythonSpace }
    if sign == "-" { return text.lowerBound..<(lastInk.map { $0 + 1 } ?? text.lowerBound) }
    guard sign != "+", !keepsIndentation else { return text }
    let lineBreak = text.last { source[$0] == "\n" }
    let lineStart = lineBreak.map { $0 + 1 } ?? text.lowerBound
    guard lineBreak != nil || isLineStart, lastInk.map({ $0 < lineStart }) ?? true else {
      return text
    }
    return text.lowerBound..<lineStart
  }

  private mutating func skipComment(from tag: Int) throws(Fault) {
    while index < source.count {
      if closeTag("#", trimsLineBreak: true) { return }
      index += 1
    }
    throw error("comment without '#}'", at: tag)
  }

  /// Consumes `-%}` with the space behind it, `+%}`, or `%}` with a line break behind it.
  private mutating func closeTag(_ closer: Unicode.Scalar, trimsLineBreak: Bool) -> Bool {
    let sign = sign(at: index)
    if sign == "+" && !trimsLineBreak { return false }
    let start = index + (sign == nil ? 0 : 1)
    guard start + 1 < source.count, source[start] == closer, source[start + 1] == "}" else {
      return false
    }
    index = start + 2
    if sign == "-" {
      skipSpace()
    } else if sign == nil, trimsLineBreak, index < source.count, source[index] == "\n" {
      index += 1
    }
    isLineStart = source[index - 1] == "\n"
    return true
  }

  // MARK: Raw blocks

  /// The index behind `raw %}` when the block that was just opened is one.
  private func rawBody() -> Int? {
    var ahead = self
    guard ahead.skipWord("raw") else { return nil }
    let isTrimmed = ahead.sign(at: ahead.index) == "-"
    if isTrimmed { ahead.index += 1 }
    guard ahead.skip("%}") else { return nil }
    if isTrimmed { ahead.skipSpace() }
    return ahead.index
  }

  private mutating func scanRaw(from tag: Int, body: Int) throws(Fault) {
    isLineStart = source[body - 1] == "\n"
    index = body
    while let open = (index..<max(index, source.count - 1)).first(where: {
      source[$0] == "{" && source[$0 + 1] == "%"
    }) {
      let sign = sign(at: open + 2)
      index = open + (sign == nil ? 2 : 3)
      guard skipWord("endraw"), closeTag("%", trimsLineBreak: true) else { continue }
      let end = (index, isLineStart)
      isLineStart = source[body - 1] == "\n"
      appendText(
        source[trimmed(body..<open, before: sign, keepsIndentation: false)], at: body)
      (index, isLineStart) = end
      return
    }
    throw error("'raw' without 'endraw'", at: tag)
  }

  /// Skips a word and the space around it.
  private mutating func skipWord(_ word: String) -> Bool {
    skipSpace()
    guard skip(word) else { return false }
    skipSpace()
    return true
  }

  private mutating func skip(_ text: String) -> Bool {
    guard source[index...].starts(with: text.unicodeScalars) else { return false }
    index += text.unicodeScalars.count
    return true
  }

  private mutating func skipSpace() {
    while index < source.count, source[index].isPythonSpace { index += 1 }
  }

  // MARK: Inside a tag

  private mutating func scanTag(
    from tag: Int, begin: TemplateToken.Kind, end: TemplateToken.Kind, closer: Unicode.Scalar
  ) throws(Fault) {
    append(begin, at: tag)
    var brackets: [Unicode.Scalar] = []
    while true {
      skipSpace()
      guard index < source.count else {
        throw error("tag without '\(closer)}'", at: tag)
      }
      let start = index
      if brackets.isEmpty, closeTag(closer, trimsLineBreak: closer == "%") {
        append(end, at: start)
        return
      }
      append(try scanToken(&brackets), at: start)
    }
  }

  private mutating func scanToken(_ brackets: inout [Unicode.Scalar]) throws(Fault)
    -> TemplateToken.Kind
  {
    let start = index
    let first = source[index]
    if first.isDigit { return try scanNumber() }
    if first.isNameStart {
      while index < source.count, source[index].isNamePart { index += 1 }
      return .name(String(scalars: source[start..<index]))
    }
    if first == "'" || first == "\"" { return .string(try scanString(quote: first)) }
    let symbols = ["//", "**", "==", "!=", ">=", "<="]
    if let symbol = symbols.first(where: { skip($0) }) { return .symbol(symbol) }
    guard "+-*/%~[](){}<>=.:|,".unicodeScalars.contains(first) else {
      throw error("unexpected character '\(first)'", at: start)
    }
    index += 1
    switch first {
    case "(": brackets.append(")")
    case "[": brackets.append("]")
    case "{": brackets.append("}")
    case ")", "]", "}":
      guard brackets.popLast() == first else { throw error("unexpected '\(first)'", at: start) }
    default: break
    }
    return .symbol(String(first))
  }

  // MARK: Places

  private mutating func append(_ kind: TemplateToken.Kind, at index: Int) {
    tokens.append(TemplateToken(kind: kind, position: position(at: index)))
  }

  private mutating func appendText(_ text: ArraySlice<Unicode.Scalar>, at index: Int) {
    if !text.isEmpty { append(.text(String(scalars: text)), at: index) }
  }

  private mutating func position(at index: Int) -> TemplatePosition {
    if index < place.index { place = (0, TemplatePosition(line: 1, column: 1)) }
    for scalar in source[place.index..<index] {
      if scalar == "\n" {
        place.position = TemplatePosition(line: place.position.line + 1, column: 1)
      } else {
        place.position.column += 1
      }
    }
    place.index = index
    return place.position
  }

  private mutating func error(_ message: String, at index: Int) -> Fault {
    Fault(message: message, at: position(at: index))
  }

  // MARK: Literals

  private mutating func digits() -> String {
    var text = ""
    while index < source.count {
      let isSeparator =
        source[index] == "_" && index + 1 < source.count && source[index + 1].isDigit
      guard source[index].isDigit || isSeparator else { break }
      if !isSeparator { text.unicodeScalars.append(source[index]) }
      index += 1
    }
    return text
  }

  private mutating func scanNumber() throws(Fault) -> TemplateToken.Kind {
    let start = index
    let isAfterDot = start > 0 && source[start - 1] == "."
    let whole = digits()
    var text = whole
    if !isAfterDot {
      if index + 1 < source.count, source[index] == ".", source[index + 1].isDigit {
        index += 1
        text += "." + digits()
      }
      text += exponent()
    }
    if text != whole {
      guard let value = Double(text) else { throw error("malformed number", at: start) }
      return .float(value)
    }
    let isPlain = whole.first != "0" || whole.allSatisfy { $0 == "0" }
    guard isPlain, index >= source.count || !source[index].isNamePart else {
      throw error("malformed number", at: start)
    }
    guard let value = Int(whole) else { throw error("integer beyond 64 bits", at: start) }
    return .integer(value)
  }

  private mutating func exponent() -> String {
    guard index < source.count, source[index] == "e" || source[index] == "E" else { return "" }
    let start = index
    index += 1
    var text = "e"
    if let sign = sign(at: index) {
      text.unicodeScalars.append(sign)
      index += 1
    }
    let digits = digits()
    if digits.isEmpty {
      index = start
      return ""
    }
    return text + digits
  }

  private mutating func scanString(quote: Unicode.Scalar) throws(Fault) -> String {
    let start = index
    var text = String.UnicodeScalarView()
    index += 1
    while index < source.count, source[index] != quote {
      if source[index] == "\\" {
        try scanEscape(into: &text)
      } else {
        text.append(source[index])
        index += 1
      }
    }
    guard index < source.count else { throw error("string without an end", at: start) }
    index += 1
    return String(text)
  }

  /// Python's escapes; an unknown one stands for itself, backslash included.
  private mutating func scanEscape(into text: inout String.UnicodeScalarView)
    throws(Fault)
  {
    let start = index
    guard index + 1 < source.count else { throw error("string without an end", at: start) }
    let kind = source[index + 1]
    index += 2
    switch kind {
    case "\n": break
    case "\\", "'", "\"": text.append(kind)
    case "a": text.append("\u{7}")
    case "b": text.append("\u{8}")
    case "f": text.append("\u{C}")
    case "n": text.append("\n")
    case "r": text.append("\r")
    case "t": text.append("\t")
    case "v": text.append("\u{B}")
    case "0"..."7":
      index -= 1
      text.append(try number(digits: 1...3, radix: 8, from: start))
    case "x": text.append(try number(digits: 2...2, radix: 16, from: start))
    case "u": text.append(try number(digits: 4...4, radix: 16, from: start))
    case "U": text.append(try number(digits: 8...8, radix: 16, from: start))
    case "N":
      throw Fault.unsupported("the escape '\\N'", at: position(at: start))
    case _ where kind.isASCII: text.append(contentsOf: ["\\", kind])
    // Jinja escapes what is not ASCII before Python reads the escapes.
    default: text.append(contentsOf: kind.pythonEscape.unicodeScalars)
    }
  }

  private mutating func number(digits: ClosedRange<Int>, radix: Int, from start: Int)
    throws(Fault) -> Unicode.Scalar
  {
    let candidates = source[index..<min(index + digits.upperBound, source.count)]
    let valid = candidates.prefix {
      $0.isASCII && Character($0).hexDigitValue.map { $0 < radix } ?? false
    }
    guard digits.contains(valid.count), let value = UInt32(String(scalars: valid), radix: radix),
      let scalar = Unicode.Scalar(value)
    else { throw error("malformed escape", at: start) }
    index += valid.count
    return scalar
  }
}
