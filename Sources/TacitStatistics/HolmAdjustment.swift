/// Holm's correction of several tests for the chance that any of them misleads.
public enum HolmAdjustment {
  /// Adjusted p-values in the order of the given ones (Holm 1979).
  ///
  /// Those below a level are significant at that level for all tests together, whatever depends on
  /// whatever.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    precondition(pValues.allSatisfy { (0...1).contains($0) }, "p-values lie between 0 and 1")
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
      largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
