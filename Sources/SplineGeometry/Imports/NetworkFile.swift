import Compute
import Foundation
import Networks

/// A network as a file has it, of ours or of another program.
public enum NetworkFile: Sendable {
  /// Layers one after another, with any activations: a safetensors file.
  case model(Model)
  /// A piecewise-affine network with connections that skip layers, or with other modules.
  case imported(ImportedNetwork)

  /// Reads an ONNX file (by its ending), or a safetensors file.
  ///
  /// - Parameters:
  ///   - overrides: of safetensors files.
  ///   - skipFactor: what a concatenation of features and the network's inputs is multiplied by:
  ///     1/√2 in IGR and SAL. Of safetensors files; ONNX files say it.
  /// - Throws: ``ONNXError``, ``ModelFileError`` or ``SplineNetworkError``.
  public static func read(
    _ path: String, overrides: ModelOverrides = ModelOverrides(), skipFactor: Double = 1
  ) throws -> NetworkFile {
    if isONNX(path) { return .imported(try ImportedNetwork(onnx: path)) }
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.read(path) } catch {
      throw ModelFileError.container(error)
    }
    if let model = try chain(in: file, path, overrides) { return .model(model) }
    return .imported(
      try ImportedNetwork(
        stateDictionary: file, from: path, overrides: overrides, skipFactor: skipFactor))
  }

  public static func isONNX(_ path: String) -> Bool { path.lowercased().hasSuffix(".onnx") }

  /// The model if the layers are a plain chain.
  private static func chain(
    in file: Safetensors, _ path: String, _ overrides: ModelOverrides
  ) throws(ModelFileError) -> Model? {
    // Names alone tell residual blocks from a chain.
    let modules = try? StateModules(in: file, prefix: overrides.prefix, path: path)
    if modules?.hasOtherModules == true { return nil }
    do throws(ModelFileError) {
      return try Model(file, from: path, overrides: overrides)
    } catch {
      guard case .noChain = error else { throw error }
      return nil
    }
  }

  /// - Throws: if the network is not piecewise affine.
  public func spline() throws(SplineNetworkError) -> SplineNetwork {
    switch self {
    case .model(let model): try SplineNetwork(model.network)
    case .imported(let imported): imported.network
    }
  }

  public var remarks: [ImportedNetwork.Remark] {
    switch self {
    case .model(let model): model.activationSource == .assumed ? [.assumedReLU] : []
    case .imported(let imported): imported.remarks
    }
  }

  /// Strings that stand beside the network.
  public var metadata: [String: String] {
    switch self {
    case .model(let model): model.metadata
    case .imported(let imported): imported.metadata
    }
  }
}
