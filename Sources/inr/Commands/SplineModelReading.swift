import Foundation
import Networks
import SplineGeometry

/// A model file for exact geometry: a safetensors file of ours or of another program, or an ONNX
/// file.
struct SplineModel {
  /// What the file holds; `nil` if that is no plain chain of layers, and then there is a spline.
  let model: Model?
  let imported: ImportedNetwork?
  /// Strings that other programs left in the file.
  let metadata: [String: String]
  /// The network without the inputs that `--latent` fixes, or why it is not piecewise affine.
  let spline: Result<SplineNetwork, SplineNetworkError>

  /// Reads a file, and says on the console what had to be assumed.
  ///
  /// - Throws: ``ModelFileError`` or ``ONNXError``, or ``SplineModelError`` if `--latent` or
  ///   `--skip-factor` do not fit the network.
  static func read(
    _ path: String, _ options: ModelOptions, telling console: Console
  ) throws -> SplineModel {
    let file = try NetworkFile.read(
      path, overrides: options.overrides, skipFactor: options.skipFactor ?? 1)
    if options.skipFactor != nil, !file.hasSkipConnections {
      throw SplineModelError.noSkipConnections(path: path)
    }
    var model: Model?
    if case .model(let found) = file { model = found }
    let latent = try options.latent?.numbers() ?? []
    let spline: Result<SplineNetwork, SplineNetworkError>
    do throws(SplineNetworkError) {
      spline = .success(try file.spline().fixingFirstInputs(to: latent))
    } catch {
      guard latent.isEmpty else { throw SplineModelError.latentCode(path: path, error) }
      spline = .failure(error)
    }
    for remark in file.remarks { console.message("\(path) \(remark)") }
    return SplineModel(
      model: model, imported: file.imported, metadata: file.metadata, spline: spline)
  }

  /// Coordinates of a point.
  var inputs: Int {
    switch spline {
    case .success(let network): network.inputs
    case .failure: model?.network.inputs ?? 0
    }
  }

  /// Values of a point.
  var outputs: Int {
    switch spline {
    case .success(let network): network.outputs
    case .failure: model?.network.outputs ?? 0
    }
  }
}

/// Options that do not fit a model file.
enum SplineModelError: Error, Equatable, CustomStringConvertible {
  case noSkipConnections(path: String)
  case latentCode(path: String, SplineNetworkError)

  var description: String {
    switch self {
    case .noSkipConnections(let path):
      "\(path): found --skip-factor, but no layer of a safetensors file that gets the network's inputs "
        + "once more; leave out the option"
    case .latentCode(let path, let error):
      "\(path): --latent: \(error)"
    }
  }
}

extension NetworkFile {
  fileprivate var imported: ImportedNetwork? {
    if case .imported(let imported) = self { imported } else { nil }
  }

  fileprivate var hasSkipConnections: Bool {
    remarks.contains { if case .skipConnections = $0 { true } else { false } }
  }
}
