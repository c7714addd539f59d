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
private func shown(_ style: ProgressDisplay.Style, step: Double, width: Int = 80) -> [String] {
  var time = 0.0
  var written: [String] = []
  let display = ProgressDisplay(
    "sums", style: style, width: { width }, now: { time }, write: { written.append($0) })
  for done in 0...100 {
    display.update(EvaluationProgress(done: done, total: 100, correct: done / 2, errors: done / 99))
    time += step
  }
  display.finish()
  return written
}

@Test func barIsDrawnTenTimesASecond() {
  let written = shown(.bar(isColored: false), step: 0.01)
  #expect((9...14).contains(written.count))
  #expect(written.dropLast().allSatisfy { $0.hasPrefix("\r\u{1B}[K") && !$0.contains("\n") })
  #expect(written.dropLast().allSatisfy { displayWidth(String($0.dropFirst(4))) < 80 })
  #expect(written.last == "sums 100/100  50.0 % ± 5.0  99.0/s  1 failed\n")
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
