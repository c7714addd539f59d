import Foundation
import TacitFault
import TacitJSON
import Testing

@testable import TacitText

@Suite struct HostileTemplateTests {
  /// Templates that want too much: each is to end in an error, soon.
  static let hostile: [(name: String, source: String)] = [
    ("parentheses", "{{ " + String(repeating: "(", count: 100_000)),
    ("lists", "{{ " + nested("[", 5_000, "]") + " }}"),
    ("not", "{{ " + String(repeating: "not ", count: 100_000) + "1 }}"),
    ("minus", "{{ " + String(repeating: "-", count: 100_000) + "1 }}"),
    ("if", String(repeating: "{% if 1 %}", count: 100_000)),
    ("else", "{{ " + String(repeating: "1 if 0 else ", count: 10_000) + "1 }}"),
    ("attributes", "{{ messages" + String(repeating: ".a", count: 200_000) + " }}"),
    ("filters", "{{ 1" + String(repeating: "|string", count: 200_000) + " }}"),
    ("conditions", "{{ 1" + String(repeating: " if 1", count: 200_000) + " }}"),
    ("targets", "{% for " + String(repeating: "(", count: 100_000) + "x in y %}{% endfor %}"),
    ("recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    (
      "mutual recursion",
      """
      {% macro a() %}{% if 1 %}{{ b() }}{% endif %}{% endmacro %}
      {% macro b() %}{% for x in [1] %}{{ a() ~ 1 }}{% endfor %}{% endmacro %}{{ a() }}
      """
    ),
    ("loops", nested("{% for x in range(100000) %}", 4, "{% endfor %}")),
    ("range", "{{ range(1000000000000)|list }}"),
    ("repetition", "{{ 'abc' * 1000000000000 }}"),
    ("list repetition", "{{ [1, 2] * 1000000000000 }}"),
    ("overflow", "{{ 9223372036854775807 * 9223372036854775807 }}"),
    ("power", "{{ 10 ** 10 ** 10 ** 10 }}"),
    ("indent", "{{ 'a\\nb'|indent(1000000000000) }}"),
    ("json indent", "{{ [1]|tojson(indent=1000000000000) }}"),
    ("text", "{% for x in range(100000) %}{{ 'x' * 100000 }}{% endfor %}"),
    ("doubling", growing("'x'", 99, "n.s + n.s")),
    ("replacing", growing("'xx'", 99, "n.s.replace('x', n.s)")),
    ("sharing", growing("[1]", 99, "[n.s, n.s]")),
    ("nesting", growing("[]", 100_000, "[n.s]")),
    ("nesting of views", growing("{}", 100_000, "dict(a=n.s).values()")),
    ("nesting of methods", growing("[]", 100_000, "[n.s.copy]")),
    (
      "nesting of loops",
      """
      {% set n = namespace(s=[]) %}{% for i in range(100000) %}
      {% for j in [n.s] %}{% set n.s = loop %}{% endfor %}{% endfor %}
      """
    ),
    ("cycle", "{% set n = namespace() %}{% set n.n = n %}{{ n }}"),
    ("list cycle", "{% set n = namespace() %}{% set n.n = [n] %}{{ n }}"),
    ("search", repeating("{% set a = 'a' * 1000000 %}", "{{ (a + 'b') in a }}")),
    ("comparison", repeating("{% set a = [1] * 50000 %}", "{{ a == a + [] }}")),
    ("sort", "{% for i in range(100000) %}{{ range(100000)|sort }}{% endfor %}"),
    ("time", "{{ strftime_now('%c' * 100000) }}"),
    ("slice", "{{ 'abc'[::0] }}"),
  ]

  /// Assigns `step`, an expression in `n.s`, to `n.s` again and again.
  private static func growing(_ start: String, _ count: Int, _ step: String) -> String {
    let loop = "{% for i in range(\(count)) %}{% set n.s = \(step) %}{% endfor %}"
    return "{% set n = namespace(s=\(start)) %}" + loop
  }

  private static func repeating(_ start: String, _ body: String) -> String {
    start + "{% for i in range(100000) %}" + body + "{% endfor %}"
  }

  /// `count` times `open`, then as often `close`.
  private static func nested(_ open: String, _ count: Int, _ close: String) -> String {
    String(repeating: open, count: count) + String(repeating: close, count: count)
  }

