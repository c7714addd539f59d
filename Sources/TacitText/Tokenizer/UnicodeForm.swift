import Foundation

/// A normalization form of Unicode (UAX #15).
///
/// Foundation gives the mappings of single characters. Its normalization of whole strings leaves out
/// a rule for Hangul and orders some marks wrongly, so decomposition, ordering and composition
/// are done here.
enum UnicodeForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  private var composes: Bool { self == .nfc || self == .nfkc }
  private var mappings: UnicodeMappings {
    self == .nfc || self == .nfd ? .canonical : .compatible
  }

  func apply(to text: inout [UInt8]) {
    // ASCII is normal in every form, and nothing below U+0300 changes in NFC.
    let firstToChange: UInt8 = self == .nfc ? 0xCC : 0x80
    guard text.contains(where: { $0 >= firstToChange }) else { return }
    let source = String(decoding: text, as: UTF8.self).unicodeScalars
    let mappings = mappings
    if self == .nfc, source.allSatisfy(mappings.isInertInComposition) { return }
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(text.count)
    for scalar in source { mappings.decompose(scalar, into: &scalars) }
    Self.order(&scalars)
    if composes { Self.compose(&scalars, UnicodeMappings.canonical) }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    text = Array(String(view).utf8)
  }

  /// Sorts each run of marks by combining class, keeping the order of equals.
  private static func order(_ scalars: inout [Unicode.Scalar]) {
    var start = 0
    while start < scalars.count {
      guard scalars[start].combiningClass != 0 else {
        start += 1
        continue
      }
      let end = scalars[start...].firstIndex { $0.combiningClass == 0 } ?? scalars.count
      if end - start > 1 {
        let marks = scalars[start..<end].enumerated().sorted {
          ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
        }
        scalars.replaceSubrange(start..<end, with: marks.map(\.element))
      }
      start = end
    }
  }

  /// Joins each starter with what follows it unless something in between blocks that.
  private static func compose(_ scalars: inout [Unicode.Scalar], _ mappings: UnicodeMappings) {
    var count = 0
    var starter: Int?
    var lastClass: UInt8 = 0
    for scalar in scalars {
      let combiningClass = scalar.combiningClass
      let isAdjacent = starter == count - 1
      if let index = starter, isAdjacent || (lastClass != 0 && lastClass < combiningClass),
        let composite = mappings.composite(scalars[index], scalar)
      {
        scalars[index] = composite
        continue
      }
      if combiningClass == 0 { starter = count }
      lastClass = combiningClass
      scalars[count] = scalar
      count += 1
    }
    scalars.removeLast(scalars.count - count)
  }
}

extension Unicode.Scalar {
  fileprivate var combiningClass: UInt8 {
    value < 0x300 ? 0 : properties.canonicalCombiningClass.rawValue
  }
}

/// How single characters decompose, and which pairs compose.
private struct UnicodeMappings: Sendable {
  static let canonical = UnicodeMappings(isCompatible: false)
  static let compatible = UnicodeMappings(isCompatible: true)

  private var decompositions: [Unicode.Scalar: [Unicode.Scalar]] = [:]
  private var composites: [UInt64: Unicode.Scalar] = [:]
  /// Whether a scalar below U+30000 can change, or change its neighbours, under composition.
  private var isActive = [Bool](repeating: false, count: 0x30000)

  /// Where the characters with mappings are, Hangul syllables apart.
  private static let candidates: [ClosedRange<UInt32>] = [
    0xA0...0x33FF, 0xA000...0xABFF, 0xF900...0xFFFF, 0x10000...0x1FFFF, 0x2F800...0x2FA1F,
  ]

  private init(isCompatible: Bool) {
    let scalars = Self.candidates.joined().compactMap(Unicode.Scalar.init)
    let decomposed = Self.map(scalars) {
      isCompatible
        ? $0.decomposedStringWithCompatibilityMapping : $0.decomposedStringWithCanonicalMapping
    }
    let composed = Self.map(scalars) { $0.precomposedStringWithCanonicalMapping }
    var wholes: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    for (index, scalar) in scalars.enumerated() {
      if decomposed[index] != [scalar] { decompositions[scalar] = decomposed[index] }
      if composed[index] != [scalar] || scalar.combiningClass != 0 { activate(scalar) }
      if decomposed[index].count > 1, composed[index] == [scalar] {
        wholes[decomposed[index]] = scalar
      }
    }
    // A composite is made of its last scalar and of what composes the scalars before it.
    for (parts, whole) in wholes {
      guard let last = parts.last else { continue }
      let rest = Array(parts.dropLast())
      guard let first = rest.count == 1 ? rest[0] : wholes[rest] else { continue }
      composites[Self.pair(first, last)] = whole
      activate(last)
    }
    for value in Hangul.vowels.lowerBound..<Hangul.trails.upperBound { isActive[Int(value)] = true }
  }

  /// Applies a mapping to each scalar by itself, in one call for all.
  private static func map(
    _ scalars: [Unicode.Scalar], _ mapping: (String) -> String
  ) -> [[Unicode.Scalar]] {
    var lines = String.UnicodeScalarView()
    for scalar in scalars {
      lines.append(scalar)
      lines.append("\n")
    }
    return mapping(String(lines)).unicodeScalars.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(Array.init)
  }

  private static func pair(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
    UInt64(first.value) << 32 | UInt64(second.value)
  }

  private mutating func activate(_ scalar: Unicode.Scalar) { isActive[Int(scalar.value)] = true }

  func isInertInComposition(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x30000 || !isActive[Int(scalar.value)]
  }

  func decompose(_ scalar: Unicode.Scalar, into target: inout [Unicode.Scalar]) {
    if scalar.value < 0xA0 {
      target.append(scalar)
    } else if Hangul.syllables.contains(scalar.value) {
      target.append(contentsOf: Hangul.decompose(scalar))
    } else if let parts = decompositions[scalar] {
      target.append(contentsOf: parts)
    } else {
      target.append(scalar)
    }
  }

  func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    // No pair has a second part below the combining marks.
    guard second.value >= 0x300 else { return nil }
    return Hangul.compose(first.value, second.value) ?? composites[Self.pair(first, second)]
  }
}

/// The syllables that Unicode composes by arithmetic (The Unicode Standard, section 3.12).
private enum Hangul {
  static let leads: Range<UInt32> = 0x1100..<0x1113
  static let vowels: Range<UInt32> = 0x1161..<0x1176
  static let trails: Range<UInt32> = 0x11A8..<0x11C3
  static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
  private static let trailCount: UInt32 = 28

  static func decompose(_ syllable: Unicode.Scalar) -> [Unicode.Scalar] {
    let index = syllable.value - syllables.lowerBound
    let vowelCount = UInt32(vowels.count)
    let trail = index % trailCount
    let parts = [
      leads.lowerBound + index / (vowelCount * trailCount),
      vowels.lowerBound + index / trailCount % vowelCount,
      trails.lowerBound + trail - 1,
    ]
    return (trail == 0 ? parts.dropLast() : parts[...]).compactMap(Unicode.Scalar.init)
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
    if leads.contains(first), vowels.contains(second) {
      let vowel = (first - leads.lowerBound) * UInt32(vowels.count) + second - vowels.lowerBound
      return Unicode.Scalar(syllables.lowerBound + vowel * trailCount)
    }
    if syllables.contains(first), trails.contains(second),
      (first - syllables.lowerBound) % trailCount == 0
    {
      return Unicode.Scalar(first + 1 + second - trails.lowerBound)
    }
    return nil
  }
}
