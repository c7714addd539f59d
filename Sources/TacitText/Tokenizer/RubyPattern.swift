import TacitFault

/// Rewrites what Ruby's regular expressions, as Oniguruma reads them, spell otherwise than PCRE2.
enum RubyPattern {
  /// The character property White_Space; PCRE2's own `\s` also takes U+180E.
  private static let blanks = #"\t-\r\x{85}\p{Z}"#
  /// Alphabetic, marks, numbers of every kind and connectors; PCRE2's own `\w` lacks marks.
  private static let wordScalars =
    #"\p{L}\p{M}\p{N}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}"#
    + #"\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}"#

  /// - Throws: ``Fault`` for a construct that PCRE2 has, with another meaning.
  static func translate(_ pattern: String) throws(Fault) -> String {
    var output = String.UnicodeScalarView()
    var isInClass = false
    // Classes within a class that are open: their members are written into the outer one.
    var nesting = 0
    var scalars = pattern.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\\":
        guard let escaped = scalars.popFirst() else {
          throw refusal("a backslash at the end")
        }
        if escaped == "u" {
          let digits = String(String.UnicodeScalarView(scalars.prefix(4)))
          scalars = scalars.dropFirst(4)
          output.append(contentsOf: "\\x{\(digits)}".unicodeScalars)
        } else if escaped == "p" || escaped == "P", scalars.first == "{" {
          let name = scalars.dropFirst().prefix { $0 != "}" }
          scalars = scalars.dropFirst(name.count + 2)
          let property = UnicodeProperty.spelled(String(String.UnicodeScalarView(name)))
          output.append(contentsOf: "\\\(escaped){\(property)}".unicodeScalars)
        } else {
          output.append(contentsOf: try translate(escape: escaped, isInClass).unicodeScalars)
        }
      case "[" where isInClass && scalars.starts(with: ":punct:]".unicodeScalars):
        scalars = scalars.dropFirst(":punct:]".count)
        output.append(contentsOf: #"\p{P}\p{S}"#.unicodeScalars)
      case "[" where isInClass && scalars.first == ":":
        guard !scalars.starts(with: ":^punct:]".unicodeScalars) else {
          throw refusal("[:^punct:]")
        }
        output.append(scalar)
      case "[" where isInClass:
        guard scalars.first != "^" else { throw refusal("a negated class inside a class") }
        nesting += 1
        if scalars.first == "]", scalars.popFirst() != nil {
          output.append(contentsOf: #"\]"#.unicodeScalars)
        }
      case "[":
        isInClass = true
        output.append(scalar)
        if scalars.first == "^", let caret = scalars.popFirst() { output.append(caret) }
        // A bracket that comes first is an ordinary character.
        if scalars.first == "]", let bracket = scalars.popFirst() { output.append(bracket) }
      case ":" where isInClass && scalars.first == "]" && output.last != "[":
        // The end of a POSIX class such as [:alpha:].
        output.append(scalar)
        if endsPOSIXClass(output), let bracket = scalars.popFirst() { output.append(bracket) }
      case "]" where nesting > 0:
        nesting -= 1
      case "]":
        isInClass = false
        output.append(scalar)
      case "-" where nesting > 0 && (scalars.first == "]" || output.last == "-"):
        throw refusal("a hyphen at the edge of a class inside a class")
      case "&" where isInClass && scalars.first == "&":
        throw refusal("an intersection of classes")
      case "(" where !isInClass && scalars.first == "*":
        throw refusal("a verb")
      case "(" where !isInClass && scalars.first == "?" && setsDotAll(scalars):
        throw refusal("the flag m")
      default: output.append(scalar)
      }
    }
    return String(output)
  }

  private static func translate(
    escape: Unicode.Scalar, _ isInClass: Bool
  ) throws(Fault) -> String {
    switch escape {
    case "s": return isInClass ? blanks : "[\(blanks)]"
    case "S" where !isInClass: return "[^\(blanks)]"
    case "w": return isInClass ? wordScalars : "[\(wordScalars)]"
    case "W" where !isInClass: return "[^\(wordScalars)]"
    case "W", "h", "H", "K", "Q", "E", "C": throw refusal("\\\(escape)")
    default: return "\\\(escape)"
    }
  }

  private static func endsPOSIXClass(_ output: String.UnicodeScalarView) -> Bool {
    let name = output.dropLast().reversed().prefix { $0 != "[" }
    return name.last == ":"
      && name.dropLast().allSatisfy { $0.properties.isAlphabetic || $0 == "^" }
  }

  /// Whether a group opens with flags among which is `m`, which lets Ruby's dot match line ends.
  private static func setsDotAll(_ rest: Substring.UnicodeScalarView) -> Bool {
    let flags = rest.dropFirst().prefix { $0.properties.isAlphabetic || $0 == "-" }
    let end = rest.dropFirst(1 + flags.count).first
    return (end == ":" || end == ")") && flags.contains("m")
  }

  private static func refusal(_ construct: String) -> Fault {
    Fault(message: "\(construct), which is not supported")
  }
}
