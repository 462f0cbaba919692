import Networks

/// A piecewise-affine network of another program that is no plain chain of layers there.
public struct ImportedNetwork: Sendable {
  public let network: SplineNetwork
  /// Numbers that the file has for it.
  public let parameterCount: Int
  /// What was assumed, or is otherwise not as in the file.
  public let remarks: [Remark]
  /// Strings that other programs left in the file.
  public let metadata: [String: String]
  /// Tensors of a safetensors file that are no part of the network, by name.
  public let ignoredTensors: [String]

  public enum Remark: Sendable, Equatable, CustomStringConvertible {
    case assumedReLU
    case skipConnections(layers: [String], factor: Double)
    case residualBlocks([String])
    case leftOut(function: String)

    public var description: String {
      switch self {
      case .assumedReLU:
        "names no activation; taken for a ReLU network (another one: --activation NAME)"
      case .skipConnections(let layers, let factor):
        "by its shapes, \(layers.joined(separator: ", ")) also \(layers.count == 1 ? "gets" : "get") "
          + "the network's inputs" + (factor == 1 ? "" : ", and all is multiplied by \(factor)")
      case .residualBlocks(let blocks):
        "by their names, \(blocks.joined(separator: ", ")) are taken for residual blocks with "
          + "the activations in front"
      case .leftOut(let function):
        "ends with \(function), which is left out: it is increasing, so level sets stay where they "
          + "are; levels and values are those in front of it"
      }
    }
  }

  /// - Throws: ``ONNXError`` or ``SplineNetworkError``.
  init(onnx path: String) throws {
    let model = try ONNXModel.read(path)
    let found: (value: PiecewiseAffineGraph.Value, omitted: [String])
    let graph: PiecewiseAffineGraph
    do throws(ONNXProblem) {
      var reader = try ONNXGraphReader(model)
      found = try reader.read()
      graph = reader.graph
    } catch { throw ONNXError(path, error) }
    network = try SplineNetwork(graph, output: found.value)
    parameterCount = model.parameterCount
    remarks = found.omitted.map { .leftOut(function: $0) }
    metadata = model.metadata
    ignoredTensors = []
  }

  /// - Throws: ``ModelFileError`` or ``SplineNetworkError``.
  init(
    stateDictionary file: Safetensors, from path: String, overrides: ModelOverrides,
    skipFactor: Double
  ) throws {
    let found = try StateDictionary(in: file, prefix: overrides.prefix, path: path)
    let slope = try Self.slope(of: file, overrides)
    var remarks: [Remark] = slope == nil ? [.assumedReLU] : []
    if !found.skipConnections.isEmpty {
      remarks.append(.skipConnections(layers: found.skipConnections, factor: skipFactor))
    }
    if !found.residualBlocks.isEmpty { remarks.append(.residualBlocks(found.residualBlocks)) }
    network = try found.network(slope: slope ?? 0, skipFactor: skipFactor)
    parameterCount = found.parameterCount
    self.remarks = remarks
    metadata = file.metadata
    ignoredTensors = found.ignored
  }

  /// The slope of the activation that the options or the file's metadata name.
  private static func slope(
    of file: Safetensors, _ overrides: ModelOverrides
  ) throws(SplineNetworkError) -> Double? {
    let name = overrides.activation ?? file.metadata["activation"]
    switch name?.lowercased().replacing("_", with: "-") {
    case nil: return nil
    case "relu": return 0
    case "leaky-relu", "leakyrelu":
      let slope = overrides.constants["slope"] ?? file.metadata["slope"].flatMap { Float($0) }
      return Double(slope ?? LeakyReLU.constants[0].defaultValue)
    case .some(let name): throw .notPiecewiseAffine(layer: 0, activation: name)
    }
  }
}
