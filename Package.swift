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
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "tacit",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CJSONC", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),

    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),

    .target(
      name: "TacitJSON", dependencies: ["CJSONC", collections], swiftSettings: hotSettings),
    .target(
      name: "TacitTensor", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: hotSettings),
    .target(
      name: "TacitCheckpoint", dependencies: ["TacitJSON", "TacitTensor", collections],
      resources: [.copy("models")], swiftSettings: swiftSettings),

    .target(
      name: "TacitModel", dependencies: ["TacitTensor", "TacitCheckpoint", "TacitJSON"],
      swiftSettings: hotSettings),

    .target(
      name: "TacitTesting", dependencies: ["TacitCheckpoint", "TacitJSON"],
      path: "Tests/TacitTesting", swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitModelTests", dependencies: ["TacitModel", "TacitTensor", "TacitTesting"],
      swiftSettings: swiftSettings),
    .testTarget(name: "TacitJSONTests", dependencies: ["TacitJSON"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TacitCheckpointTests", dependencies: ["TacitCheckpoint", "TacitJSON", "TacitTesting"],
      swiftSettings: swiftSettings),
  ]
)
