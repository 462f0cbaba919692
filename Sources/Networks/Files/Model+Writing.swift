import Compute
import Foundation

extension Model {
  /// Writes the file; reading it back gives the same network bit for bit.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded, to: path)
  }

  /// The bytes of the file that ``write(to:)`` writes.
  public var encoded: Data {
    var tensors: [Safetensors.Tensor] = []
    if case .fourier(let frequencies) = network.encoding {
      tensors.append(
        Safetensors.Tensor(
          Self.frequenciesName, shape: [frequencies.rows, frequencies.columns],
          frequencies.elements))
    }
    if case .grid(let grid) = network.encoding {
      let shape = [grid.tables.count / grid.features, grid.features]
      tensors.append(Safetensors.Tensor(Self.tablesName, shape: shape, grid.tables))
    }
    for (k, layer) in network.layers.enumerated() {
      for (map, suffix) in zip(layer.maps, ["", "_orth"]) {
        tensors += map.tensors(
          weight: "layers.\(k).weight\(suffix)", bias: "layers.\(k).bias\(suffix)")
      }
    }
    var metadata = metadata
    metadata[ModelConfiguration.metadataKey] = String(
      decoding: encodedJSON(ModelConfiguration(self).json), as: UTF8.self)
    return Safetensors(tensors: tensors, metadata: metadata).encoded
  }

  /// The tensor of the random Fourier features' frequencies `[features, inputs]`.
  static let frequenciesName = "encoding.frequencies"
  /// The tensor of a grid's entries, level by level `[entries, features]`.
  static let tablesName = "encoding.tables"
}

extension LinearMap {
  /// The map as two tensors, complex if it is.
  fileprivate func tensors(weight weightName: String, bias biasName: String)
    -> [Safetensors.Tensor]
  {
    let shape = [weight.rows, weight.columns]
    guard let imaginary else {
      return [
        Safetensors.Tensor(weightName, shape: shape, weight.elements),
        Safetensors.Tensor(biasName, shape: [bias.count], bias),
      ]
    }
    return [
      Safetensors.Tensor(
        weightName, shape: shape, real: weight.elements, imaginary: imaginary.weight.elements),
      Safetensors.Tensor(biasName, shape: [bias.count], real: bias, imaginary: imaginary.bias),
    ]
  }
}
