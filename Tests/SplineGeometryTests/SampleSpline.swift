import Compute
import Foundation
import Meshes
import Networks
import SplineGeometry
import Testing

/// Networks that the tests make by hand, draw, or read.
enum SampleSpline {
  /// A network from the weights `[units, inputs]` and biases of its layers.
  static func network(
    _ maps: [(weights: [[Float]], biases: [Float])], slope: Float? = nil
  ) throws -> Network {
    var layers = maps.map { map in
      Layer(
        LinearMap(
          weight: Matrix(
            rows: map.weights.count, columns: map.weights[0].count,
            elements: map.weights.flatMap { $0 }),
          bias: map.biases),
        activation: slope.map { LeakyReLU([$0]) } ?? ReLU())
    }
    layers[layers.count - 1].activation = nil
    return try Network(inputs: layers[0].inputs, layers: layers)
  }

  static func spline(
    _ maps: [(weights: [[Float]], biases: [Float])], slope: Float? = nil
  ) throws -> SplineNetwork {
    try SplineNetwork(network(maps, slope: slope))
  }

  /// Normal weights of He's size, and biases around 0.
  static func random(_ sizes: [Int], slope: Float? = nil, seed: UInt64) throws -> Network {
    var random = SplitMix64(seed: seed)
    let maps = zip(sizes, sizes.dropFirst()).map { inputs, units in
      let size = (2 / Double(inputs)).squareRoot()
      return (
        weights: (0..<units).map { _ in
          (0..<inputs).map { _ in Float(random.nextNormal() * size) }
        },
        biases: (0..<units).map { _ in Float(random.nextNormal() * 0.3) }
      )
    }
    return try network(maps, slope: slope)
  }

  /// Weights −1, 0 and 1, with or without noise: many hyperplanes go through the same points, neurons
  /// coincide or are dead.
  static func integers(
    _ inputs: Int, seed: UInt64, noise: Double = 0
  ) throws -> SplineNetwork {
    var random = SplitMix64(seed: seed)
    func number() -> Float {
      let whole = Double(Int.random(in: -1...1, using: &random))
      return Float(noise == 0 ? whole : whole + noise * random.nextNormal())
    }
    let hidden = Int.random(in: 1...3, using: &random)
    let sizes = [inputs] + (0..<hidden).map { _ in Int.random(in: 3...8, using: &random) } + [1]
    let maps = zip(sizes, sizes.dropFirst()).map { inputs, units in
      (
        weights: (0..<units).map { _ in (0..<inputs).map { _ in number() } },
        biases: (0..<units).map { _ in number() }
      )
    }
    return try spline(maps, slope: [0, 0.5, -1, 2][Int(seed % 4)])
  }

  /// |x| + |y| + … − 1, whose neurons all meet in the origin.
  static func l1Ball(_ dimension: Int, copies: Int = 1) throws -> SplineNetwork {
    var rows: [[Float]] = []
    for _ in 0..<copies {
      for axis in 0..<dimension {
        for sign in [Float(1), -1] {
          rows.append((0..<dimension).map { $0 == axis ? sign : 0 })
        }
      }
    }
    let share = 1 / Float(copies)
    return try spline([
      (rows, rows.map { _ in 0 }), ([rows.map { _ in share }], [-1]),
    ])
  }

  /// max(|x|, |y|, |z|) − 1, by max(a, b) = a + max(b − a, 0).
  static func cube() throws -> SplineNetwork {
    try spline([
      (
        [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], [0, 0, 0, 0, 0, 0]
      ),
      // |y| − |x|, |x|, |z|
      ([[-1, -1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1]], [0, 0, 0]),
      // |z| − max(|x|, |y|), and max(|x|, |y|)
      ([[-1, -1, 1], [1, 1, 0]], [0, 0]),
      ([[1, 1]], [-1]),
    ])
  }

  static func box(_ reach: Double) -> Box {
    Box(lower: SIMD3(repeating: -reach), upper: SIMD3(repeating: reach))
  }
}

/// A network of `Fixtures`, with the values that other programs computed.
struct GoldenSpline {
  struct Values: Decodable {
    struct Surface: Decodable {
      let vertices, edges, faces, euler, components, boundaryEdges: Int
      let area: Double
      let enclosedVolume: Double?
      let faceSizes: [String: Int]?
    }

    let bounds: [Double]
    let surface: Surface?
    let regions, corners, segments: Int?
    let length: Double?
  }

  let network: Network
  let spline: SplineNetwork
  let values: Values

  init(_ name: String) throws {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
    let path = folder.appending(path: "\(name).safetensors").path
    network = try Model.read(path, overrides: ModelOverrides(activation: "relu")).network
    spline = try SplineNetwork(network)
    let data = try Data(contentsOf: folder.appending(path: "values.json"))
    values = try #require(JSONDecoder().decode([String: Values].self, from: data)[name])
  }

  var box: Box {
    Box(
      lower: SIMD3(repeating: values.bounds[0]), upper: SIMD3(repeating: values.bounds[1]))
  }

  func square() throws -> SplineDomain {
    let range = values.bounds[0]...values.bounds[1]
    return try .rectangle(x: range, y: range)
  }
}

/// Coordinates as the network takes them.
func coordinates(_ point: SIMD3<Double>, of spline: SplineNetwork) -> [Double] {
  (0..<spline.inputs).map { point[$0] }
}

func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
  ((a - b) * (a - b)).sum().squareRoot()
}
