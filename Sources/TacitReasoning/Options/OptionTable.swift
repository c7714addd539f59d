/// Options that stand in a table of their own, as the value of an option or in a list.
public protocol OptionTable: Configurable, OptionElement {}

extension OptionTable {
  /// A table of these options.
  public static var optionKind: OptionKind { .table(declaredOptions) }

  /// A list of such tables, at least one.
  public static var optionListKind: OptionKind { .tables(declaredOptions) }

  /// Reads a table.
  /// - Throws: as ``Configurable/init(options:registry:)``.
  public init?(optionValue: OptionValue) throws {
    switch optionValue {
    case .table(let members): try self.init(options: members)
    // A table without names is a list without elements, too.
    case .list([]): try self.init(options: [:])
    default: return nil
    }
  }

  /// All options that are set, defaults included.
  public var optionValue: OptionValue? { .table(optionValues) }
}
