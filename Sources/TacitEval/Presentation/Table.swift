/// Rows and columns of text, rendered as aligned text, Markdown or CSV.
public struct Table: Sendable, Equatable {
  /// What a table is rendered as.
  public enum Format: Sendable {
    /// Columns aligned by blanks, for terminals.
    case text
    /// A table of GitHub's Markdown, in which HTML is shown and not followed.
    case markdown
    /// RFC 4180 with newlines instead of CRLF.
    case csv
  }

  /// A column's title and the side that its cells keep to.
  public struct Column: Sendable, Equatable {
    /// The title.
    public var title: String
    /// Right or left; nil is right if every cell that is not empty begins like a number.
    public var isRightAligned: Bool?

    /// Names a column.
    public init(_ title: String, isRightAligned: Bool? = nil) {
      self.title = title
      self.isRightAligned = isRightAligned
    }
  }

  /// The columns.
  public var columns: [Column]
  /// The rows, each with a cell per column.
  public private(set) var rows: [[String]]

  /// Makes a table.
  public init(columns: [Column], rows: [[String]] = []) {
    self.columns = columns
    self.rows = []
    for row in rows { append(row) }
  }

  /// Makes a table whose columns are aligned by content.
  public init(_ titles: String..., rows: [[String]] = []) {
    self.init(columns: titles.map { Column($0) }, rows: rows)
  }

  /// Adds a row.
  public mutating func append(_ row: [String]) {
    precondition(row.count == columns.count, "a row needs one cell per column")
    rows.append(row)
  }

  /// The table as text that ends in a newline.
  public func rendered(as format: Format) -> String {
    switch format {
    case .text: text
    case .markdown: markdown
    case .csv: csv
    }
  }

  private var text: String {
    let lines = ([columns.map(\.title)] + rows).map { $0.map(singleLine) }
    let widths = widths(of: lines)
    let sides = rightSides
    return lines.map { cells in
      var line = cells.indices
        .map { padded(cells[$0], to: widths[$0], isRight: sides[$0]) }
        .joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private var markdown: String {
    let sides = rightSides
    let lines = ([columns.map(\.title)] + rows).map { $0.map(markdownCell) }
    let widths = widths(of: lines).map { max($0, 3) }
    var texts = lines.map { cells in
      cells.indices.map { padded(cells[$0], to: widths[$0], isRight: sides[$0]) }
    }
    let rule = columns.indices.map { index in
      String(repeating: "-", count: widths[index] - (sides[index] ? 1 : 0))
        + (sides[index] ? ":" : "")
    }
    texts.insert(rule, at: 1)
    return texts.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  private var csv: String {
    ([columns.map(\.title)] + rows)
      .map { $0.map(csvCell).joined(separator: ",") + "\n" }.joined()
  }

  private var rightSides: [Bool] {
    columns.indices.map { index in
      if let isRight = columns[index].isRightAligned { return isRight }
      let cells = rows.map { $0[index] }.filter { !$0.isEmpty && $0 != "—" }
      return !cells.isEmpty && cells.allSatisfy(beginsLikeNumber)
    }
  }

  private func widths(of lines: [[String]]) -> [Int] {
    columns.indices.map { index in lines.map { displayWidth($0[index]) }.max() ?? 0 }
  }
}

private func padded(_ cell: String, to width: Int, isRight: Bool) -> String {
  let blanks = String(repeating: " ", count: max(0, width - displayWidth(cell)))
  return isRight ? blanks + cell : cell + blanks
}

/// Digits after an optional sign: "41.5 % ± 3.5", "−3", "+0.2", ".5".
private func beginsLikeNumber(_ cell: String) -> Bool {
  var rest = cell[...]
  if let sign = rest.first, "+-−±<≥≤~$".contains(sign) { rest = rest.dropFirst() }
  if rest.first == "." { rest = rest.dropFirst() }
  return rest.first.map { ("0"..."9").contains($0) } ?? false
}

private func markdownCell(_ cell: String) -> String {
  var text = ""
  for character in cell {
    switch character {
    case "|": text += "\\|"
    case "&": text += "&amp;"
    case "<": text += "&lt;"
    case "\n", "\r\n": text += "<br>"
    default: text.append(character)
    }
  }
  return singleLine(text)
}

private func csvCell(_ cell: String) -> String {
  let isPlain = !cell.unicodeScalars.contains { "\",\n\r".unicodeScalars.contains($0) }
  if isPlain { return cell }
  return "\"" + cell.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
}
