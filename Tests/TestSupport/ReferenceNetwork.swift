import Compute
import Foundation
import Networks

/// A slow twin of the engine in double precision, one sample after the other.
///
/// It shares no formula with the engine: activations are values of ``Dual`` numbers, complex
/// matrices multiply complex numbers. Gradients are ∂L/∂Re + i ∂L/∂Im.
public struct ReferenceNetwork: Sendable, Equatable {
  public struct Map: Sendable, Equatable {
    public let inputs: Int
    public let outputs: Int
    public let field: Field
    /// `[outputs, inputs]`, row by row.
    public var weight: [Complex]
    public var bias: [Complex]
  }

  public struct Layer: Sendable, Equatable {
    public var maps: [Map]
    public var activation: ReferenceActivation?
  }

  public var layers: [Layer]
  public let encoding: Encoding
  /// Coordinates of a point.
  public let inputs: Int

  public init(_ network: Network) {
    layers = network.layers.map { layer in
      Layer(
        maps: layer.maps.map(Map.init),
        activation: layer.activation.map {
          ReferenceActivation(name: name(of: $0), constants: $0.values.map(Double.init))
        })
    }
    encoding = network.encoding
    inputs = network.inputs
  }

  /// The same network with constants that a `Float` cannot hold, such as 0.1.
  public func replacingConstants(_ values: [String: Double]) -> ReferenceNetwork {
    var copy = self
    for k in layers.indices {
      guard let activation = layers[k].activation,
        let type = ActivationTable.all.first(where: { $0.name == activation.name })
      else { continue }
      copy.layers[k].activation?.constants = zip(type.constants, activation.constants).map {
        values[$0.name] ?? $1
      }
    }
    return copy
  }

  public var outputs: Int { layers[layers.count - 1].maps[0].outputs }

  /// Values of a point.
  public func values(at x: [Double]) -> [Double] {
    trace(x, .training).outputs.map(\.real)
  }

  /// Values of points given one a row, one row a point.
  public func values(at points: Matrix) -> [Double] {
    (0..<points.rows).flatMap { values(at: points.row($0)) }
  }
}

extension ReferenceNetwork.Map {
  init(_ map: LinearMap) {
    inputs = map.inputs
    outputs = map.outputs
    field = map.field
    weight = Self.join(map.weight.elements, map.imaginary?.weight.elements)
    bias = Self.join(map.bias, map.imaginary?.bias)
  }

  private static func join(_ real: [Float], _ imaginary: [Float]?) -> [Complex] {
    real.indices.map { Complex(Double(real[$0]), Double(imaginary?[$0] ?? 0)) }
  }

  /// `W h`, and the bias if it is wanted.
  func apply(_ h: [Complex], adding bias: [Complex]? = nil) -> [Complex] {
    (0..<outputs).map { o in
      (0..<inputs).reduce(bias?[o] ?? Complex(0)) { $0 + weight[o * inputs + $1] * h[$1] }
    }
  }

  /// `Wᴴ g`.
  func applyAdjoint(_ g: [Complex]) -> [Complex] {
    (0..<inputs).map { i in
      (0..<outputs).reduce(Complex(0)) { $0 + weight[$1 * inputs + i].conjugate * g[$1] }
    }
  }
}

extension ReferenceNetwork {
  /// What a pass leaves behind: the input of each layer, and the hidden layers' values.
  struct Trace {
    var inputs: [[Complex]] = []
    var values: [[ComplexDual]] = []
    var outputs: [Complex] = []
  }

  func trace(_ x: [Double], _ derivative: ReferenceActivation.Derivative) -> Trace {
    var trace = Trace()
    var h = features(x).map { Complex($0.value) }
    for layer in layers {
      trace.inputs.append(h)
      let z = layer.maps.map { $0.apply(h, adding: $0.bias) }
      guard let activation = layer.activation else {
        trace.outputs = z[0]
        break
      }
      let values = z[0].indices.map {
        activation.value(z[0][$0], z.count > 1 ? z[1][$0] : Complex(0), derivative)
      }
      trace.values.append(values)
      h = values.map { Complex($0.real.value, $0.imaginary.value) }
    }
    return trace
  }

  /// The encoding of a point, with derivatives with respect to its coordinates.
  func features(_ x: [Double]) -> [Dual] {
    let x = x.enumerated().map { Dual($1, lane: $0) }
    switch encoding {
    case .none: return x
    case .positional(let frequencies):
      return (0..<frequencies).reduce(into: x) { features, k in
        let phases = x.map { Dual(pow(2, Double(k)) * .pi) * $0 }
        features += phases.map { sin($0) } + phases.map { cos($0) }
      }
    case .fourier(let frequencies):
      let phases = (0..<frequencies.rows).map { row in
        x.indices.reduce(Dual(0)) {
          $0 + Dual(2 * .pi * Double(frequencies[row, $1])) * x[$1]
        }
      }
      return phases.map { sin($0) } + phases.map { cos($0) }
    case .grid(let grid): return grid.features(x)
    }
  }
}

extension Matrix {
  /// A row, in double precision.
  public func row(_ index: Int) -> [Double] {
    (0..<columns).map { Double(self[index, $0]) }
  }
}
