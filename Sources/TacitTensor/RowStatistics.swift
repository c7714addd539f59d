internal import CKernels

extension UnsafeBufferPointer<Float> {
  /// The index of the largest element: the lowest wins ties, NaN never wins.
  ///
  /// 0 when nothing compares, as in a row of NaN.
  public func argmax() -> Int {
    guard let baseAddress else { preconditionFailure("an empty row has no largest element") }
    return tacit_argmax(baseAddress, count)
  }

  /// Probabilities of logits; all NaN when a logit is NaN or +infinity, or all are -infinity.
  public func softmax() -> [Float] {
    guard let baseAddress else { return [] }
    return [Float](unsafeUninitializedCapacity: count) { memory, initialized in
      if let y = memory.baseAddress { tacit_softmax(y, baseAddress, count) }
      initialized = count
    }
  }

  /// The natural logarithm of the sum of exponentials; -infinity for an empty row.
  public func logSumExp() -> Float {
    guard let baseAddress else { return -.infinity }
    return tacit_log_sum_exp(baseAddress, count)
  }

  /// The entropy, in nats, of the softmax of logits; 0 for an empty row.
  public func entropy() -> Float {
    guard let baseAddress else { return 0 }
    return tacit_entropy(baseAddress, count)
  }
}

extension [Float] {
  /// The index of the largest element: the lowest wins ties, NaN never wins.
  public func argmax() -> Int { withUnsafeBufferPointer { $0.argmax() } }

  /// Probabilities of logits.
  public func softmax() -> [Float] { withUnsafeBufferPointer { $0.softmax() } }

  /// The natural logarithm of the sum of exponentials.
  public func logSumExp() -> Float { withUnsafeBufferPointer { $0.logSumExp() } }

  /// The entropy, in nats, of the softmax of logits.
  public func entropy() -> Float { withUnsafeBufferPointer { $0.entropy() } }
}
