import Foundation
import TacitBench
import TacitEval
import TacitTensor

/// A benchmark's report for people.
struct BenchTables {
  let report: BenchReport

  /// What was measured on what, then the results, then what they mean.
  func rendered(as format: Table.Format) -> String {
    let facts = facts.map { name, value in
      format == .markdown ? "- **\(name)**: \(value)\n" : padded(name) + value + "\n"
    }.joined()
    let notes = notes.map { format == .markdown ? "- \($0)\n" : $0 + "\n" }.joined()
    return facts + "\n" + results.rendered(as: format) + "\n" + notes
  }

  private func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 9 - name.count))
  }

  private var facts: [(String, String)] {
    var facts = [("model", modelText), ("machine", machineText)]
    if let limits = report.limits { facts.append(("limits", text(of: limits))) }
    facts.append(("memory", memoryText))
    return facts
  }

  private var modelText: String {
    let model = report.model
    let source =
      switch model.weights {
      case .files: ""
      case .random(let element, let seed): ", random \(element.rawValue) weights of seed \(seed)"
      }
    let quantized = model.precision.quantization.map { ", rounded to \($0.rawValue)" } ?? ""
    let packed = model.packedByteCount > 0 ? ", \(megabytes(model.packedByteCount)) packed" : ""
    return model.name + source + quantized + ", \(model.precision.activations.rawValue) activations"
      + ", \(megabytes(model.storedByteCount)) stored" + packed
  }

  private var machineText: String {
    let threads = report.threadCount == 1 ? "1 thread" : "\(report.threadCount) threads"
    return "\(report.surroundings.processor), \(report.surroundings.coreCount) cores, \(threads), "
      + "\(report.instructions.rawValue) kernels"
  }

  private func text(of limits: MachineLimits) -> String {
    let operations = Arithmetic.allCases.compactMap { arithmetic in
      limits.operationsPerSecond(arithmetic).map {
        arithmetic.rawValue + String(format: " %.0f", $0 / 1e9)
      }
    }
    return String(format: "read %.1f GB/s; Gop/s: ", limits.readBytesPerSecond / 1e9)
      + operations.joined(separator: ", ")
  }

  private var memoryText: String {
    func text(_ count: Int?) -> String { count.map(megabytes) ?? "—" }
    return "at most \(text(report.peakBytesAfterLoading)) resident after loading, "
      + "\(text(report.peakBytesAtEnd)) at the end"
  }

  private var results: Table {
    let titles = [
      "sessions", "t/s", "min", "max", "ms/step", "MB/step", "GB/s", "of read", "Gop/s",
      "of \(report.model.arithmetic.rawValue)", "KV MB",
    ]
    var table = Table(
      columns: [.init("workload")] + titles.map { .init($0, isRightAligned: true) })
    for result in report.results {
      let speed = result.positionsPerSecond
      table.append([
        name(result), "\(result.sessionCount)", threeDigits(speed.median),
        threeDigits(speed.minimum), threeDigits(speed.maximum),
        threeDigits(result.millisecondsPerStep.median),
        threeDigits(result.bytesPerStep / 1e6),
        String(format: "%.1f", result.bytesPerSecond / 1e9),
        share(report.shareOfBandwidth(result)),
        threeDigits(result.operationsPerSecond / 1e9), share(report.shareOfArithmetic(result)),
        threeDigits(Double(result.keyValueByteCount) / 1e6),
      ])
    }
    return table
  }

  /// "decode 128+32": positions before the workload and those of it.
  private func name(_ result: BenchResult) -> String {
    let count = result.positionCount
    return result.workload == .prefill
      ? "prefill \(count)"
      : "\(result.workload.rawValue) \(report.settings.contextLength)+\(count)"
  }

  private var notes: [String] {
    var notes = [
      "t/s: positions of all sessions per second, the median, least and most of "
        + "\(report.settings.repetitionCount) repetitions.",
      "step: a token or thought of every session; of prefill, every prompt.",
      "MB: weights, keys and values that a step reads. KV: what all sessions hold at the end.",
    ]
    if report.readsFromCaches {
      notes.append(
        "of read above 1: caches hold some of these bytes; the limit is that of memory.")
    }
    return notes
  }
}

/// "1192.1 MB".
private func megabytes(_ count: Int) -> String {
  String(format: count < 10_000_000 ? "%.2f MB" : "%.1f MB", Double(count) / 1e6)
}

/// "0.123", "1.23", "12.3", "123", "12345".
private func threeDigits(_ value: Double) -> String {
  let places = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0
  return String(format: "%.\(places)f", value)
}

private func share(_ value: Double?) -> String {
  value.map { String(format: "%.2f", $0) } ?? "—"
}
