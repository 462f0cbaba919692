import Foundation

/// A JSON value of any kind.
public enum JSON: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Any other number: `JSON(value)` chooses between the two.
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// A number whose text is as short as one that still reads back as `value`.
  public init(_ value: Float) {
    let short = Double(value.description) ?? Double(value)
    self.init(Float(short) == value ? short : Double(value))
  }

  /// A whole number becomes an ``integer(_:)``, as it does when read.
  public init(_ value: Double) {
    let isNegativeZero = value == 0 && value.sign == .minus
    let integer = isNegativeZero ? nil : Int(exactly: value)
    self = integer.map(JSON.integer) ?? .number(value)
  }

  /// The value as a `Float`; also of the strings that stand for numbers that JSON lacks.
  public var float: Float? {
    switch self {
    case .integer(let value): Float(value)
    case .number(let value): Float(value)
    case .string("nan"): .nan
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: nil
    }
  }

  public init(from decoder: any Decoder) throws {
    // Recursion would end the program on JSON that is nested too deeply.
    guard decoder.codingPath.count <= 64 else {
      let context = DecodingError.Context(
        codingPath: [], debugDescription: "it is nested more than 64 levels deep")
      throw DecodingError.dataCorrupted(context)
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      let integer = try? container.decode(Int.self)
      let isNegativeZero = value == 0 && value.sign == .minus
      self = isNegativeZero ? .number(value) : integer.map(JSON.integer) ?? .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else {
      do {
        self = .array(try container.decode([JSON].self))
      } catch DecodingError.typeMismatch {
        self = .object(try container.decode([String: JSON].self))
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }
}

extension JSON {
  /// The text of a string.
  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }
}
