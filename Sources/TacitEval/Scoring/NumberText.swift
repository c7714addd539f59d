/// The last number of a text in one canonical form, or nil when there is none.
///
/// "-$1,234.50" gives "-1234.5", "+007" gives "7" and "18." gives "18". A comma belongs to a number
/// only before a group of exactly three digits; a minus only where it cannot be a subtraction.
/// Exponents and fractions are not read as one number.
func lastNumber(in text: String) -> String? {
  let scalars = Array(text.unicodeScalars)
  var found: String?
  var index = 0
  while index < scalars.count {
    let isBareFraction =
      scalars[index] == "." && isDigit(scalars, index + 1) && !isDigit(scalars, index - 1)
    guard isDigit(scalars, index) || isBareFraction else {
      index += 1
      continue
    }
    let start = index
    let whole = takeWhole(scalars, &index)
    var fraction = ""
    if index < scalars.count, scalars[index] == ".", isDigit(scalars, index + 1) {
      index += 1
      fraction = takeDigits(scalars, &index)
    }
    found = canonical(
      isNegative: isNegated(scalars, at: start), whole: whole, fraction: fraction)
  }
  return found
}

private let currencySigns: Set<Unicode.Scalar> = ["$", "€", "£", "¥", "₹"]

private func isDigit(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
  scalars.indices.contains(index) && ("0"..."9").contains(scalars[index])
}

private func takeDigits(_ scalars: [Unicode.Scalar], _ index: inout Int) -> String {
  var digits = ""
  while isDigit(scalars, index) {
    digits.unicodeScalars.append(scalars[index])
    index += 1
  }
  return digits
}

/// Digits with their groups of three: after at most three digits, a comma and exactly three more.
private func takeWhole(_ scalars: [Unicode.Scalar], _ index: inout Int) -> String {
  var digits = takeDigits(scalars, &index)
  guard (1...3).contains(digits.count) else { return digits }
  while index < scalars.count, scalars[index] == ",",
    (1...3).allSatisfy({ isDigit(scalars, index + $0) }), !isDigit(scalars, index + 4)
  {
    index += 1
    digits += takeDigits(scalars, &index)
  }
  return digits
}

private func isNegated(_ scalars: [Unicode.Scalar], at start: Int) -> Bool {
  var index = start - 1
  if index >= 0, currencySigns.contains(scalars[index]) { index -= 1 }
  guard index >= 0, scalars[index] == "-" || scalars[index] == "\u{2212}" else { return false }
  guard index > 0 else { return true }
  let before = scalars[index - 1]
  return !before.properties.isAlphabetic && !isDigit(scalars, index - 1) && before != ")"
    && before != "]" && before != "%"
}

private func canonical(isNegative: Bool, whole: String, fraction: String) -> String {
  let digits = whole.drop { $0 == "0" }
  var decimals = fraction[...]
  while decimals.last == "0" { decimals.removeLast() }
  let magnitude = (digits.isEmpty ? "0" : digits) + (decimals.isEmpty ? "" : ".\(decimals)")
  return isNegative && magnitude != "0" ? "-\(magnitude)" : String(magnitude)
}
