#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A text that a command was asked to write to a file.
public enum ReportFile {
  /// Writes all of it or nothing; to a device or pipe it is simply written.
  /// - Throws: ``EvaluationError`` when the system refuses.
  public static func write(_ text: String, to path: String) throws(EvaluationError) {
    var facts = stat()
    if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
      try File(path, flags: O_WRONLY).write(Array(text.utf8))
    } else {
      try File.write(text, atomically: path)
    }
  }
}
