import Compute
import Foundation
import Networks

/// A network with everything that PyTorch computed from it in double precision; what the files
/// hold and how they were made is told by `make_networks.py` beside them.
public struct GoldenNetwork: Sendable {
  public let name: String
  public let network: Network
  /// The same in double precision.
  public let twin: ReferenceNetwork
  public let input: Matrix
  public let target: Matrix
  public let learningRate: Double
  private let file: Safetensors

  public static let names = [
    "relu", "leaky_relu", "soft_relu", "sine", "finer", "gauss", "gabor_real", "wire",
    "wire_rgb_deep", "wire2d",
  ]

  /// `Tests/NetworksTests/Fixtures`.
  public static var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "NetworksTests/Fixtures")
  }

  public init(_ name: String) throws {
    self.name = name
    file = try Safetensors.read(Self.folder.appending(path: "\(name).safetensors").path)
    let names = [
      "leaky_relu": "leaky-relu", "soft_relu": "soft-relu", "gabor_real": "gabor",
    ]
    let kind = file.metadata["activation"] ?? ""
    let constants = file.metadata.compactMapValues { Float($0) }
    guard let activation = ActivationTable.make(names[kind] ?? kind, constants: constants) else {
      throw GoldenFileError.missing("an activation called \(kind)", file: name)
    }
    var layers: [Layer] = []
    while let map = Self.map(file, layer: layers.count, suffix: "") {
      let second = Self.map(file, layer: layers.count, suffix: "_orth")
      layers.append(Layer(maps: second.map { [map, $0] } ?? [map], activation: activation))
    }
    guard !layers.isEmpty else { throw GoldenFileError.missing("layers", file: name) }
    layers[layers.count - 1].activation = nil
    network = try Network(inputs: layers[0].inputs, layers: layers)
    twin = ReferenceNetwork(network).replacingConstants(
      file.metadata.compactMapValues { Double($0) })
    input = try Self.matrix(file, "input", of: name)
    target = try Self.matrix(file, "target", of: name)
    learningRate = file.metadata["adam_lr"].flatMap { Double($0) } ?? .nan
  }

  /// Numbers that PyTorch computed.
  public func golden(_ tensor: String) throws -> [Double] {
    guard let values = file[tensor]?.doubles else {
      throw GoldenFileError.missing(tensor, file: name)
    }
    return values
  }

  private static func map(_ file: Safetensors, layer: Int, suffix: String) -> LinearMap? {
    guard let weight = file["layers.\(layer).weight\(suffix)"],
      let bias = file["layers.\(layer).bias\(suffix)"]
    else { return nil }
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    func matrix(_ elements: [Float]) -> Matrix {
      Matrix(rows: rows, columns: columns, elements: elements)
    }
    if let (real, imaginary) = weight.complexParts, let biases = bias.complexParts {
      return LinearMap(
        weight: matrix(real), bias: biases.real,
        imaginary: .init(weight: matrix(imaginary), bias: biases.imaginary))
    }
    guard let weights = weight.floats, let biases = bias.floats else { return nil }
    return LinearMap(weight: matrix(weights), bias: biases)
  }

  private static func matrix(_ file: Safetensors, _ tensor: String, of name: String) throws
    -> Matrix
  {
    guard let found = file[tensor], let floats = found.floats else {
      throw GoldenFileError.missing(tensor, file: name)
    }
    return Matrix(rows: found.shape[0], columns: found.shape[1], elements: floats)
  }
}

public enum GoldenFileError: Error, Equatable, CustomStringConvertible {
  case missing(String, file: String)

  public var description: String {
    switch self {
    case .missing(let what, let file): "\(file).safetensors does not hold \(what)"
    }
  }
}
