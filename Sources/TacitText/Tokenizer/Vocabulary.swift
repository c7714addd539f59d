import TacitFault

/// The tokens of a model with their ids, compared byte by byte.
///
/// A Swift dictionary of strings would not do: it takes canonically equivalent strings for equal,
/// and vocabularies hold such pairs.
struct Vocabulary: Sendable {
  /// Ids are below this bound, as they are for every known model.
  static let idBound = 1 << 31

  /// Both in ascending order of the ids.
  private let strings: ByteStrings
  private let ids: [Int32]
  /// Open addressing: positions in `strings`, or -1.
  private let slots: [Int32]

  /// - Throws: ``Fault`` when a token or an id occurs twice.
  init(strings: ByteStrings, ids: [Int32], path: String) throws(Fault) {
    (self.strings, self.ids) = Self.sorted(strings, ids)
    func failure(_ found: String) -> Fault {
      Fault(path, "model.vocab", expected: "distinct tokens with distinct ids", found: found)
    }
    var slots = [Int32](repeating: -1, count: Self.slotCount(for: ids.count))
    for index in 0..<self.ids.count {
      if index > 0, self.ids[index] == self.ids[index - 1] {
        throw failure("the id \(self.ids[index]) twice")
      }
      let bytes = self.strings[index]
      let (slot, known) = bytes.withUnsafeBufferPointer { [strings = self.strings] in
        Self.find($0, in: strings, slots)
      }
      guard known == nil else {
        throw failure("\"\(String(decoding: bytes, as: UTF8.self))\" twice")
      }
      slots[slot] = Int32(index)
    }
    self.slots = slots
  }

  var count: Int { ids.count }
  var highestID: Int? { ids.last.map { Int($0) } }

  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    Self.find(token, in: strings, slots).index.map { ids[$0] }
  }

  func id(of token: some Collection<UInt8>) -> Int32? {
    ContiguousArray(token).withUnsafeBufferPointer { id(of: $0) }
  }

  func token(_ id: Int) -> ArraySlice<UInt8>? {
    // Most vocabularies count from 0 without gaps.
    if ids.indices.contains(id), ids[id] == id { return strings[id] }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == id ? strings[low] : nil
  }

  private static func sorted(_ strings: ByteStrings, _ ids: [Int32]) -> (ByteStrings, [Int32]) {
    if zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) { return (strings, ids) }
    let order = ids.indices.sorted { ids[$0] < ids[$1] }
    var ordered = ByteStrings()
    for index in order { ordered.append(strings[index]) }
    return (ordered, order.map { ids[$0] })
  }

  /// A power of two that leaves half of the slots free.
  private static func slotCount(for count: Int) -> Int {
    var size = 16
    while size < count * 2 { size *= 2 }
    return size
  }

  /// The slot of a string, and its position when it is there.
  private static func find(
    _ token: UnsafeBufferPointer<UInt8>, in strings: ByteStrings, _ slots: [Int32]
  ) -> (slot: Int, index: Int?) {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(token))
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if strings[index].elementsEqual(token) { return (slot, index) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return (slot, nil)
  }
}
