import Foundation
import TacitCheckpoint
import TacitFault
import TacitText

/// The tokenizer and the chat template of a model.
public struct ModelText: Sendable {
  /// Turns text into ids and back.
  public let tokenizer: Tokenizer
  /// Renders conversations; nil when the model has no template.
  public let chatTemplate: ChatTemplate?
  /// Renders conversations with tools: the template named `tool_use` where there is one.
  public let toolTemplate: ChatTemplate?

  /// Reads the files of a folder.
  /// - Throws: `Fault` for a missing or faulty file.
  public init(folder: String) throws {
    tokenizer = try Tokenizer.load(folder: folder)
    chatTemplate = try ChatTemplate.load(folder: folder)
    toolTemplate = try ChatTemplate.named("tool_use", in: folder) ?? chatTemplate
  }

  /// Reads what belongs to a checkpoint: for a GGUF file the tokenizer.json beside it or, where
  /// there is none of the file's own tokens, its metadata.
  /// - Throws: as ``init(folder:)``; `Fault` for metadata of a tokenizer that is not
  ///   supported.
  public init(_ located: LocatedModel, _ checkpoint: Checkpoint) throws {
    guard let text = checkpoint.embeddedText else {
      try self.init(folder: located.folder)
      return
    }
    let embedded = try text.chatTemplate.map {
      try ChatTemplate(source: $0, name: text.path + ": tokenizer.chat_template")
    }
    if FileManager.default.fileExists(atPath: located.folder + "/tokenizer.json") {
      let tokenizer = try Tokenizer.load(folder: located.folder)
      if Self.agrees(tokenizer, with: text.tokens) {
        try self.init(
          tokenizer: tokenizer,
          chatTemplate: embedded ?? ChatTemplate.load(folder: located.folder))
        return
      }
    }
    let (bytes, configuration) = try text.tokenizerFiles()
    let tokenizer = try bytes.withUnsafeBytes {
      try Tokenizer(parsing: $0, configuration: configuration, path: text.path)
    }
    self.init(tokenizer: tokenizer, chatTemplate: embedded)
  }

  /// Whether a tokenizer has the tokens of a GGUF file, which may have more, without use.
  private static func agrees(_ tokenizer: Tokenizer, with tokens: [String]?) -> Bool {
    guard let tokens else { return true }
    return tokens.count >= tokenizer.vocabularySize
      && tokens.enumerated().allSatisfy { id, token in
        tokenizer.token(id).map { $0 == token } ?? true
      }
  }

  private init(tokenizer: Tokenizer, chatTemplate: ChatTemplate?) {
    self.tokenizer = tokenizer
    self.chatTemplate = chatTemplate
    toolTemplate = chatTemplate
  }
}
