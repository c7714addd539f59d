import CPCRE2
import TacitFault

/// A pattern of a tokenizer file, compiled by PCRE2.
///
/// `@unchecked`: the compiled code and the context are written only by the initialiser, and PCRE2
/// lets any number of threads match with them.
final class RegularExpression: @unchecked Sendable {
  /// Steps one match may take before it counts as a runaway.
  private static let matchLimit: UInt32 = 20_000_000
  private static let heapLimitKiB: UInt32 = 65_536

  private let code: OpaquePointer
  private let context: OpaquePointer

  /// Compiles a pattern of the Ruby dialect, in which tokenizer files are written.
  /// - Throws: ``Fault`` for a pattern that is wrong or means something else to PCRE2.
  init(_ pattern: String) throws(Fault) {
    var translated = try RubyPattern.translate(pattern)
    var status: Int32 = 0
    var offset = 0
    // In Ruby ^ and $ always stand for the ends of a line.
    let options = UInt32(PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C)
    let compiled = translated.withUTF8 {
      pcre2_compile_8($0.baseAddress, $0.count, options, &status, &offset, nil)
    }
    guard let compiled else { throw Fault(message: "\(errorMessage(status)) at byte \(offset)") }
    code = compiled
    // Without the compiler, which some platforms lack, PCRE2 interprets: slower, same matches.
    _ = pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(compiled)
      throw Fault(message: "out of memory")
    }
    self.context = context
    pcre2_set_match_limit_8(context, Self.matchLimit)
    pcre2_set_heap_limit_8(context, Self.heapLimitKiB)
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_match_context_free_8(context)
  }

  /// One thread's working memory for matching.
  final class Matcher {
    private let expression: RegularExpression
    private let matchData: OpaquePointer?

    init(_ expression: RegularExpression) {
      self.expression = expression
      matchData = pcre2_match_data_create_from_pattern_8(expression.code, nil)
    }

    deinit { pcre2_match_data_free_8(matchData) }

    /// Calls `body` with each match from left to right, as Oniguruma's iterator finds them:
    /// an empty match right after another match does not count.
    ///
    /// The text must be valid UTF-8.
    /// - Throws: ``Fault`` when a match takes too many steps.
    func forEachMatch(
      in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) throws(Fault) {
      var position = 0
      var lastEnd: Int?
      while position <= text.count {
        guard let match = try firstMatch(in: text, from: position) else { return }
        if match.isEmpty {
          position = match.upperBound + scalarLength(at: match.upperBound, in: text)
          if match.upperBound == lastEnd { continue }
        } else {
          position = match.upperBound
        }
        lastEnd = match.upperBound
        body(match)
      }
    }

    private func firstMatch(
      in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) throws(Fault) -> Range<Int>? {
      func match(_ options: Int32) -> Int32 {
        pcre2_match_8(
          expression.code, text.baseAddress, text.count, start,
          UInt32(bitPattern: options | Int32(bitPattern: PCRE2_NO_UTF_CHECK)), matchData,
          expression.context)
      }
      var status = match(0)
      if status == PCRE2_ERROR_JIT_STACKLIMIT {
        status = match(Int32(bitPattern: PCRE2_NO_JIT))
      }
      if status == PCRE2_ERROR_NOMATCH { return nil }
      guard status >= 0, let ends = pcre2_get_ovector_pointer_8(matchData) else {
        throw Fault(message: errorMessage(status))
      }
      // \K in a lookaround can end a match before it starts.
      guard ends[0] >= start, ends[0] <= ends[1] else {
        throw Fault(message: "a match that runs backwards")
      }
      return Int(ends[0])..<Int(ends[1])
    }
  }
}

private func errorMessage(_ status: Int32) -> String {
  var buffer = [UInt8](repeating: 0, count: 256)
  let count = pcre2_get_error_message_8(status, &buffer, buffer.count)
  return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : "error \(status)"
}

private func scalarLength(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
  index < text.count ? UTF8Scalar.length(leading: text[index]) : 1
}
