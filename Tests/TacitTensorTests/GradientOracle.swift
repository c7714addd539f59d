import Testing

@testable import TacitTensor

/// An operation in Float64, from the elements of its inputs to those of its result.
typealias Oracle = ([[Double]]) -> [Double]

/// Compares result and gradients of `operation` with a Float64 version and its central differences.
///
/// The oracle is given the elements of `inputs`, then those of `parameters`.
func expectGradients(
  of inputs: [Tensor], _ parameters: [Parameter] = [], tolerance: Double = 2e-5,
  sourceLocation: SourceLocation = #_sourceLocation, oracle: Oracle,
  operation: ([Tensor]) -> Tensor
) {
  let sums = ParameterGradients(parameters)
  let tape = Tape(addingTo: sums)
  let leaves = inputs.map { tape.watching($0) }
  let result = tape.recording { operation(leaves) }
  var values = inputs.map { $0.values.map(Double.init) }
  values += parameters.map { $0.values.map(Double.init) }
  #expect(relativeError(result.values, oracle(values)) < 1e-5, sourceLocation: sourceLocation)
  #expect(bits(result) == bits(operation(inputs)), sourceLocation: sourceLocation)

  let cotangent = randomTensor(result.rows, result.columns, seed: 99)
  tape.backward(from: result, cotangent: cotangent)
  var gradients = leaves.map { tape.gradient(of: $0).values }
  for index in parameters.indices {
    gradients.append(sums.withUnsafeMutableBufferPointer(at: index) { Array($0) })
  }
  let weights = cotangent.values.map(Double.init)
  for (input, gradient) in gradients.enumerated() {
    let differences = gradient.indices.map { element -> Double in
      func product(_ step: Double) -> Double {
        var moved = values
        moved[input][element] += step
        return zip(oracle(moved), weights).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return (product(1e-5) - product(-1e-5)) / 2e-5
    }
    let error = relativeError(gradient, differences)
    #expect(error < tolerance, "input \(input)", sourceLocation: sourceLocation)
  }
}

/// A parameter of random numbers.
func randomParameter(_ shape: [Int], seed: UInt64) -> Parameter {
  Parameter("p\(seed)", shape: shape, values: randomValues(shape.reduce(1, *), seed: seed))
}
