import Foundation
import Synchronization
import Testing

@testable import TacitTensor

extension KernelTests {
  struct TensorTests {
    @Test func copiesAreIndependent() {
      let original = Tensor([[1, 2], [3, 4]])
      var copy = original
      copy[1] = [5, 6]
      #expect(original.values == [1, 2, 3, 4])
      #expect(copy.values == [1, 2, 5, 6])
      #expect(Tensor.concatenated([original, copy]).gatheredRows([3, 0])[0] == [5, 6])
      #expect(copy.slice(columns: 1..<2) == Tensor([[2], [6]]))
    }

    /// On a thread of its own: one that ran other tests may keep too much of other sizes already.
    @Test func memoryIsReused() async {
      let count = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          var addresses: Set<UInt> = []
          for _ in 0..<100 {
            let tensor = Tensor(rows: 77, columns: 1033) { $0.update(repeating: 1) }
            addresses.insert(tensor.withBase { UInt(bitPattern: $0) })
          }
          continuation.resume(returning: addresses.count)
        }
      }
      #expect(count == 1)
    }

    @Test func loopsFromManyThreadsVisitEveryItemOnce() async {
      Threads.setCount(3)
      final class Counter: Sendable { let sum = Atomic<Int>(0) }
      let counter = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<500 {
              Threads.forEach(97, chunk: 2) { range in
                Threads.forEach(range.count) { counter.sum.add($0.count, ordering: .relaxed) }
              }
            }
          }
        }
        group.addTask {
          for count in [1, 4, 2, 3] { Threads.setCount(count) }
        }
      }
      Threads.setCount(2)
      #expect(counter.sum.load(ordering: .relaxed) == 4 * 500 * 97)
    }

    @Test func operationsFromManyThreadsAgree() async {
      let weight = WeightMatrix(randomValues(512 * 512, seed: 70), outputs: 512, inputs: 512)
      let x = randomTensor(8, 512, seed: 71)
      let expected = bits(x.linear(weight).silu())
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<4 {
          group.addTask {
            (0..<20).allSatisfy { _ in bits(x.linear(weight).silu()) == expected }
          }
        }
        for await agrees in group { #expect(agrees) }
      }
    }
  }
}
