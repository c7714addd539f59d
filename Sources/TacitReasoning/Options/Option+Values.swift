// How each type of option is declared.

extension Option where Value: OptionConvertible {
  /// An option with a default.
  /// - Parameters:
  ///   - wrappedValue: The default.
  ///   - summary: One sentence: what it does.
  ///   - name: Name in recipes; nil is the property's label in snake case.
  public init(wrappedValue: Value, _ summary: String, name: String? = nil) {
    self.init(summary, Value.optionKind, name: name, default: wrappedValue)
  }

  /// An option that must be given or, where its type is optional, may be left unset.
  public init(_ summary: String, name: String? = nil) {
    self.init(summary, Value.optionKind, name: name, default: Value.unset)
  }

  private init(_ summary: String, _ kind: OptionKind, name: String?, default value: Value?) {
    self.init(
      summary, kind, name: name, value: value, default: value?.optionValue,
      read: { value, _ in try Value(optionValue: value) }, write: { $0.optionValue })
  }
}

extension Option where Value: BoundedOption {
  /// A number within bounds such as `0...1`, `1...` or `...9`, with a default.
  public init(
    wrappedValue: Value, _ summary: String, _ bounds: some OptionBounds<Value.Bound>,
    name: String? = nil
  ) {
    self.init(
      summary, Value.optionKind(minimum: bounds.minimum, maximum: bounds.maximum), name: name,
      default: wrappedValue)
  }

  /// A number within bounds that must be given or, where its type is optional, may be left unset.
  public init(_ summary: String, _ bounds: some OptionBounds<Value.Bound>, name: String? = nil) {
    self.init(
      summary, Value.optionKind(minimum: bounds.minimum, maximum: bounds.maximum), name: name,
      default: Value.unset)
  }
}

extension Option where Value == any Feedback {
  /// What makes the next row of a latent span; the default is not named in recipes' hashes.
  public init(wrappedValue: any Feedback, _ summary: String, name: String? = nil) {
    self.init(
      summary, .feedback, name: name, value: wrappedValue, default: nil,
      read: { value, registry in
        if case .plugin(let plugin) = value { try registry.makeFeedback(plugin) } else { nil }
      })
  }
}

extension Option where Value == [any Refiner] {
  /// The option `refine`: what changes a row before it is read.
  public init(wrappedValue: [any Refiner]) {
    self.init(
      "Refiners of every thought before it is read, applied in this order.", .refiners,
      name: "refine", value: wrappedValue, default: .plugins([]),
      read: { value, registry in
        if case .plugins(let plugins) = value { try plugins.map(registry.makeRefiner) } else { nil }
      })
  }
}

extension Option where Value == [PipelineStage] {
  /// Stages that must be given.
  public init(_ summary: String, name: String? = nil) {
    self.init(
      summary, .stages, name: name, value: nil, default: nil,
      read: { value, registry in
        guard case .plugins(let plugins) = value else { return nil }
        return try plugins.map { try PipelineStage($0, registry: registry) }
      })
  }
}
