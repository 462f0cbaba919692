/// What parsing and the help text need to know of one operand, an argument that is no option.
package struct OperandSpecification: Sendable, Equatable {
  package enum Arity: Sendable {
    case required, optional
    /// One or more; stands last.
    case repeating
  }

  /// In capitals: `PHOTO.png`.
  package let name: String
  package let arity: Arity
  package let help: String

  /// As it stands in the usage line.
  var usage: String {
    switch arity {
    case .required: name
    case .optional: "[\(name)]"
    case .repeating: "\(name)..."
    }
  }
}

/// Something that a table of operands can hold.
package protocol OperandDefinition: Sendable {
  var specification: OperandSpecification { get }
}

/// An operand, and the key under which ``ParsedArguments`` has it.
package struct Operand<Value: Sendable>: OperandDefinition {
  package let specification: OperandSpecification
  let value: @Sendable (_ texts: [String]) -> Value
}

extension Operand where Value == String {
  package static func required(_ name: String, help: String) -> Operand {
    Operand(specification: OperandSpecification(name: name, arity: .required, help: help)) { $0[0] }
  }
}

extension Operand where Value == String? {
  package static func optional(_ name: String, help: String) -> Operand {
    Operand(specification: OperandSpecification(name: name, arity: .optional, help: help)) {
      $0.first
    }
  }
}

extension Operand where Value == [String] {
  package static func repeating(_ name: String, help: String) -> Operand {
    Operand(specification: OperandSpecification(name: name, arity: .repeating, help: help)) { $0 }
  }
}
