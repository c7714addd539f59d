/// "87.5 %".
func percent(_ share: Double) -> String { fixed(100 * share, places: 1) + " %" }

/// "83.1–90.6", in per cent.
func percentRange(_ interval: ClosedRange<Double>) -> String {
  "\(fixed(100 * interval.lowerBound, places: 1))–\(fixed(100 * interval.upperBound, places: 1))"
}

/// "+38.0" or "−2.5", in points of per cent.
func points(_ difference: Double) -> String {
  let text = fixed(abs(100 * difference), places: 1)
  if text == "0.0" { return "0.0" }
  return (difference < 0 ? "−" : "+") + text
}

/// "[−2.3, +3.7]", in points of per cent.
func pointsRange(_ interval: ClosedRange<Double>) -> String {
  "[\(points(interval.lowerBound)), \(points(interval.upperBound))]"
}

/// "0.042", or "<0.001".
func pValueText(_ value: Double) -> String {
  value < 0.001 ? "<0.001" : fixed(value, places: 3)
}

/// "1.25×".
func ratio(_ value: Double) -> String { fixed(value, places: 2) + "×" }

/// "12.3 M": at most four digits before a decimal prefix.
func scaled(_ value: Double) -> String {
  var rest = value
  for prefix in ["", " k", " M", " G", " T", " P"] {
    if abs(rest) < 999.95 { return fixed(rest, places: 1) + prefix }
    rest /= 1000
  }
  return fixed(rest, places: 1) + " E"
}

/// "1.5 MiB".
func byteCount(_ count: Int) -> String {
  if count < 1024 { return "\(count) B" }
  var rest = Double(count) / 1024
  for prefix in ["Ki", "Mi", "Gi"] {
    if rest < 1023.95 { return fixed(rest, places: 1) + " \(prefix)B" }
    rest /= 1024
  }
  return fixed(rest, places: 1) + " TiB"
}
