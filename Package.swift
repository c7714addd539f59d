// swift-tools-version: 6.2

import PackageDescription

/// Warnings are errors where CI is set, so that a newer compiler never stops a user's build.
let strict: [SwiftSetting] =
  Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Settings of every Swift target.
let swiftSettings: [SwiftSetting] = strict + [.enableUpcomingFeature("ExistentialAny")]

/// Settings of targets whose loops are hot, so that debug builds stay usable.
let hotSettings = swiftSettings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

let package = Package(
  name: "tacit",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "tacit", targets: ["tacit"]),
    .library(name: "TacitReasoning", targets: ["TacitReasoning", "TacitFault"]),
    .plugin(name: "StageIndex", targets: ["StageIndex"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    .systemLibrary(name: "CJSONC", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "CLuaBridge", linkerSettings: [.linkedLibrary("lua5.4")]),

    .target(name: "TacitFault", swiftSettings: hotSettings),
    .target(
      name: "TacitJSON", dependencies: ["TacitFault", "CJSONC", collections],
      swiftSettings: hotSettings),
    .target(name: "TacitRandom", swiftSettings: hotSettings),
    .target(
      name: "TacitStatistics", dependencies: ["TacitRandom"], swiftSettings: hotSettings),
    .target(
      name: "TacitTensor", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: hotSettings),
    .target(
      name: "TacitCheckpoint",
      dependencies: ["TacitTensor", "TacitJSON", "TacitFault", collections],
      resources: [.copy("models")], swiftSettings: swiftSettings),
    .target(
      name: "TacitText",
      dependencies: ["TacitJSON", "TacitFault", "CPCRE2", collections, heap],
      swiftSettings: hotSettings),
    .target(
      name: "TacitModel",
      dependencies: ["TacitTensor", "TacitCheckpoint", "TacitJSON", "TacitFault"],
      swiftSettings: hotSettings),
    .target(
      name: "TacitReasoning",
      dependencies: [
        "TacitModel", "TacitText", "TacitTensor", "TacitCheckpoint", "TacitRandom", "TacitJSON",
        "TacitFault", collections,
      ],
      swiftSettings: hotSettings),
    .executableTarget(name: "StageIndexTool", swiftSettings: swiftSettings),
    .plugin(name: "StageIndex", capability: .buildTool(), dependencies: ["StageIndexTool"]),
    .target(
      name: "TacitStrategies",
      dependencies: [
        "TacitReasoning", "TacitModel", "TacitText", "TacitTensor", "TacitCheckpoint",
        "TacitRandom", "TacitJSON", "TacitFault", collections,
      ],
      path: "Plugins", exclude: ["StageIndex"], swiftSettings: swiftSettings,
      plugins: ["StageIndex"]),
    .target(
      name: "TacitTrain",
      dependencies: [
        "TacitReasoning", "TacitProblems", "TacitModel", "TacitText", "TacitTensor",
        "TacitCheckpoint", "TacitStatistics", "TacitRandom", "TacitJSON", "TacitFault", collections,
      ],
      swiftSettings: hotSettings),
    .target(
      name: "TacitBench",
      dependencies: [
        "TacitModel", "TacitTensor", "TacitCheckpoint", "TacitRandom", "TacitJSON", "TacitFault",
        "CKernels", collections,
      ],
      swiftSettings: hotSettings),
    .target(
      name: "TacitRecipe",
      dependencies: [
        "CLuaBridge", "TacitReasoning", "TacitModel", "TacitCheckpoint", "TacitTrain", "TacitJSON",
        "TacitFault", collections,
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "TacitProblems", dependencies: ["TacitRandom", "TacitJSON"],
      swiftSettings: swiftSettings),
    .target(
      name: "TacitEval",
      dependencies: [
        "TacitReasoning", "TacitModel", "TacitCheckpoint", "TacitStatistics", "TacitRandom",
        "TacitJSON", "TacitFault", collections, mustache,
      ],
      resources: [.copy("Resources/datasets"), .copy("Resources/report")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "tacit",
      dependencies: [
        "TacitRecipe", "TacitTrain", "TacitBench", "TacitEval", "TacitProblems", "TacitStrategies",
        "TacitReasoning", "TacitModel", "TacitText", "TacitTensor", "TacitCheckpoint", "TacitJSON",
        "TacitFault",
        argumentParser, collections,
      ],
      swiftSettings: swiftSettings),

    .target(
      name: "TacitTesting",
      dependencies: [
        "TacitStrategies", "TacitReasoning", "TacitModel", "TacitTensor", "TacitCheckpoint",
        "TacitJSON",
      ],
      path: "Tests/TacitTesting", swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitFaultTests", dependencies: ["TacitFault"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitJSONTests", dependencies: ["TacitJSON"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitRandomTests", dependencies: ["TacitRandom"], swiftSettings: hotSettings),
    .testTarget(
      name: "TacitStatisticsTests",
      dependencies: ["TacitStatistics", "TacitRandom", "TacitTesting", "TacitJSON"],
      swiftSettings: hotSettings),
    .testTarget(
      name: "TacitTensorTests", dependencies: ["TacitTensor", "CKernels"],
      swiftSettings: hotSettings),
    .testTarget(
      name: "TacitCheckpointTests", dependencies: ["TacitCheckpoint", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitTextTests", dependencies: ["TacitText", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitModelTests",
      dependencies: ["TacitModel", "TacitRandom", "TacitTesting", "CKernels"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitReasoningTests", dependencies: ["TacitReasoning", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitStrategiesTests", dependencies: ["TacitStrategies", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitTrainTests", dependencies: ["TacitTrain", "TacitTesting"],
      swiftSettings: hotSettings),
    .testTarget(
      name: "TacitBenchTests", dependencies: ["TacitBench", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitRecipeTests", dependencies: ["TacitRecipe", "CLuaBridge", "TacitTesting"],
      exclude: ["Recipes"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitProblemsTests", dependencies: ["TacitProblems", "TacitEval"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitEvalTests", dependencies: ["TacitEval", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitCommandTests", dependencies: ["TacitTesting", "tacit"],
      swiftSettings: swiftSettings),
  ]
)
