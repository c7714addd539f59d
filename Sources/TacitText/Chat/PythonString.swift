import TacitFault

/// The methods of Python's `str`; text is compared and cut by Unicode scalars.
struct PythonString {
  let text: String

  init(_ text: String) { self.text = text }

  private var scalars: String.UnicodeScalarView { text.unicodeScalars }

  // MARK: Search

  /// Byte ranges of a part, from the left, without overlaps; in time linear in the text.
  ///
  /// An empty part is found before each scalar and at the end.
  func ranges(of part: [UInt8], limit: Int = .max) -> [Range<Int>] {
    let bytes = Array(text.utf8)
    guard !part.isEmpty else {
      let starts = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
      return starts.prefix(limit).map { $0..<$0 }
    }
    return Self.ranges(of: part, in: bytes, limit: limit)
  }

  /// Knuth, Morris and Pratt: `borders[i]` is how much of the part's start ends the part's first
  /// `i + 1` bytes without being all of them.
  private static func ranges(of part: [UInt8], in bytes: [UInt8], limit: Int) -> [Range<Int>] {
    var borders = [Int](repeating: 0, count: part.count)
    var matched = 0
    for index in part.indices.dropFirst() {
      while matched > 0, part[index] != part[matched] { matched = borders[matched - 1] }
      if part[index] == part[matched] { matched += 1 }
      borders[index] = matched
    }
    var found: [Range<Int>] = []
    matched = 0
    for (index, byte) in bytes.enumerated() {
      if found.count >= limit { break }
      while matched > 0, byte != part[matched] { matched = borders[matched - 1] }
      if byte == part[matched] { matched += 1 }
      if matched == part.count {
        found.append(index + 1 - part.count..<index + 1)
        matched = 0
      }
    }
    return found
  }

  /// Ranges from the right, without overlaps, in rising order.
  private func rangesFromRight(of part: [UInt8], limit: Int) -> [Range<Int>] {
    let count = text.utf8.count
    let reversed = Self.ranges(of: part.reversed(), in: text.utf8.reversed(), limit: limit)
    return reversed.reversed().map { (count - $0.upperBound)..<(count - $0.lowerBound) }
  }

  /// Index in scalars of the first or last occurrence, or -1.
  func find(_ part: String, fromRight: Bool = false) -> Int {
    let part = Array(part.utf8)
    guard !part.isEmpty || !fromRight else { return scalars.count }
    let ranges = fromRight ? rangesFromRight(of: part, limit: 1) : ranges(of: part, limit: 1)
    guard let range = ranges.first else { return -1 }
    return text.utf8.prefix(range.lowerBound).count { $0 & 0xC0 != 0x80 }
  }

  func hasPrefix(_ part: String) -> Bool { text.utf8.starts(with: part.utf8) }

  func hasSuffix(_ part: String) -> Bool {
    text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
  }

  // MARK: Cutting

  /// Without spaces, or without any of the given scalars, at the chosen ends.
  func stripped(of set: String?, left: Bool, right: Bool) -> String {
    let set = set.map { Set($0.unicodeScalars) }
    func isStripped(_ scalar: Unicode.Scalar) -> Bool {
      set.map { $0.contains(scalar) } ?? scalar.isPythonSpace
    }
    var rest = scalars[...]
    if left { rest = rest.drop(while: isStripped) }
    if right { while let last = rest.last, isStripped(last) { rest.removeLast() } }
    return String(rest)
  }

  func split(by separator: String, limit: Int, fromRight: Bool) -> [String] {
    let part = Array(separator.utf8)
    let ranges =
      fromRight ? rangesFromRight(of: part, limit: limit) : ranges(of: part, limit: limit)
    return pieces(between: ranges)
  }

  private func pieces(between ranges: [Range<Int>]) -> [String] {
    let bytes = Array(text.utf8)
    let starts = [0] + ranges.map(\.upperBound)
    let ends = ranges.map(\.lowerBound) + [bytes.count]
    return zip(starts, ends).map { String(decoding: bytes[$0..<$1], as: UTF8.self) }
  }

