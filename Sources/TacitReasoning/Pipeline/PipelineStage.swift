import TacitFault

/// One stage of a pipeline, with what composition checking and the run hash need of it.
public struct PipelineStage: Sendable {
  /// Name in messages and traces.
  public let name: String
  /// What earlier stages must have provided.
  public let requires: Set<Capability>
  /// What later stages may rely on.
  public let provides: Set<Capability>
  /// Where the recipe names it; nil when Swift code made it.
  public let location: SourceLocation?
  /// The plugin and its options; nil for a stage that is written in the recipe or made in Swift.
  public let plugin: ConfiguredPlugin?
  /// What runs.
  public let body: any StageBody

  /// A stage of the registry.
  /// - Throws: as ``PluginRegistry/make(_:)``.
  public init(_ plugin: ConfiguredPlugin, registry: PluginRegistry) throws {
    name = plugin.manifest.name
    requires = plugin.manifest.requires
    provides = plugin.manifest.provides
    location = plugin.location
    self.plugin = plugin
    body = try registry.makeStage(plugin)
  }

  /// A stage that Swift code made.
  /// - Throws: ``Fault`` for options that are out of bounds, missing or contradict each
  ///   other.
  public init(_ stage: any Stage) throws {
    let about = type(of: stage).about
    do throws(any Error) {
      try stage.checkOptions()
    } catch let fault as Fault where fault.place.isEmpty {
      throw fault.within(type(of: stage).subject)
    }
    self.init(
      name: type(of: stage).name, requires: about.requires, provides: about.provides,
      location: nil, body: stage)
  }

  /// A stage that is written in the recipe itself.
  public init(
    name: String, requires: Set<Capability>, provides: Set<Capability>, location: SourceLocation?,
    body: any StageBody
  ) {
    self.name = name
    self.requires = requires
    self.provides = provides
    self.location = location
    plugin = nil
    self.body = body
  }
}

extension Fault {
  /// The same fault with the stage in which it came up and the line that names it, as far as it does
  /// not say so itself: a stage within the stage has.
  func within(_ stage: PipelineStage) -> Fault {
    if let file = stage.location?.file, position.hasPrefix("\(file):"),
      "\(self)".contains("stage '")
    {
      return self
    }
    let named = within(unlessSaid: "stage '\(stage.name)'")
    return stage.location.map { named.within("\($0)") } ?? named
  }
}

extension Array where Element == PipelineStage {
  /// Finds what does not fit the models.
  /// - Throws: ``Fault`` of the first stage that the models cannot serve.
  public func check(_ models: ReasoningModels) throws {
    for stage in self {
      do {
        try (stage.body as? any Stage)?.check(models)
      } catch let fault as Fault {
        throw fault.within(stage)
      }
    }
  }

  /// Every stage whose needs are not met by those before it, in order; `provided` is what is there
  /// before the first.
  public func compositionFaults(after provided: Set<Capability> = []) -> [Fault] {
    var provided = provided
    var faults: [Fault] = []
    for (index, stage) in enumerated() {
      let missing = stage.requires.subtracting(provided).sorted()
      if !missing.isEmpty { faults.append(fault(of: index, missing)) }
      if stage.requires.contains(.candidates) { provided.remove(.candidates) }
      provided.formUnion(stage.provides)
    }
    return faults
  }

  private func fault(of index: Int, _ missing: [Capability]) -> Fault {
    let stage = self[index]
    let needs = missing.map { "'\($0.rawValue)'" }.joined(separator: " and ")
    let before = self[..<index].map { stage in
      stage.location.map { "\(stage.name) (\($0))" } ?? stage.name
    }
    return Fault(
      stage.location?.file ?? "", line: stage.location?.line,
      message: "stage '\(stage.name)' needs \(needs), which no earlier stage provides",
      hint: "stages before it: " + (before.isEmpty ? "none" : before.joined(separator: ", ")))
  }
}
