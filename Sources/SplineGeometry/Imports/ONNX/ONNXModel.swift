import Compute
import Foundation

/// A node of an ONNX graph.
struct ONNXNode: Sendable {
  struct Attribute: Sendable {
    var float = 0.0
    var integer = 0
    var text = ""
    var tensor: ONNXTensor?
    var floats: [Double] = []
    var integers: [Int] = []
    /// A number of the enumeration `AttributeProto.AttributeType`.
    var type = 0
  }

  /// Empty names stand for operands that are left out.
  var inputs: [String] = []
  var outputs: [String] = []
  var givenName = ""
  var operation = ""
  var domain = ""
  var attributes: [String: Attribute] = [:]

  /// For messages.
  var name: String { givenName.isEmpty ? outputs.first ?? "without a name" : givenName }
}

/// What is read of an ONNX file.
///
/// - Source: onnx.proto of the ONNX project, whose field numbers stand below.
struct ONNXModel: Sendable {
  /// An input of the graph.
  struct Input: Sendable {
    var name = ""
    /// Lengths that are numbers; `nil` if the file gives no shape.
    var shape: [Int?]?
  }

  private(set) var nodes: [ONNXNode] = []
  private(set) var initializers: [String: ONNXTensor] = [:]
  private(set) var inputs: [Input] = []
  private(set) var outputs: [String] = []
  /// What `metadata_props` say.
  private(set) var metadata: [String: String] = [:]

  /// Elements of all floating-point constants.
  var parameterCount: Int {
    let constants = nodes.compactMap { $0.attributes["value"]?.tensor }
    return (initializers.values + constants).reduce(0) {
      $0 + ($1.isFloatingPoint ? $1.elements.count : 0)
    }
  }

  static func read(_ path: String) throws(ONNXError) -> ONNXModel {
    let data: Data
    do throws(FileError) { data = try readFile(path) } catch {
      throw ONNXError(path, .notReadable(error))
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    var files: [String: Data] = [:]
    do throws(ONNXProblem) {
      return try ONNXModel([UInt8](data)[...]) { location throws(ONNXProblem) in
        if let known = files[location] { return known }
        do throws(FileError) {
          let data = try readFile(folder.appending(path: location).relativePath)
          files[location] = data
          return data
        } catch { throw .notReadable(error) }
      }
    } catch { throw ONNXError(path, error) }
  }

  /// - Parameter externalData: the bytes of a file beside the model.
  init(
    _ bytes: ArraySlice<UInt8>, externalData: (String) throws(ONNXProblem) -> Data
  ) throws(ONNXProblem) {
    let graphs: [ArraySlice<UInt8>]
    do throws(ProtobufReader.Problem) {
      graphs = try Self.fields(of: bytes, numbered: 7)
      for entry in try Self.fields(of: bytes, numbered: 14) {
        let (key, value) = try ONNXTensor.keyAndValue(entry)
        metadata[key] = value
      }
    } catch {
      // Exporters write the first field, the version of the format, first.
      guard bytes.first == 0x08 else { throw .notONNX("its first bytes are no field of a model") }
      throw .damaged("\(error)")
    }
    guard let graph = graphs.first else {
      throw .notONNX("found \(bytes.isEmpty ? "an empty file" : "no graph")")
    }
    var reader = ProtobufReader(graph)
    while true {
      let next: (number: Int, field: ProtobufReader.Field)?
      do throws(ProtobufReader.Problem) { next = try reader.next() } catch {
        throw .damaged("\(error)")
      }
      guard let (number, field) = next else { break }
      guard let content = field.content else { continue }
      switch number {
      case 1: nodes.append(try Self.node(content, externalData))
      case 5:
        let (name, tensor) = try ONNXTensor.decode(content, externalData: externalData)
        initializers[name] = tensor
      case 11: inputs.append(try Self.input(content))
      case 12: outputs.append(try Self.input(content).name)
      case 15: throw .damaged("it has sparse initializers, which are not read")
      default: break
      }
    }
  }

  private static func fields(
    of bytes: ArraySlice<UInt8>, numbered wanted: Int
  ) throws(ProtobufReader.Problem) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    var reader = ProtobufReader(bytes)
    while let (number, field) = try reader.next() {
      if number == wanted, let content = field.content { found.append(content) }
    }
    return found
  }

  private static func node(
    _ message: ArraySlice<UInt8>, _ externalData: (String) throws(ONNXProblem) -> Data
  ) throws(ONNXProblem) -> ONNXNode {
    var node = ONNXNode()
    var attributes: [ArraySlice<UInt8>] = []
    do throws(ProtobufReader.Problem) {
      var reader = ProtobufReader(message)
      while let (number, field) = try reader.next() {
        switch number {
        case 1: node.inputs.append(field.text ?? "")
        case 2: node.outputs.append(field.text ?? "")
        case 3: node.givenName = field.text ?? ""
        case 4: node.operation = field.text ?? ""
        case 5: attributes.append(field.content ?? [])
        case 7: node.domain = field.text ?? ""
        default: break
        }
      }
    } catch { throw .damaged("\(error)") }
    for attribute in attributes {
      let (name, value) = try Self.attribute(attribute, externalData)
      node.attributes[name] = value
    }
    return node
  }

  private static func attribute(
    _ message: ArraySlice<UInt8>, _ externalData: (String) throws(ONNXProblem) -> Data
  ) throws(ONNXProblem) -> (name: String, ONNXNode.Attribute) {
    var (name, value) = ("", ONNXNode.Attribute())
    var tensor: ArraySlice<UInt8>?
    do throws(ProtobufReader.Problem) {
      var reader = ProtobufReader(message)
      while let (number, field) = try reader.next() {
        switch number {
        case 1: name = field.text ?? ""
        case 2: value.float = field.float ?? 0
        case 3: value.integer = field.integer ?? 0
        case 4: value.text = field.text ?? ""
        case 5: tensor = field.content
        case 7: value.floats += try field.floats()
        case 8: value.integers += try field.integers()
        case 20: value.type = field.integer ?? 0
        default: break
        }
      }
    } catch { throw .damaged("\(error)") }
    if let tensor {
      value.tensor = try ONNXTensor.decode(tensor, externalData: externalData).tensor
    }
    return (name, value)
  }

  /// A `ValueInfoProto`: a name, and the shape inside of its type.
  private static func input(_ message: ArraySlice<UInt8>) throws(ONNXProblem) -> Input {
    do throws(ProtobufReader.Problem) {
      var input = Input()
      var reader = ProtobufReader(message)
      while let (number, field) = try reader.next() {
        if number == 1 { input.name = field.text ?? "" }
        guard number == 2, let type = field.content,
          let tensorType = try fields(of: type, numbered: 1).last,
          let shape = try fields(of: tensorType, numbered: 2).last
        else { continue }
        input.shape = []
        for dimension in try fields(of: shape, numbered: 1) {
          var length: Int?
          var reader = ProtobufReader(dimension)
          while let (number, field) = try reader.next() {
            if number == 1 { length = field.integer.flatMap { $0 > 0 ? $0 : nil } }
          }
          input.shape?.append(length)
        }
      }
      return input
    } catch { throw .damaged("\(error)") }
  }
}
