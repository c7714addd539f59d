import Testing

@testable import TacitEval

private let table = Table(
  "recipe", "accuracy", "note",
  rows: [
    ["greedy", "41.5 % ± 3.5", "a|b"], ["思考 🙂", "—", "x\ny, \"z\""], ["n", "−3", "\u{1B}[1m"],
  ])

@Test func tableAsText() {
  #expect(
    table.rendered(as: .text) == """
      recipe       accuracy  note
      greedy   41.5 % ± 3.5  a|b
      思考 🙂             —  x y, "z"
      n                  −3   [1m

      """)
}

@Test func tableAsMarkdown() {
  #expect(
    table.rendered(as: .markdown).split(separator: "\n") == [
      "| recipe  |     accuracy | note        |",
      "| ------- | -----------: | ----------- |",
      "| greedy  | 41.5 % ± 3.5 | a\\|b        |",
      "| 思考 🙂 |            — | x<br>y, \"z\" |",
      "| n       |           −3 |  [1m        |",
    ])
}

@Test func hostileCellsAreText() {
  let table = Table("a", rows: [["<img src=x onerror=alert(1)>&\u{202E}\u{9B}2J|"]])
  #expect(
    table.rendered(as: .markdown).split(separator: "\n").last
      == "| &lt;img src=x onerror=alert(1)>&amp;  2J\\| |")
  #expect(table.rendered(as: .text) == "a\n<img src=x onerror=alert(1)>&  2J|\n")
}

@Test func tableAsCSV() {
  #expect(
    table.rendered(as: .csv)
      == "recipe,accuracy,note\ngreedy,41.5 % ± 3.5,a|b\n思考 🙂,—,\"x\ny, \"\"z\"\"\"\n"
      + "n,−3,\u{1B}[1m\n")
}

@Test(arguments: [(12.345, 1, "12.3"), (-0.06, 1, "-0.1"), (0.004, 2, "0.00"), (7.5, 0, "8")])
func fixedDecimals(number: Double, places: Int, text: String) {
  #expect(fixed(number, places: places) == text)
}

@Test func styleOfProgress() {
  typealias Style = ProgressDisplay.Style
  #expect(Style(environment: [:], isTerminal: true, isQuiet: false) == .bar(isColored: true))
  #expect(
    Style(environment: ["NO_COLOR": "1"], isTerminal: true, isQuiet: false)
      == .bar(isColored: false))
  #expect(Style(environment: ["CI": "true"], isTerminal: true, isQuiet: false) == .lines)
  #expect(Style(environment: ["TERM": "dumb"], isTerminal: true, isQuiet: false) == .lines)
  #expect(Style(environment: [:], isTerminal: false, isQuiet: false) == .lines)
  #expect(Style(environment: [:], isTerminal: true, isQuiet: true) == .quiet)
}

/// Drives a display with a clock that moves `step` seconds per completion.
private func shown(
  _ style: ProgressDisplay.Style, labels: [String] = [], step: Double, width: Int = 80,
  rows: Int = 24
) -> [String] {
  var time = 0.0
  var written: [String] = []
  let device = ProgressDisplay.Device(
    size: { (width, rows) }, now: { time }, write: { written.append($0) })
  let display = ProgressDisplay("sums", labels: labels, style: style, device: device)
  for done in 0...100 {
    let progress = EvaluationProgress(
      done: done, total: 100, correct: done / 2, errors: done / 99)
    display.update(Array(repeating: progress, count: max(1, labels.count)))
    time += step
  }
  display.finish()
  return written
}

@Test func barIsDrawnTenTimesASecond() {
  let written = shown(.bar(isColored: false), step: 0.01)
  #expect((9...14).contains(written.count))
  #expect(written.dropLast().allSatisfy { $0.hasPrefix("\r\u{1B}[J") && !$0.contains("\n") })
  #expect(written.dropLast().allSatisfy { displayWidth(String($0.dropFirst(4))) < 80 })
  #expect(written.last == "\r\u{1B}[Jsums 100/100  50.0 % ± 5.0  99.0/s  1 failed\n")
}

@Test func narrowTerminalCutsTheLine() {
  for line in shown(.bar(isColored: false), step: 1, width: 12).dropLast() {
    #expect(displayWidth(String(line.dropFirst(4))) < 12)
  }
}

@Test func linesWithoutControlCharacters() {
  let written = shown(.lines, step: 1)
  #expect(written.count == 22)
  #expect(written.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\u{1B}") })
  #expect(written[10].hasSuffix("1.00/s  50 s left\n"))
  #expect(shown(.quiet, step: 1).isEmpty)
}

/// Several runs are a block that is drawn over itself, or a line where the terminal is too low.
@Test func severalRunsAtOnce() {
  let labels = ["a", "思考"]
  let block = shown(.bar(isColored: false), labels: labels, step: 1)
  #expect(block[0].hasPrefix("\r\u{1B}[J") && block[1].hasPrefix("\r\u{1B}[2A\u{1B}[J"))
  #expect(
    block.last == """
      \r\u{1B}[2A\u{1B}[Jsums 200/200  1.98/s  2 failed
        a     50.0 % ± 5.0
        思考  50.0 % ± 5.0

      """)
  let low = shown(.bar(isColored: false), labels: labels, step: 1, rows: 3)
  #expect(low.dropLast().allSatisfy { !$0.contains("\n") })
  let lines = shown(.lines, labels: labels, step: 1)
  #expect(lines[1] == "sums 10/200  2.00/s  1 min 35 s left  a 40.0 % ± 24.5  思考 40.0 % ± 24.5\n")
}
