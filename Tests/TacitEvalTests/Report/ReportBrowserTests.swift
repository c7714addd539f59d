import TacitJSON
import Testing

@testable import TacitEval

/// The page in Chromium, read from a file and used by mouse and keyboard.
@Suite(.serialized) struct ReportBrowserTests {
  private static let hostile = "<img src=x onerror=\"document.title='attacked'\">\u{202E}\0"

  private func withPage(
    _ fixture: ReportFixture = ReportFixture(), _ body: (Browser) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let page = try fixture.report(in: folder)
      let browser = try Browser(folder: folder)
      try browser.open(page)
      try body(browser)
      #expect(browser.complaints == [])
    }
  }

  @Test func columnsSort() async throws {
    try await withPage { browser in
      let column = """
        [...document.querySelectorAll('#results table.sortable tbody tr')]
          .map(row => row.cells[0].querySelector('bdi').textContent).join()
        """
      let header = "document.querySelectorAll('#results table.sortable th button')"
      #expect(try browser.evaluate(column) == "direct,coconut,pause")
      try browser.evaluate("\(header)[0].focus()")
      try browser.press("Enter")
      #expect(try browser.evaluate(column) == "coconut,direct,pause")
      try browser.evaluate("\(header)[1].click()")
      #expect(try browser.evaluate(column) == "direct,coconut,pause")
      try browser.evaluate("\(header)[1].click()")
      #expect(try browser.evaluate(column) == "pause,coconut,direct")
      let sorts =
        "[...document.querySelectorAll('#results [aria-sort]')].map(e => e.ariaSort).join()"
      let expected = "none,descending" + String(repeating: ",none", count: 13)
      #expect(try browser.evaluate(sorts) == .string(expected))
      // The baseline has no difference, so it comes last either way.
      try browser.evaluate("\(header)[4].click()")
      #expect(try browser.evaluate(column) == "coconut,pause,direct")
      try browser.evaluate("\(header)[4].click()")
      #expect(try browser.evaluate(column) == "pause,coconut,direct")
    }
  }

  @Test func anOutcomeListsItsSamples() async throws {
    try await withPage { browser in
      let shown = """
        [...document.querySelectorAll('table.samples tbody tr:not([hidden]) bdi')]
          .filter(e => e.closest('.open')).map(e => e.textContent).join()
        """
      try browser.evaluate("document.querySelector('[data-filter=\"run 1\"]').click()")
      #expect(try browser.evaluate(shown) == "sums/1,sums/4,sums/7,sums/10")
      #expect(try browser.evaluate("document.querySelector('#shown').textContent") == "4 of 12")
      #expect(try browser.evaluate("document.activeElement.id") == "samples-title")
      for choice in ["all", "disputed", "right", "wrong", "both 2", "neither 1", "baseline 1"] {
        let select = "document.querySelector('#filter')"
        try browser.evaluate(
          "\(select).value = '\(choice)'; \(select).dispatchEvent(new Event('change'))")
        let expected = [
          "all": 12, "disputed": 8, "right": 4, "wrong": 0, "both 2": 4, "neither 1": 4,
          "baseline 1": 0,
        ]
        let count = "document.querySelectorAll('table.samples tbody tr:not([hidden])').length"
        #expect(try browser.evaluate(count).integer == expected[choice], "\(choice)")
      }
    }
  }

  @Test func aSampleIsReadByKeyboard() async throws {
    try await withPage { browser in
      let title = "document.querySelector('#sample-title').textContent"
      try browser.evaluate("document.querySelector('[data-filter=\"run 2\"]').click()")
      try browser.evaluate(
        "document.querySelector('table.samples tbody tr:not([hidden]) .open').focus()")
      try browser.press("Enter")
      #expect(try browser.evaluate("document.querySelector('#sample').open") == true)
      #expect(try browser.evaluate(title) == "sums/1")
      try browser.press("ArrowRight")
      #expect(try browser.evaluate(title) == "sums/2")
      try browser.press("ArrowLeft")
      try browser.press("ArrowLeft")
      #expect(try browser.evaluate(title) == "sums/1")
      let runs = """
        [...document.querySelectorAll('.pane select')]
          .map(e => e.selectedOptions[0].textContent).join()
        """
      #expect(try browser.evaluate(runs) == "direct,pause")
      let marks = "[...document.querySelectorAll('.pane .mark')].map(e => e.textContent).join()"
      #expect(try browser.evaluate(marks) == "✗ wrong,✓ right")
      let thoughts = "document.querySelectorAll('.pane svg circle.latent').length"
      // Two thoughts, each in the panel of norms and in the strip.
      #expect(try browser.evaluate(thoughts) == 4)
      #expect(try browser.evaluate("document.querySelectorAll('.pane svg .switch').length") == 2)
      let nearest = "document.querySelector('.pane:last-child td:nth-child(6)').textContent"
      #expect(try browser.evaluate(nearest) == "yes · no")
      try browser.press("Escape")
      #expect(try browser.evaluate("document.querySelector('#sample').open") == false)
      #expect(try browser.evaluate("document.activeElement.textContent") == "sums/1")
    }
  }

  @Test func hostileTextIsShown() async throws {
    let fixture = ReportFixture(
      labels: ["direct", Self.hostile], question: { "\(Self.hostile)\($0)" },
      target: { _ in Self.hostile })
    try await withPage(fixture) { browser in
      try browser.evaluate("document.querySelector('.open').click()")
      #expect(
        try browser.evaluate("document.querySelector('#sample-question').textContent").string
          == visible(Self.hostile + "0"))
      #expect(try browser.evaluate("document.images.length") == 0)
      #expect(try browser.evaluate("document.title") == "sums: 2 runs, 12 samples")
    }
  }

  @Test(arguments: [400, 1280], ["light", "dark"])
  func pageFitsItsScreen(width: Int, scheme: String) async throws {
    let labels = ["direct", "a_run_with_a_rather_long_name_of_its_own", "pause", "x", "y", "z"]
    try await withPage(ReportFixture(labels: labels)) { browser in
      try browser.setWidth(width)
      try browser.setColorScheme(scheme)
      #expect(try browser.evaluate("innerWidth").integer == width)
      let root = "document.documentElement"
      #expect(try browser.evaluate("\(root).scrollWidth - \(root).clientWidth") == 0)
      let background = "getComputedStyle(document.body).backgroundColor"
      let chosen = scheme == "dark" ? "light" : "dark"
      let before = try browser.evaluate(background)
      try browser.evaluate("document.querySelector('#theme-\(chosen)').click()")
      #expect(try browser.evaluate(background) != before)
      try browser.evaluate("document.querySelector('.open').click()")
      let dialog = "document.querySelector('#sample')"
      #expect(try browser.evaluate("\(dialog).scrollWidth <= \(dialog).clientWidth") == true)
      let contrast = try browser.evaluate(Self.weakestContrast).number
      #expect(try #require(contrast) >= 4.5)
    }
  }

  /// The lowest contrast of any text to what lies behind it (WCAG 2.2, relative luminance).
  private static let weakestContrast = """
    (() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const rgb = (color) => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const luminance = (color) => {
        const parts = rgb(color).slice(0, 3).map((byte) => byte / 255)
          .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
      };
      const behind = (node) => {
        for (; node; node = node.parentElement) {
          const color = getComputedStyle(node).backgroundColor;
          if (color !== "rgba(0, 0, 0, 0)") return color;
        }
        return "white";
      };
      let weakest = 21;
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
        const style = getComputedStyle(node);
        const color = node.namespaceURI.endsWith("svg") ? style.fill : style.color;
        const pair = [luminance(color), luminance(behind(node))].sort((a, b) => b - a);
        weakest = Math.min(weakest, (pair[0] + 0.05) / (pair[1] + 0.05));
      }
      return weakest;
    })()
    """
}
