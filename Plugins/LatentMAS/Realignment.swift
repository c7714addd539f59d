import TacitFault
import TacitModel
import TacitReasoning
import TacitTensor

/// The linear map from hidden states back to input rows, and the size that rows have.
struct Realignment: Sendable {
  /// What decides the map.
  struct Settings: Sendable {
    var solves = false
    var lambda = 1e-5
    /// In place of `lambda`, in units of the mean of the Gram matrix' diagonal.
    var relativeLambda: Double?
    /// Whether rows that belong to no token of the tokenizer count.
    var countsAllRows = false
  }

  /// W, [D, D]; nil is the identity.
  let matrix: Tensor?
  private let weight: WeightMatrix?
  /// Mean Euclidean norm of the embedding rows that count.
  let meanNorm: Double

  /// Accumulates Gram matrices in Float64 and solves (UᵀU + λI) W = UᵀE, U the output head and E
  /// the embedding.
  /// - Throws: `Fault` when the matrix is not positive definite.
  init(_ model: ReasoningModel, _ settings: Settings) throws(Fault) {
    let width = model.configuration.hiddenSize
    let isTied = model.configuration.tiesEmbeddings
    let ids = (0..<Int32(model.configuration.vocabularySize)).filter {
      settings.countsAllRows || model.tokenizer.token(Int($0)) != nil
    }
    var head = GramMatrix(rows: width, columns: width)
    var cross = head
    var sum = 0.0
    let block = 1024
    for start in stride(from: 0, to: ids.count, by: block) {
      let part = Array(ids[start..<min(start + block, ids.count)])
      let embeddings = model.embeddings(of: part)  // [block, D]
      for row in 0..<embeddings.rows { sum += euclideanNorm(embeddings[row]) }
      guard settings.solves else { continue }
      let heads = isTied ? embeddings : model.headRows(of: part)
      head.add(heads, heads)
      if !isTied { cross.add(heads, embeddings) }
    }
    meanNorm = sum / Double(max(ids.count, 1))
    guard settings.solves else {
      (matrix, weight) = (nil, nil)
      return
    }
    let ridge =
      settings.relativeLambda.map { $0 * head.trace / Double(width) } ?? settings.lambda
    guard let solution = head.solve(isTied ? head : cross, ridge: ridge) else {
      throw Fault(
        "feedback 'realign', model '\(model.located.name)'",
        expected: "an output head with independent columns",
        found: "UᵀU + \(ridge)·I is not positive definite",
        hint: "raise lambda, or set lambda_relative to 1e-6 or more")
    }
    matrix = solution
    weight = WeightMatrix(
      solution.values, outputs: width, inputs: width, layout: .inputMajor)
  }

  /// h W, D components.
  func map(_ hidden: [Float]) -> [Float] {
    weight.map { Tensor([hidden]).linear($0)[0] } ?? hidden
  }
}
