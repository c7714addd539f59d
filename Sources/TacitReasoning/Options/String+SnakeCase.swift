extension String {
  /// A Swift name as recipes write it: "promptTokenIDs" is "prompt_token_ids".
  ///
  /// A word begins at a capital after a small letter or a digit, and at the last of several
  /// capitals if a word of small letters follows; the s of a plural is none.
  var snakeCased: String {
    let letters = Array(self)
    var text = ""
    for (index, letter) in letters.enumerated() {
      if letter.isUppercase, index > 0 {
        let rest = letters[(index + 1)...].prefix { $0.isLowercase }
        if !letters[index - 1].isUppercase || !(rest.isEmpty || rest == ["s"]) { text += "_" }
      }
      text += letter.lowercased()
    }
    return text
  }
}
