import Testing

@testable import TacitTensor

extension KernelTests {
  struct TapeTests {
    @Test func nothingIsRecordedOutsideTheScopeOrOfConstants() {
      let tape = Tape()
      let x = tape.watching(randomTensor(2, 3, seed: 50))
      #expect(x.silu().node == nil)
      let frozen = WeightMatrix(randomParameter([4, 3], seed: 51))
      let constant = tape.recording { x.detached.linear(frozen).silu() }
      #expect(constant.node == nil)
      let tracked = tape.recording { x.linear(frozen) }
      #expect(tracked.node != nil && tracked.detached.node == nil)
    }

    /// A gradient would end up in another recording.
    @Test func tensorsOfOtherTapesAreRefused() async {
      await #expect(processExitsWith: .failure) {
        let (tape, other) = (Tape(), Tape())
        let parts = [tape.watching(Tensor([[1]])), other.watching(Tensor([[2]]))]
        _ = tape.recording { Tensor.concatenated(parts) }
      }
    }

    /// Two passes add up; a third after a reset counts alone.
    @Test func gradientsOfParametersAddUp() {
      let weight = randomParameter([4, 3], seed: 52)
      let sums = ParameterGradients([weight])
      let tape = Tape(addingTo: sums)
      func pass(_ seed: UInt64) -> [Float] {
        let y = tape.recording { randomTensor(2, 3, seed: seed).linear(WeightMatrix(weight)) }
        tape.backward(from: y, cotangent: randomTensor(2, 4, seed: seed + 1))
        return sums.withUnsafeMutableBufferPointer(at: 0) { Array($0) }
      }
      let first = pass(53)
      let both = pass(55)
      sums.reset()
      let second = pass(55)
      let total = zip(first, second).map { Double($0) + Double($1) }
      #expect(relativeError(both, total) < 1e-6)
      let other = ParameterGradients([weight])
      other.add(sums)
      other.add(sums)
      let doubled = other.withUnsafeMutableBufferPointer(at: 0) { Array($0) }
      #expect(doubled == second.map { 2 * $0 })
    }

    /// The weights that a layer reads are those that an optimiser writes.
    @Test func parametersAreReadInPlace() {
      let weight = randomParameter([1, 2], seed: 54)
      let gain = randomParameter([2], seed: 55)
      let (matrix, vector) = (WeightMatrix(weight), WeightVector(gain))
      weight.withUnsafeMutableBufferPointer {
        $0[0] = 2; $0[1] = 0
      }
      gain.withUnsafeMutableBufferPointer {
        $0[0] = 3; $0[1] = 3
      }
      #expect(Tensor([[5, 1]]).linear(matrix)[0] == [10])
      #expect(vector.values == [3, 3])
    }

    /// A long chain is released without recursion, whether or not anybody went back.
    @Test func longChainsEnd() {
      for goesBack in [true, false] {
        let tape = Tape()
        let x = tape.watching(Tensor([[1]]))
        let y = tape.recording { (0..<100_000).reduce(x) { sum, _ in sum.adding(x, scale: 1e-5) } }
        if goesBack {
          tape.backward(from: y)
          #expect(abs(tape.gradient(of: x)[0][0] - 2) < 1e-3)
        }
      }
    }

    /// Equal passes reuse each other's memory.
    ///
    /// Other tests allocate meanwhile, so one pass in twenty must do without the system.
    @Test func passesReuseMemory() {
      let weight = WeightMatrix(randomParameter([64, 64], seed: 56))
      let tape = Tape()
      let fewest = (0..<20).map { _ in
        let before = TensorStorage.allocationCount
        let x = tape.watching(randomTensor(77, 64, seed: 57))
        let y = tape.recording { (0..<8).reduce(x) { state, _ in state.linear(weight).silu() } }
        tape.backward(from: y, cotangent: y.detached)
        return TensorStorage.allocationCount - before
      }.min()
      #expect(fewest == 0)
    }

    /// Tapes of several threads do not see each other.
    @Test func threadsRecordOnTheirOwnTapes() {
      let weight = randomParameter([8, 8], seed: 58)
      let sums = (0..<4).map { _ in ParameterGradients([weight]) }
      func pass(_ index: Int) {
        let tape = Tape(addingTo: sums[index])
        let x = randomTensor(3, 8, seed: UInt64(60 + index))
        let y = tape.recording { x.linear(WeightMatrix(weight)).silu() }
        tape.backward(from: y, cotangent: x)
      }
      func gradients() -> [[Float]] {
        sums.map { $0.withUnsafeMutableBufferPointer(at: 0) { Array($0) } }
      }
      (0..<4).forEach(pass)
      let alone = gradients()
      for sum in sums { sum.reset() }
      Threads.setCount(2)
      Threads.forEach(4) { $0.forEach(pass) }
      #expect(gradients() == alone)
    }
  }
}