  /// Splits at runs of space; the piece behind the last split keeps the space inside of it.
  func splitAtSpace(limit: Int, fromRight: Bool) -> [String] {
    var words: [String] = []
    var rest = Array(scalars)[...]
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonSpace }
    while true {
      rest = fromRight ? rest.droppingLast(while: isSpace) : rest.drop(while: isSpace)
      guard !rest.isEmpty else { break }
      guard words.count < limit else {
        words.append(String(scalars: rest))
        break
      }
      if fromRight {
        let shorter = rest.droppingLast { !$0.isPythonSpace }
        words.append(String(scalars: rest[shorter.endIndex...]))
        rest = shorter
      } else {
        let word = rest.prefix { !$0.isPythonSpace }
        words.append(String(scalars: word))
        rest = rest[word.endIndex...]
      }
    }
    return fromRight ? words.reversed() : words
  }

  func lines(keepingEnds: Bool = false) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var isAfterReturn = false
    for scalar in scalars {
      if isAfterReturn, scalar == "\n" {
        if keepingEnds { lines[lines.count - 1].unicodeScalars.append(scalar) }
        isAfterReturn = false
        continue
      }
      isAfterReturn = scalar == "\r"
      guard scalar.isLineBreak else {
        line.append(scalar)
        continue
      }
      if keepingEnds { line.append(scalar) }
      lines.append(String(line))
      line = String.UnicodeScalarView()
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  func replacing(_ part: String, with replacement: String, limit: Int) -> String {
    pieces(between: ranges(of: Array(part.utf8), limit: limit)).joined(separator: replacement)
  }

  // MARK: Case

  var uppercased: String { scalars.reduce(into: "") { $0 += $1.properties.uppercaseMapping } }

  /// A capital sigma at the end of a word becomes the final form, as in Python.
  var lowercased: String {
    let scalars = Array(scalars)
    return scalars.indices.reduce(into: "") { $0 += Self.lowercase(scalars, at: $1) }
  }

  private static func lowercase(_ scalars: [Unicode.Scalar], at index: Int) -> String {
    let scalar = scalars[index]
    guard scalar == "\u{3A3}" else { return scalar.properties.lowercaseMapping }
    let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
    return isFinal ? "\u{3C2}" : "\u{3C3}"
  }

  var capitalized: String {
    let scalars = Array(scalars)
    return scalars.indices.reduce(into: "") {
      $0 += $1 == 0 ? scalars[0].properties.titlecaseMapping : Self.lowercase(scalars, at: $1)
    }
  }

  /// `str.title`: capitals behind whatever has no case.
  var titlecased: String {
    let scalars = Array(scalars)
    var isInWord = false
    return scalars.indices.reduce(into: "") {
      $0 +=
        isInWord ? Self.lowercase(scalars, at: $1) : scalars[$1].properties.titlecaseMapping
      isInWord = scalars[$1].properties.isCased
    }
  }

  /// The filter `title`: capitals behind spaces, hyphens and opening brackets only.
  var titlecasedByFilter: String {
    var result = ""
    var word = String.UnicodeScalarView()
    func finishWord() {
      guard let first = word.first else { return }
      result += first.properties.uppercaseMapping
      result += PythonString(String(word.dropFirst())).lowercased
      word = String.UnicodeScalarView()
    }
    for scalar in scalars {
      if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
        finishWord()
        result.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    finishWord()
    return result
  }

  // MARK: Numbers

  /// Python's `int(text)`: nil when it is malformed.
  /// - Throws: ``Fault`` beyond 64 bits.
  func integer(base: Int) throws(Fault) -> Int? {
    var digits = stripped(of: nil, left: true, right: true)
    let sign = digits.first == "-" ? "-" : ""
    if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
    let prefixes = [2: "0b", 8: "0o", 16: "0x"]
    if let prefix = prefixes[base], digits.lowercased().hasPrefix(prefix) {
      digits.removeFirst(2)
    }
    let groups = digits.split(separator: "_", omittingEmptySubsequences: false)
    guard
      groups.allSatisfy({ group in
        !group.isEmpty && group.allSatisfy { ($0.isASCII ? $0.hexOrLetterValue : 99) < base }
      })
    else { return nil }
    guard let value = Int(sign + groups.joined(), radix: base) else {
      throw Fault(message: "integer beyond 64 bits")
    }
    return value
  }

  /// Python's `float(text)`: nil when it is malformed.
  var double: Double? {
    let text = stripped(of: nil, left: true, right: true).lowercased()
    let body = text.drop { $0 == "+" || $0 == "-" }
    if ["inf", "infinity", "nan"].contains(body) { return Double(text) }
    let isPlain = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.e_".utf8.contains(byte)
    }
    guard isPlain, !text.hasPrefix("_"), !text.hasSuffix("_"), !text.contains("__"),
      !["_.", "._", "_e", "e_", "+_", "-_"].contains(where: { text.contains($0) })
    else { return nil }
    return Double(text.filter { $0 != "_" })
  }
}

extension Character {
  fileprivate var hexOrLetterValue: Int { Int(String(self), radix: 36) ?? 99 }
}

extension String {
  init(scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}

extension ArraySlice {
  fileprivate func droppingLast(while predicate: (Element) -> Bool) -> ArraySlice {
    prefix(upTo: lastIndex { !predicate($0) }.map { $0 + 1 } ?? startIndex)
  }
}

extension Unicode.Scalar {
  fileprivate var isLineBreak: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
