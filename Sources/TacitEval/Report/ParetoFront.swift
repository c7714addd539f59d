/// The points that no other beats in both cost and accuracy.
///
/// - Parameter points: Cost, of which less is better, and accuracy, of which more is.
/// - Returns: Their indices by rising cost; of equal points all.
func paretoFront(_ points: [(cost: Double, accuracy: Double)]) -> [Int] {
  points.indices.filter { index in
    let point = points[index]
    return !points.contains { other in
      other.cost <= point.cost && other.accuracy >= point.accuracy
        && (other.cost < point.cost || other.accuracy > point.accuracy)
    }
  }.sorted { points[$0].cost < points[$1].cost }
}
