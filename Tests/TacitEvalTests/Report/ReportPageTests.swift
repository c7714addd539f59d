import Foundation
import TacitJSON
import TacitReasoning
import Testing

@testable import TacitEval

@Suite struct ReportPageTests {
  /// A page needs nothing from outside, and its policy lets no other script run.
  @Test func pageIsSelfContained() throws {
    let page = try ReportFixture().report()
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.hasSuffix("</html>\n"))
    for outside in ["src=", "<link", "url(", "@import", "{{", "}}"] {
      #expect(!page.contains(outside), "\(outside)")
    }
    let hrefs = page.matches(of: /href="([^"]*)"/).map(\.1)
    #expect(hrefs.count >= 6 && hrefs.allSatisfy { $0.hasPrefix("#") })
    #expect(hrefs.allSatisfy { page.contains("id=\"\($0.dropFirst())\"") })
    #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"))
  }

  @Test func resultsHaveTheNumbersOfTheComparison() throws {
    let page = try ReportFixture().report()
    #expect(page.contains("<h1><bdi>sums: 3 runs, 12 samples</bdi></h1>"))
    #expect(page.contains("<dt>Date</dt><dd><bdi>2026-01-02 to 2026-03-02</bdi></dd>"))
    let rows = page.components(separatedBy: "<tr").filter { $0.contains("class=\"fidelity\"") }
    #expect(rows.count == 3)
    #expect(rows[0].contains("baseline</small>") && rows[0].contains("<bdi>faithful</bdi>"))
    #expect(rows[1].contains("<bdi>reconstruction: think</bdi>"))
    #expect(rows[1].contains(#"<td class="number" data-key="0.6666666666666666">66.7</td>"#))
    let cells = rows[2].matches(of: />([^<]*)<\/td>/).map { String($0.1) }
    #expect(cells.prefix(4) == ["100.0", "75.8–100.0", "0.0", "+66.7"])
    #expect(cells.suffix(8) == ["4.0", "6.0", "60.0", "106", "0.0", "50.0", "6.00", "262"])
  }

  @Test func unknownCostsAreDashes() throws {
    var recordedRuns = try ReportFixture().recordedRuns()
    for index in recordedRuns[1].records.indices {
      recordedRuns[1].records[index].isMeasured = false
    }
    let comparison = try Comparison(recordedRuns)
    let section = ResultsSection(comparison, fidelities: ["", "", ""])
    #expect(section.rows[1].cells.suffix(8).map(\.text) == Array(repeating: "—", count: 8))
    #expect(section.rows[1].cells.suffix(8).allSatisfy { $0.sortKey.isEmpty })
    #expect(FrontSection(comparison).missing == "coconut")
    #expect(FrontSection(comparison).figures.count == 4)
    #expect(comparison.cautions.contains("coconut: costs are not known."))
  }

  @Test func oneRunIsShownWithoutAComparison() throws {
    let page = try ReportFixture(labels: ["alone"]).report()
    #expect(page.contains("<h1><bdi>sums: one run, 12 samples</bdi></h1>"))
    #expect(!page.contains("id=\"differences\"") && !page.contains("id=\"outcomes\""))
    #expect(page.contains("id=\"samples\""))
  }

  @Test func outcomesAndRowsCountRepeats() throws {
    let fixture = ReportFixture(repeatCount: 2)
    let recordedRuns = try fixture.recordedRuns()
    let comparison = try Comparison(recordedRuns)
    let page = try fixture.report()
    #expect(page.contains(#"data-filter="run 2"><b>16</b>"#))
    #expect(comparison.pairs[1].outcomes.onlyRun == 16)
    #expect(page.components(separatedBy: "<tr data-index=").count - 1 == 24)
    #expect(page.contains("<bdi>sums/0 · 2</bdi>"))
    #expect(page.contains(">pass@2</th>") && page.contains(">majority</th>"))
    #expect(try scriptData(page)["samples"]?[1]?["repeat"] == 1)
  }

  @Test func settingsShowWhatDiffers() throws {
    let section = SettingsSection(try ReportFixture().recordedRuns(), baseline: 0)
    #expect(
      section.differing.map(\.path) == ["recipe.name", "recipe.stages.think.options.steps"])
    #expect(section.differing[1].cells.map(\.text) == ["—", "1", "2"])
    #expect(section.differing[1].cells.map(\.isDifferent) == [false, true, true])
    #expect(section.shared.contains { $0.path == "seed" && $0.text == "7" })
    #expect(section.runs[2].files[0].content == "-- run 2\n")
  }

  @Test func equalNamesInAListAreNumbered() {
    let flat = FlatIngredients([
      "a": [["name": "x", "b": 1], ["name": "x", "b": [1, 2]], 5], "c": [],
    ])
    #expect(flat.values == ["a.x.b": "1", "a.x#2.b": "[1,2]", "a.2": "5", "c": "[]"])
  }
}