  @Test(arguments: hostile.map(\.name))
  func hostileTemplatesAreErrors(name: String) throws {
    let source = try #require(Self.hostile.first { $0.name == name }).source
    let limits = Limits(steps: 1_000_000, bytes: 1 << 20)
    #expect(throws: Fault.self) {
      try ChatTemplate(source: source, name: name).render(
        variables: ["messages": []], limits: limits)
    }
  }

  /// What holds many references to its like is taken down without recursion.
  @Test(arguments: [
    growing("[]", 50_000, "namespace(p=n)"),
    growing("[]", 50_000, "namespace(p=n.s)"),
    """
    {% set n = namespace() %}{% for i in range(50000) %}{% set p = n.m %}
    {% macro m() %}{{ p }}{% endmacro %}{% set n.m = m %}{% endfor %}
    """,
  ])
  func longChainsAreTakenDown(source: String) throws {
    _ = try ChatTemplate(source: source, name: "chain").render(variables: [:])
  }

  private static let smallStackBytes = 1 << 20

  /// The deepest templates that are accepted fit a small stack, as threads of servers have.
  @Test(arguments: [
    "{{ " + nested("(", 38, ")") + " }}",
    "{{ " + nested("[", 38, "]") + " }}",
    "{{ " + nested("{'a': ", 38, "}") + "|tojson }}",
    "{{ " + nested("not ", 38, "") + "1 }}",
    "{{ 1" + nested(" + (1", 38, ")") + " }}",
    "{{ 1" + nested("|default(1", 38, ")") + " }}",
    nested("{% if 1 %}", 39, "{% endif %}"),
    nested("{% generation %}", 39, "{% endgeneration %}"),
    nested("{% for x in [1] %}", 39, "{% endfor %}"),
    """
    {% macro m(x) %}{% for y in [x] %}{% if 1 %}{{ m([x]|list|map('list')|list)|trim }}
    {% endif %}{% endfor %}{% endmacro %}{{ m(1) }}
    """,
    "{% macro m(x) %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(x=m()) %}{% endmacro %}{{ m() }}",
    growing("[]", 62, "[n.s]") + "{{ n.s }}{{ n.s|tojson }}{{ n.s == n.s }}{{ n.s < n.s }}",
    growing("[]", 62, "namespace(a=n.s)") + "{{ n.s }}",
  ])
  func deepTemplatesFitASmallStack(source: String) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      _ = try? ChatTemplate(source: source, name: "deep").render(variables: [:])
      done.signal()
    }
    thread.stackSize = Self.smallStackBytes
    thread.start()
    done.wait()
  }

  @Test func mutatedTemplatesGiveTextOrAnError() throws {
    var random = SplitMix(state: 42)
    var sources: [[Unicode.Scalar]] = []
    for file in ["chatml.jinja", "thinking.jinja"] {
      sources.append(Array(try ChatFixtures.text("\(ChatFixtures.folder)/\(file)").unicodeScalars))
    }
    let small = try ChatFixtures.json("\(ChatFixtures.folder)/jinja.json")
    let variables = try #require(small["variables"]?.object)
    sources += try #require(small["cases"]?.array).compactMap { $0["template"]?.string }
      .filter { $0.count > 60 }.map { Array($0.unicodeScalars) }
    let chats = try #require(ChatFixtures.json("\(ChatFixtures.folder)/own.json")["cases"]?.array)
    var rendered = 0
    for round in 0..<1_000 {
      var source = sources[round % 2 == 0 ? round / 2 % 2 : round % sources.count]
      for _ in 0...Int.random(in: 0...2, using: &random) {
        Self.mutate(&source, with: sources, &random)
      }
      var inputs = variables
      inputs.merge(chats[round % chats.count].object ?? [:]) { _, own in own }
      let text = String(scalars: source)
      let result = try? ChatTemplate(source: text, name: "mutant").render(
        variables: inputs, limits: Limits(steps: 200_000))
      if result != nil { rendered += 1 }
    }
    #expect(rendered > 50 && rendered < 950)
  }

  /// Deletes, doubles or replaces a stretch, or puts in one from another template.
  private static func mutate(
    _ source: inout [Unicode.Scalar], with others: [[Unicode.Scalar]], _ random: inout SplitMix
  ) {
    guard !source.isEmpty else { return }
    let start = Int.random(in: 0..<source.count, using: &random)
    let end = min(source.count, start + Int.random(in: 1...12, using: &random))
    let symbols = Array("{}%#-+|.,()[]'\"\\0 \n~*/=<>é🙂".unicodeScalars)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: source.removeSubrange(start..<end)
    case 1: source.insert(contentsOf: source[start..<end], at: start)
    case 2: source[start] = symbols[Int.random(in: 0..<symbols.count, using: &random)]
    default:
      let other = others[Int.random(in: 0..<others.count, using: &random)]
      let from = Int.random(in: 0..<other.count, using: &random)
      source.insert(contentsOf: other[from..<min(other.count, from + 20)], at: start)
    }
  }
}

/// A small generator with a fixed start, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
