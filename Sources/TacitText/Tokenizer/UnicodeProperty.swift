/// Names of Unicode properties in the spelling of PCRE2.
enum UnicodeProperty {
  /// General categories by their long names, in which Oniguruma takes them, too.
  private static let categories = [
    "letter": "L", "lowercaseletter": "Ll", "uppercaseletter": "Lu", "titlecaseletter": "Lt",
    "casedletter": "L&", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M",
    "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me", "number": "N",
    "decimalnumber": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P",
    "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "openpunctuation": "Ps",
    "closepunctuation": "Pe", "initialpunctuation": "Pi", "finalpunctuation": "Pf",
    "otherpunctuation": "Po", "symbol": "S", "mathsymbol": "Sm", "currencysymbol": "Sc",
    "modifiersymbol": "Sk", "othersymbol": "So", "separator": "Z", "spaceseparator": "Zs",
    "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C", "control": "Cc",
    "format": "Cf", "surrogate": "Cs", "privateuse": "Co", "unassigned": "Cn",
  ]
  /// Longer names that are neither categories nor scripts.
  private static let others: Set<String> = [
    "any", "alphabetic", "ascii", "asciihexdigit", "cased", "caseignorable",
    "dash", "defaultignorablecodepoint", "diacritic", "emoji", "emojicomponent", "emojimodifier",
    "emojimodifierbase", "emojipresentation", "extendedpictographic", "extender", "graphemebase",
    "graphemeextend", "hexdigit", "idcontinue", "ideographic", "idstart", "lowercase", "math",
    "quotationmark", "radical", "regionalindicator", "sentenceterminal", "softdotted",
    "terminalpunctuation", "unifiedideograph", "uppercase", "variationselector", "whitespace",
    "xidcontinue", "xidstart",
  ]

  /// The name as PCRE2 takes it: a script means the scripts' own characters, as in Oniguruma, where
  /// PCRE2 would add those that several scripts share.
  static func spelled(_ name: String) -> String {
    let negation = name.hasPrefix("^") ? "^" : ""
    let bare = name.dropFirst(negation.count)
    let key = bare.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
    if let category = categories[key] { return negation + category }
    guard key.count > 2, !others.contains(key), !bare.contains(":"), !bare.contains("=") else {
      return name
    }
    return "\(negation)sc:\(bare)"
  }
}