@Suite struct HostileReportTests {
  private static let attacks = [
    "<script>document.title='attacked'</script>", "</script><img src=x onerror=alert(1)>", "<!--",
    "\"\u{301} onmouseover=alert(1) x=\"", "{{data}} {{{data}}}", "\u{202E}evil\u{0}",
  ]

  @Test(arguments: attacks) func textStaysText(attack: String) throws {
    let fixture = ReportFixture(
      labels: ["direct", attack], question: { "\(attack) \($0)" }, target: { _ in attack })
    let page = try fixture.report()
    let plain = try ReportFixture(labels: ["direct", "harmless"]).report()
    for mark in ["<script", "</script", "<img", "<!--", "\u{202E}", "\u{0}"] {
      #expect(
        page.components(separatedBy: mark).count == plain.components(separatedBy: mark).count,
        "\(mark)")
    }
    // No attribute but the page's own begins after a quote.
    #expect(!page.unicodeScalars.contains { $0 == "\u{301}" } || page.contains("&quot;\u{301}"))
    let data = try scriptData(page)
    #expect(data["samples"]?[2]?["question"]?.string == visible("\(attack) 2"))
    #expect(data["runs"]?[1]?.string == visible(attack))
    #expect(data["samples"]?[0]?["runs"]?[0]?["completion"]?.string == visible(attack))
  }

  @Test func longLinesAreCutInTheListAndWholeInTheData() throws {
    let line = String(repeating: "word<&", count: 1 << 18)
    let page = try ReportFixture(labels: ["a", "b"], question: { $0 == 0 ? line : "\($0)" })
      .report()
    #expect(try scriptData(page)["samples"]?[0]?["question"]?.string == line)
    let list = try #require(page.firstRange(of: "<td class=\"excerpt\">"))
    let end = try #require(page.range(of: "</td>", range: list.upperBound..<page.endIndex))
    #expect(page.distance(from: list.upperBound, to: end.lowerBound) < 600)
  }
}

@Suite struct ReportBudgetTests {
  private func data(textBudget: Int, traceBudget: Int) async throws -> SampleData {
    try await withTemporaryFolder { folder in
      let recordedRuns = try ReportFixture().recordedRuns(in: folder)
      return try SampleData(
        Comparison(recordedRuns), recordedRuns: recordedRuns,
        completions: ComparedSamples(recordedRuns).completions, textBudget: textBudget,
        traceBudget: traceBudget)
    }
  }

  @Test func everythingFitsALargeBudget() async throws {
    let data = try await data(textBudget: 1 << 20, traceBudget: 1 << 20)
    #expect(data.cutTextCount == 0 && data.cutTraceCount == 0)
    #expect(data.shownTraceCount == 12 && data.recordedTraceCount == 12)
    let trace = data.json["samples"]?[0]?["runs"]?[1]?["trace"]
    #expect(trace?["stages"] == ["think", "generate"] && trace?["total"] == 3)
    #expect(
      trace?["steps"]?[0] == [
        0, "latent", .null, .null, .number(5),
        ["nearest": ["yes", "no"], "relative_norm": 1.05, "switch": "to_explicit"],
      ])
    #expect(trace?["steps"]?[1] == [1, "explicit", 7, .number(0.1235), .null, .null])
  }

  @Test func disputedSamplesKeepTheirTraces() async throws {
    let whole = try await data(textBudget: 1 << 20, traceBudget: 1 << 20)
    let small = try await data(textBudget: 1 << 20, traceBudget: 1500)
    #expect((1..<8).contains(small.shownTraceCount) && small.recordedTraceCount == 12)
    let samples = try #require(small.json["samples"]?.array)
    let traced = samples.indices.filter { samples[$0]["runs"]?[0]?["trace"] != nil }
    // All runs are right on every third sample.
    #expect(traced == Array([1, 2, 4, 5, 7, 8, 10, 11].prefix(traced.count)))
    #expect(try whole.json.scriptText().utf8.count > small.json.scriptText().utf8.count + 1500)
  }

  @Test func longTextsShareWhatShortOnesLeave() throws {
    let long = String(repeating: "é", count: 500)
    let texts = ["short", long, "", long + long]
    var budget = TextBudget(texts, budget: 1005)
    #expect(budget.limit == 500)
    #expect(budget.json("short") == "short")
    let json = budget.json(long)
    #expect(json["start"]?.string == String(repeating: "é", count: 125))
    #expect(json["end"]?.string == String(repeating: "é", count: 125))
    #expect(json["omitted"] == 250 && budget.cutCount == 1)
    #expect(TextBudget(texts, budget: 5000).limit == Int.max)
  }
}
