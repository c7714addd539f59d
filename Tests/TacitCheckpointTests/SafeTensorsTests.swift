import Foundation
import TacitCheckpoint
import TacitFault
import TacitJSON
import TacitTesting
import Testing

/// Every lie that a header can tell is found before a weight is used.
@Suite struct SafeTensorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ header: String, data: Int, length: UInt64? = nil) throws -> SafeTensorsFile {
    let count = length ?? UInt64(header.utf8.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> UInt64(8 * $0)) }
    try folder.write(
      prefix + Array(header.utf8) + [UInt8](repeating: 0, count: data), to: "model.safetensors")
    return try SafeTensorsFile(path: folder.path + "/model.safetensors")
  }

  @Test func honestHeader() throws {
    let file = try open(
      """
      {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], \
      "data_offsets": [0, 24]}, "b": {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]}}
      """, data: 26)
    #expect(file.entries["a"]?.shape == [2, 3])
    #expect(file.entries["b"]?.byteRange.count == 2)
    #expect(file.metadata == ["format": "pt"])
  }

  /// What is written reads back bit for bit, aligned, and always as the same bytes.
  @Test func writing() throws {
    let path = folder.path + "/written.safetensors"
    let values: [Float] = [1, -0.0, .leastNonzeroMagnitude, .infinity, .nan, 3.25]
    let tensors = [
      SafeTensorsFile.NewTensor("a \"quoted\" näme", shape: [2, 3], values: values),
      SafeTensorsFile.NewTensor("empty", shape: [0, 4], values: []),
      SafeTensorsFile.NewTensor("last", shape: [1], values: [7]),
    ]
    try SafeTensorsFile.write(tensors, metadata: ["format": "pt", "step": "3"], to: path)
    let file = try SafeTensorsFile(path: path)
    #expect(file.metadata == ["format": "pt", "step": "3"] && file.entries.count == 3)
    for tensor in tensors {
      let found = try file.values(tensor.name, shape: tensor.shape)
      #expect(found.map(\.bitPattern) == tensor.values.map(\.bitPattern))
    }
    #expect(file.entries["last"].map { $0.byteRange.lowerBound % 8 } == 0)
    let bytes = FileManager.default.contents(atPath: path)
    try SafeTensorsFile.write(tensors, metadata: ["format": "pt", "step": "3"], to: path)
    #expect(FileManager.default.contents(atPath: path) == bytes)
    #expect(throws: Fault.self) { try file.values("last", shape: [2]) }
    #expect(throws: Fault.self) {
      try SafeTensorsFile.write(tensors, to: folder.path + "/none/written.safetensors")
    }
  }

  static let lies: [(header: String, data: Int, length: UInt64?, words: String)] = [
    ("{}", 0, 1 << 62, "header length"),
    ("{}", 0, .max, "header length"),
    ("{}", 0, 3, "header length"),
    ("{}", 0, 0, "header length"),
    ("{\"a\": ", 0, nil, "JSON"),
    ("[]", 0, nil, "an object"),
    ("{}", 4, nil, "0 bytes of data"),
    (tensor("F32", "[-1]", "[0, 4]"), 4, nil, "dimensions of 0 or more"),
    (tensor("F32", "[1.5]", "[0, 6]"), 6, nil, "dimensions of 0 or more"),
    (tensor("F32", "[4294967296, 4294967296]", "[0, 0]"), 0, nil, "63 bits"),
    (tensor("F32", "[2]", "[0, 4]"), 4, nil, "8 bytes for shape [2]"),
    (tensor("F32", "[1]", "[4, 0]"), 4, nil, "data_offsets within"),
    (tensor("F32", "[1]", "[0, 8]"), 4, nil, "data_offsets within"),
    (tensor("F32", "[1]", "[4, 8]"), 8, nil, "offset 4"),
    (tensor("F32", "[1]", "[0, 4]"), 12, nil, "4 bytes of data"),
    (tensor("F32", "[1]", "[0]"), 4, nil, "two data_offsets"),
    (tensor("F32", "[1]", "[-4, 0]"), 4, nil, "data_offsets within"),
    (
      """
      {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, \
      "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}}
      """, 6, nil, "tensor 'b'"
    ),
  ]

  private static func tensor(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"a\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": \(offsets)}}"
  }

  @Test(arguments: lies)
  func lie(header: String, data: Int, length: UInt64?, words: String) throws {
    let error = #expect(throws: Fault.self) {
      try open(header, data: data, length: length)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(words))
  }

  @Test func shardsOutsideOfTheFolderAreRefused() throws {
    try folder.write("{}".utf8, to: "config.json")
    try folder.write(
      #"{"weight_map": {"a": "../other.safetensors"}}"#.utf8, to: "model.safetensors.index.json")
    let error = #expect(throws: Fault.self) { try Checkpoint(folder: folder.path) }
    #expect(error?.place.hasSuffix(".index.json: weight_map['a']") == true)
  }
}
