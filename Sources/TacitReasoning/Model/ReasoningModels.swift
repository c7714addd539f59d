import TacitFault

/// The models of a pipeline: the one that reasons, and others that stages ask for by role.
public struct ReasoningModels: Sendable {
  /// The model that reasons.
  public let main: ReasoningModel
  /// Other models by role, such as "strong" and "weak".
  public let others: [String: ReasoningModel]

  /// Collects models.
  public init(main: ReasoningModel, others: [String: ReasoningModel] = [:]) {
    self.main = main
    self.others = others
  }

  /// The model of a role; "main" is the one that reasons.
  /// - Throws: ``Fault`` when the pipeline names no model for it.
  public func model(_ role: String) throws(Fault) -> ReasoningModel {
    if role == "main" { return main }
    guard let model = others[role] else {
      throw Fault(
        expected: "a model for the role '\(role)'", found: "none",
        hint: "name it in the pipeline: models = { \(role) = \"…\" }")
    }
    return model
  }
}
