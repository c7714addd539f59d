import TacitJSON
import TacitReasoning

extension OptionValue {
  /// The value that JSON stands for; nil for null.
  public init?(_ json: JSON) {
    switch json {
    case .null: return nil
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.compactMap { OptionValue($0) })
    case .object(let members): self = .table(members.compactMapValues { OptionValue($0) })
    }
  }
}
