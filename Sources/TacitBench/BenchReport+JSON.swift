import OrderedCollections
import TacitJSON
import TacitModel
import TacitTensor

extension BenchReport {
  /// The number of the form of ``json``; a change that readers notice makes it larger.
  static let schema = 2

  /// Everything, with the value of each repetition.
  public var json: JSON {
    [
      "schema": .integer(Self.schema), "date": .string(surroundings.date),
      "version": .string(surroundings.version), "machine": machineFacts, "limits": limitFacts,
      "model": modelFacts, "settings": settings.json,
      "memory": [
        "peak_resident_bytes_after_loading": JSON(peakBytesAfterLoading),
        "peak_resident_bytes_at_end": JSON(peakBytesAtEnd),
      ],
      "results": .array(results.map(facts)),
    ]
  }

  private var machineFacts: JSON {
    [
      "processor": .string(surroundings.processor), "cores": .integer(surroundings.coreCount),
      "threads": .integer(threadCount), "instructions": .string(instructions.rawValue),
    ]
  }

  private var limitFacts: JSON {
    guard let limits else { return .null }
    var operations: OrderedDictionary<String, JSON> = [:]
    for arithmetic in Arithmetic.allCases {
      operations[arithmetic.rawValue] = limits.operations[arithmetic]?.json ?? .null
    }
    return [
      "read_bytes_per_second": .number(limits.readBytesPerSecond),
      "read_bytes_per_second_normal_pages": limits.readOfNormalPages.json,
      "read_bytes_per_second_huge_pages": limits.readOfHugePages.json,
      "operations_per_second": .object(operations),
    ]
  }

  private var modelFacts: JSON {
    let weights: JSON
    switch model.weights {
    case .files: weights = "files"
    case .random(let element, let seed):
      weights = [
        "random": .string(element.rawValue), "seed": .string(String(seed)),
      ]
    }
    return [
      "name": .string(model.name), "configuration": model.configuration.shape,
      "weights": weights,
      "quantize": model.precision.quantization.map { .string($0.rawValue) } ?? .null,
      "activations": .string(model.precision.activations.rawValue),
      "arithmetic": .string(model.arithmetic.rawValue),
      "stored_bytes": .integer(model.storedByteCount),
      "packed_bytes": .integer(model.packedByteCount),
    ]
  }

  private func facts(_ result: BenchResult) -> JSON {
    [
      "workload": .string(result.workload.rawValue), "sessions": .integer(result.sessionCount),
      "positions_per_session": .integer(result.positionCount), "steps": .integer(result.stepCount),
      "seconds": result.seconds.json, "positions_per_second": result.positionsPerSecond.json,
      "milliseconds_per_step": result.millisecondsPerStep.json,
      "weight_bytes_per_step": .integer(result.weightByteCount),
      "bytes_per_step": .number(result.bytesPerStep),
      "bytes_per_second": .number(result.bytesPerSecond),
      "share_of_read_bandwidth": JSON(shareOfBandwidth(result)),
      "floating_point_operations": .number(result.floatingPointOperations),
      "operations_per_second": .number(result.operationsPerSecond),
      "share_of_arithmetic": JSON(shareOfArithmetic(result)),
      "key_value_bytes": .integer(result.keyValueByteCount),
    ]
  }
}

extension BenchSettings {
  fileprivate var json: JSON {
    [
      "prompt": .integer(promptLength), "context": .integer(contextLength),
      "steps": .integer(stepCount), "repetitions": .integer(repetitionCount),
      "seed": .string(String(seed)),
    ]
  }
}

extension Repetitions {
  fileprivate var json: JSON {
    [
      "median": .number(median), "minimum": .number(minimum), "maximum": .number(maximum),
      "values": .array(values.map { .number($0) }),
    ]
  }
}

extension ModelConfiguration {
  fileprivate var shape: JSON {
    [
      "family": .string(family.name), "layers": .integer(layerCount),
      "hidden_size": .integer(hiddenSize), "intermediate_size": .integer(intermediateSize),
      "heads": .integer(headCount), "key_value_heads": .integer(keyValueHeadCount),
      "head_size": .integer(headSize), "vocabulary_size": .integer(vocabularySize),
      "maximum_positions": .integer(maximumPositions),
      "tied_embeddings": .boolean(tiesEmbeddings),
    ]
  }
}

extension JSON {
  fileprivate init(_ number: Int?) { self = number.map { .integer($0) } ?? .null }
  fileprivate init(_ number: Double?) { self = number.map { .number($0) } ?? .null }
}
