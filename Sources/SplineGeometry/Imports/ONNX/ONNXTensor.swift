import Compute
import Foundation

/// A dense constant of an ONNX graph, in C order.
struct ONNXTensor: Sendable {
  var shape: [Int]
  /// Integers up to 2⁵³ are exact.
  var elements: [Double]
  var isFloatingPoint = true

  init(shape: [Int], elements: [Double]) {
    self.shape = shape
    self.elements = elements
  }

  var integers: [Int]? {
    let integers = elements.compactMap { Int(exactly: $0) }
    return integers.count == elements.count ? integers : nil
  }

  /// The row that all rows along the last axis are equal to, of a constant for a fixed number of
  /// points.
  var commonRow: ONNXTensor? {
    guard let width = shape.last, width > 0, !isVector else { return nil }
    let isCommon = elements.indices.allSatisfy { elements[$0] == elements[$0 % width] }
    return isCommon && !elements.isEmpty
      ? ONNXTensor(shape: [width], elements: Array(elements.prefix(width))) : nil
  }

  /// Whether all of the shape but the last length is 1.
  var isVector: Bool { shape.dropLast().allSatisfy { $0 == 1 } }
}

extension ONNXTensor {
  /// Numbers of the enumeration `TensorProto.DataType`.
  private enum ElementType: Int {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case int32 = 6
    case int64 = 7
    case bool = 9
    case float16 = 10
    case double = 11
    case bfloat16 = 16
  }

  /// What the fields of a `TensorProto` say.
  private struct Fields {
    var shape: [Int] = []
    var type = 0
    var numbers: [Double] = []
    var raw: ArraySlice<UInt8>?
    var external: [String: String] = [:]
    var isExternal = false
  }

  /// The tensor of a `TensorProto`, and its name.
  ///
  /// - Parameter externalData: the bytes of a file beside the model.
  static func decode(
    _ message: ArraySlice<UInt8>, externalData: (String) throws(ONNXProblem) -> Data
  ) throws(ONNXProblem) -> (name: String, tensor: ONNXTensor) {
    var (name, fields) = ("", Fields())
    do throws(ProtobufReader.Problem) {
      var reader = ProtobufReader(message)
      while let (number, field) = try reader.next() {
        switch number {
        case 1: fields.shape += try field.integers()
        case 2: fields.type = field.integer ?? 0
        case 4: fields.numbers += try field.floats()
        case 5, 7: fields.numbers += try field.integers().map { Double($0) }
        case 8: name = field.text ?? ""
        case 9: fields.raw = field.content
        case 10: fields.numbers += try field.doubles()
        case 13:
          let entry = try keyAndValue(field.content ?? [])
          fields.external[entry.key] = entry.value
        case 14: fields.isExternal = field.integer == 1
        default: break
        }
      }
    } catch { throw .damaged("\(error)") }
    if fields.isExternal { fields.raw = try external(fields, name, externalData)[...] }
    return (name, try ONNXTensor(fields, name: name))
  }

  /// A `StringStringEntryProto`.
  static func keyAndValue(
    _ message: ArraySlice<UInt8>
  ) throws(ProtobufReader.Problem) -> (key: String, value: String) {
    var (key, value) = ("", "")
    var reader = ProtobufReader(message)
    while let (number, field) = try reader.next() {
      if number == 1 { key = field.text ?? "" }
      if number == 2 { value = field.text ?? "" }
    }
    return (key, value)
  }

  /// The part of another file that is the tensor.
  private static func external(
    _ fields: Fields, _ name: String, _ data: (String) throws(ONNXProblem) -> Data
  ) throws(ONNXProblem) -> [UInt8] {
    let location = fields.external["location"] ?? ""
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !parts.contains(".."), !location.hasPrefix("/") else {
      throw .tensor(
        name: name,
        problem: "is in the file \"\(location)\"; expected a file beside the model or below")
    }
    let whole = try data(location)
    let offset = fields.external["offset"].map { Int($0) ?? -1 } ?? 0
    let length = fields.external["length"].map { Int($0) ?? -1 } ?? whole.count - offset
    guard offset >= 0, length >= 0, offset <= whole.count, length <= whole.count - offset else {
      throw .tensor(
        name: name,
        problem: "is \(length) bytes from byte \(offset) of \(location), which has \(whole.count); "
          + "copy both files again")
    }
    return Array(whole.dropFirst(offset).prefix(length))
  }

  private init(_ fields: Fields, name: String) throws(ONNXProblem) {
    guard let type = ElementType(rawValue: fields.type) else {
      throw .tensor(
        name: name,
        problem: "has elements of the type \(fields.type); expected real numbers or integers")
    }
    guard let count = Self.count(of: fields.shape) else {
      throw .damaged("the tensor \(name) has the shape \(fields.shape)")
    }
    shape = fields.shape
    isFloatingPoint = [.float, .float16, .double, .bfloat16].contains(type)
    if let raw = fields.raw {
      elements = Self.numbers(raw, type)
    } else if type == .float16 || type == .bfloat16 {
      elements = fields.numbers.map { bits in
        let bits = UInt16(truncatingIfNeeded: Int(exactly: bits) ?? 0)
        return type == .float16
          ? Double(Float16(bitPattern: bits)) : Double(Float(bitPattern: UInt32(bits) << 16))
      }
    } else {
      elements = fields.numbers
    }
    guard elements.count == count else {
      throw .damaged(
        "the tensor \(name) of the shape \(shape) has \(elements.count) elements, expected \(count)"
      )
    }
  }

  /// The elements of a shape; `nil` if they are too many to count, or a length is negative.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  private static func numbers(_ bytes: ArraySlice<UInt8>, _ type: ElementType) -> [Double] {
    func read(_ size: Int, _ number: (UInt64) -> Double) -> [Double] {
      stride(from: bytes.startIndex, through: bytes.endIndex - size, by: size).map { start in
        var bits: UInt64 = 0
        for k in 0..<size { bits |= UInt64(bytes[start + k]) << (8 * UInt64(k)) }
        return number(bits)
      }
    }
    return switch type {
    case .float: read(4) { Double(Float(bitPattern: UInt32($0))) }
    case .uint8: read(1) { Double($0) }
    case .int8: read(1) { Double(Int8(bitPattern: UInt8($0))) }
    case .int32: read(4) { Double(Int32(bitPattern: UInt32($0))) }
    case .int64: read(8) { Double(Int64(bitPattern: $0)) }
    case .bool: read(1) { $0 == 0 ? 0 : 1 }
    case .float16: read(2) { Double(Float16(bitPattern: UInt16($0))) }
    case .double: read(8) { Double(bitPattern: $0) }
    case .bfloat16: read(2) { Double(Float(bitPattern: UInt32($0) << 16)) }
    }
  }
}
