extension CounterRandom {
  /// One element, all equally likely; one draw.
  public mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }

  /// The elements in an order of which all are equally likely; one draw per element but the first.
  ///
  /// Source: Fisher and Yates, in the form of Durstenfeld 1964.
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for index in elements.indices.dropFirst().reversed() {
      elements.swapAt(index, integer(below: index + 1))
    }
    return elements
  }
}
