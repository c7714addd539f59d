import TacitFault
import TacitJSON
import TacitRandom

extension EvaluationSample {
  /// Reads an object of the AQuA files: `question`, `options` such as "A)21", `correct`.
  /// - Throws: ``Fault`` for a missing or mistyped field or a letter without a choice.
  init(aqua object: LocatedObject, id: String) throws(Fault) {
    let options = try object.strings("options")
    let choices = zip(options, choiceLetters(options.count)).map { option, letter in
      option.hasPrefix(letter + ")") ? trimmed(option.dropFirst(2)) : option
    }
    let correct = try object.string("correct")
    try self.init(
      object, id: id, question: try object.string("question"), choices: choices,
      right: object.index(of: correct, in: choiceLetters(choices.count), field: "correct"),
      fields: ["question", "options", "correct"])
  }

  /// Reads an object of the ARC files: `question`, `choices` with `text` and `label`, `answerKey`.
  ///
  /// The labels, of which some are digits, become letters. `question` may also be an object with
  /// the text as `stem` and `choices` as a list, as in the authors' own files.
  /// - Throws: ``Fault`` for a missing or mistyped field or a key without a choice.
  init(arc object: LocatedObject, id: String) throws(Fault) {
    let isNested = object.members["choices"] == nil && object.members["question"]?.object != nil
    let holder = isNested ? try object.member("question") : object
    let question = try holder.string(isNested ? "stem" : "question")
    let (texts, labels): ([String], [String])
    if try holder.value("choices").array != nil {
      (texts, labels) = (
        try holder.strings("choices", each: "text"), try holder.strings("choices", each: "label")
      )
    } else {
      let choices = try holder.member("choices")
      (texts, labels) = (try choices.strings("text"), try choices.strings("label"))
    }
    guard texts.count == labels.count else {
      throw object.error(
        expected: "as many labels as texts under 'choices'",
        found: "\(labels.count) labels, \(texts.count) texts")
    }
    try self.init(
      object, id: id, question: question, choices: texts,
      right: object.index(
        of: try object.string("answerKey"), in: labels, field: "answerKey"),
      fields: ["question", "choices", "answerKey"])
  }

  /// Reads an object of the GPQA tables: `Question`, `Correct Answer`, `Incorrect Answer 1` to 3.
  ///
  /// The order of the choices depends on the question's text only, so that a file's name and a
  /// sample's place in it change no prompt.
  /// - Throws: ``Fault`` for a missing or mistyped field.
  init(gpqa object: LocatedObject, id: String) throws(Fault) {
    let fields = ["Correct Answer"] + (1...3).map { "Incorrect Answer \($0)" }
    var choices: [String] = []
    for field in fields { choices.append(trimmed(try object.string(field))) }
    let question = trimmed(try object.string("Question"))
    var random = CounterRandom(seed: 0, sample: question, repetition: 0, stage: 0, step: 0)
    let order = random.shuffled(Array(choices.indices))
    try self.init(
      object, id: id, question: question, choices: order.map { choices[$0] },
      right: order.prefix { $0 != 0 }.count, fields: ["Question"] + fields)
  }

  /// The question put is the text, then a line "(A) …" per choice; the target is a letter.
  ///
  /// `extra` holds the texts as `choices`, and every field of the object that is not read.
  private init(
    _ object: LocatedObject, id: String, question: String, choices: [String], right: Int,
    fields: [String]
  ) throws(Fault) {
    guard (2...26).contains(choices.count) else {
      throw object.error(expected: "2 to 26 choices", found: "\(choices.count)")
    }
    let letters = choiceLetters(choices.count)
    let lines = zip(letters, choices).map { "(\($0)) \($1)" }
    self.init(
      id: id, question: ([trimmed(question)] + lines).joined(separator: "\n"),
      target: letters[right], extra: object.members(besides: fields))
    extra["choices"] = .array(choices.map(JSON.string))
  }
}

extension LocatedObject {
  /// An object under a key, at the same line.
  fileprivate func member(_ key: String) throws(Fault) -> LocatedObject {
    let value = try value(key)
    guard let members = value.object else {
      throw error(expected: "an object under '\(key)'", found: value.kind)
    }
    return LocatedObject(path: path, line: line, members: members)
  }

  /// The strings under one field of every object in a list.
  fileprivate func strings(_ key: String, each field: String) throws(Fault) -> [String] {
    let elements = try value(key).array ?? []
    let strings = elements.compactMap { $0[field]?.string }
    guard strings.count == elements.count else {
      throw error(expected: "objects with a string '\(field)' under '\(key)'", found: "others")
    }
    return strings
  }

  /// The place of the right answer's label.
  fileprivate func index(
    of label: String, in labels: [String], field: String
  ) throws(Fault) -> Int {
    guard let index = labels.firstIndex(of: trimmed(label)) else {
      throw error(
        expected: "one of the labels \(labels.joined(separator: ", ")) under '\(field)'",
        found: "'\(label)'")
    }
    return index
  }
}
