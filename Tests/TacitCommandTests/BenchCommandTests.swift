import Foundation
import TacitJSON
import TacitTesting
import Testing

@Suite struct BenchCommandTests {
  private static let config = Fixtures.model("qwen3_bf16") + "/config.json"
  private static let short = [
    "--prompt", "20", "--context", "5", "--steps", "3", "--repetitions", "2", "--sessions", "1,2",
    "--no-limits",
  ]

  @Test func writesEveryRepetition() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/bench.json"
    let command = try Command(
      ["bench", "--config", Self.config, "--format", "json", "-o", file, "--threads", "1"]
        + Self.short)
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.errors.contains("latent of 2: "))
    let report = try command.json
    #expect(try String(contentsOfFile: file, encoding: .utf8) == command.output)
    #expect(report["schema"] == 2 && report["limits"] == .null)
    #expect(report["machine"]?["threads"] == 1)
    #expect(report["model"]?["configuration"]?["layers"] == 3)
    #expect(report["model"]?["weights"]?["random"] == "bfloat16")
    #expect(report["settings"]?["context"] == 5)
    let results = try #require(report["results"]?.array)
    #expect(results.map { $0["workload"] } == ["prefill", "decode", "decode", "latent", "latent"])
    #expect(results.map { $0["sessions"] } == [1, 1, 2, 1, 2])
    for result in results {
      #expect(result["seconds"]?["values"]?.array?.count == 2)
      #expect((result["positions_per_second"]?["median"]?.number ?? 0) > 0)
      #expect(result["share_of_read_bandwidth"] == .null)
    }
    let loaded = report["memory"]?["peak_resident_bytes_after_loading"]?.integer ?? 0
    let end = report["memory"]?["peak_resident_bytes_at_end"]?.integer ?? 0
    #expect(loaded > 0 && end >= loaded)
  }

  @Test func tablesAndLimits() throws {
    let model = Fixtures.model("gpt2")
    let arguments = ["bench", "--model", model, "--quantize", "q8_0", "--activations", "fast"]
    let rest = Array(Self.short.dropLast()) + ["--workloads", "latent,prefill", "--quiet"]
    let table = try Command(arguments + rest)
    #expect(table.status == 0 && table.errors.isEmpty, "\(table.errors)")
    let lines = table.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("model    " + model) && lines[0].contains("rounded to q8_0"))
    #expect(table.output.contains("limits   read ") && table.output.contains("of int8"))
    let names = lines.filter { $0.hasPrefix("latent 5+3 ") || $0.hasPrefix("prefill 20 ") }
    #expect(names.count == 3 && names[2].hasPrefix("prefill"))
    let markdown = try Command(arguments + rest + ["--format", "markdown", "--no-limits"])
    #expect(markdown.output.contains("\n| latent 5+3 "))
    #expect(markdown.output.hasPrefix("- **model**: "))
    #expect(!markdown.output.contains("limits"))
  }

  /// Weights once, as stored or packed, keys and values, and 140 MB for all the rest: less than a
  /// second copy of these weights would take.
  @Test(arguments: [[], ["--quantize", "q8_0"]])
  func holdsWeightsOnce(_ precision: [String]) throws {
    let folder = try TemporaryFolder()
    let config = """
      {"model_type": "qwen3", "num_hidden_layers": 4, "hidden_size": 1024,
       "intermediate_size": 3072, "num_attention_heads": 16, "num_key_value_heads": 8,
       "head_dim": 128, "vocab_size": 16000, "max_position_embeddings": 256, "rms_norm_eps": 1e-6,
       "rope_theta": 1000000, "tie_word_embeddings": true, "hidden_act": "silu"}
      """
    try folder.write(config.utf8, to: "config.json")
    let command = try Command(
      ["bench", "--config", folder.path, "--workloads", "prefill,decode", "--sessions", "8"]
        + ["--prompt", "128", "--context", "28", "--steps", "4", "-r", "1", "--no-limits"]
        + ["--format", "json"] + precision)
    #expect(command.status == 0, "\(command.errors)")
    let report = try command.json
    func bytes(_ object: JSON?, _ key: String) throws -> Int {
      try #require(object?[key]?.integer)
    }
    let stored = try bytes(report["model"], "stored_bytes")
    #expect(stored > 150_000_000)
    let held = try report["results"]?.array?.map { try bytes($0, "key_value_bytes") }.max() ?? 0
    let peak = try bytes(report["memory"], "peak_resident_bytes_at_end")
    let packed = try bytes(report["model"], "packed_bytes")
    #expect(peak < (packed > 0 ? packed : stored) + held + 140_000_000)
  }

  /// What was not asked for becomes shorter with the model.
  @Test func defaultsFitShortModels() throws {
    let folder = try TemporaryFolder()
    let config = """
      {"model_type": "gpt2", "n_layer": 1, "n_embd": 32, "n_head": 2, "n_positions": 48,
       "vocab_size": 40}
      """
    try folder.write(config.utf8, to: "config.json")
    let arguments = ["bench", "--config", folder.path, "--sessions", "2", "-r", "1", "--no-limits"]
    let command = try Command(arguments + ["--format", "json"])
    #expect(command.status == 0, "\(command.errors)")
    #expect(try command.json["settings"]?["prompt"] == 48)
    #expect(try command.json["settings"]?["context"] == 16)
    let long = try Command(arguments + ["--prompt", "49"])
    #expect(long.status == 1 && long.output.isEmpty)
    #expect(long.errors.contains("--prompt: expected at most 48 positions"))
    let steps = try Command(arguments + ["--steps", "48"])
    #expect(steps.status == 1 && steps.errors.contains("found 1 + 48"))
  }

  @Test func refusesWhatItCannotMeasure() throws {
    let unknown = try Command("bench", "--config", "qwen3")
    #expect(unknown.status == 1 && unknown.output.isEmpty)
    #expect(unknown.errors.contains("qwen3-0.6b") && unknown.errors.contains("gpt2"))
    let folder = try TemporaryFolder()
    try folder.write("layers: 2".utf8, to: "config.json")
    let text = try Command("bench", "--config", folder.path + "/config.json")
    #expect(text.status == 1 && text.errors.contains("config.json: expected JSON"))
    try folder.write("[]".utf8, to: "config.json")
    #expect(
      try Command("bench", "--config", folder.path).errors.contains("expected an object"))
    try folder.write("{\"model_type\": \"t5\"}".utf8, to: "config.json")
    #expect(try Command("bench", "--config", folder.path).errors.contains("'t5'"))
    let huge = """
      {"model_type": "gpt2", "n_layer": 1, "n_embd": 262144, "n_head": 2, "n_positions": 48,
       "vocab_size": 16000000}
      """
    try folder.write(huge.utf8, to: "config.json")
    #expect(try Command("bench", "--config", folder.path).errors.contains("memory"))
    for (arguments, message) in [
      (["--sessions", "0"], "--sessions: expected numbers from 1 to 4096"),
      (["--sessions", "1,,2"], "found ''"),
      (["--prefill-sessions", "x"], "--prefill-sessions: expected numbers"),
      (["--workloads", "decode,sleep"], "expected some of prefill, decode, latent"),
      (["--repetitions", "0"], "--repetitions: expected 1 to 10000"),
      (["--steps", "-1"], "--steps"),
      (["--model", "prosqa", "--config", "gpt2"], "--model or --config"),
    ] {
      let command = try Command(["bench"] + arguments)
      #expect(command.status == 64 && command.output.isEmpty)
      #expect(command.errors.contains(message), "\(command.errors)")
    }
    let output = try Command("bench", "-o", "/no/such/file.json")
    #expect(output.status == 1 && output.errors.contains("/no/such/file.json"))
  }
}
