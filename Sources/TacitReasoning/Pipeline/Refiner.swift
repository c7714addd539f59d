import TacitModel

/// Changes a row of a latent span before the model reads it.
public protocol Refiner: Plugin {
  /// Begins a latent span; what it returns lives as long as the span.
  func begin(_ context: SpanContext) async throws -> any RefinerSpan
}

extension Refiner {
  /// A refiner.
  public static var kind: PluginKind { .refiner }
}

extension Refiner where Self: RefinerSpan {
  /// One that remembers nothing is its own span.
  public func begin(_ context: SpanContext) -> any RefinerSpan { self }
}

/// A refiner at work on one latent span.
public protocol RefinerSpan {
  /// The row to feed in place of `row`, D components each.
  mutating func refine(_ row: [Float], _ thought: Thought) async throws -> [Float]
}

/// What feedbacks and refiners know when a latent span begins.
public struct SpanContext: Sendable {
  /// The models of the pipeline.
  public let models: ReasoningModels
  /// Every row that the sequence has fed before the span.
  public let history: [InputRow]
  let runtime: SampleRuntime

  /// An empty sequence of a model beside the one that reasons; what it reads is charged to the
  /// sample.
  public func sequence(of model: ReasoningModel) -> ModelSequence {
    runtime.root.sibling(on: model.network)
  }
}
