import TacitRandom

/// Share of simulated runs in which something happens; every run has its own stream.
func share(of runs: Int, key: UInt64, _ happens: (inout CounterRandom) -> Bool) -> Double {
  let hits = (0..<runs).count { run in
    var random = CounterRandom(key: key, stream: SIMD3(UInt32(run), 0, 0))
    return happens(&random)
  }
  return Double(hits) / Double(runs)
}
