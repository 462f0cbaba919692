import Compute
import Networks
import SplineGeometry
import TestSupport

/// A network of He's size, its spline and its twin, with points that it is asked at.
struct SampleParameters {
  let network: Network
  let spline: SplineNetwork
  let twin: ReferenceNetwork
  let points: [[Double]]
  let name: String

  init(_ sizes: [Int], slope: Float? = nil, seed: UInt64, pointCount: Int = 5) throws {
    try self.init(
      SampleSpline.random(sizes, slope: slope, seed: seed), pointCount: pointCount,
      "\(sizes), slope \(slope ?? 0), seed \(seed)")
  }

  init(_ network: Network, pointCount: Int, _ description: String) throws {
    self.network = network
    spline = try SplineNetwork(network)
    twin = ReferenceNetwork(network)
    var random = SplitMix64(seed: 17)
    points = (0..<pointCount).map { _ in (0..<network.inputs).map { _ in random.nextNormal() } }
    name = description
  }

  func changed(_ change: (inout [LinearMap]) -> Void) throws -> SampleParameters {
    try SampleParameters(
      network.changed(change), pointCount: points.count, "changed \(name)")
  }

  /// The derivatives of a function of the network by its weights and biases, by differences.
  func differences(of function: (ReferenceNetwork) -> Double) -> [Double] {
    twin.differences(of: function).filter { !$0.name.hasSuffix("constants") }.flatMap(\.values)
  }

  /// A dozen shapes: one to four layers, one to three outputs, ReLU and leaky ReLU.
  static func dozen() throws -> [SampleParameters] {
    let shapes: [[Int]] = [[2, 3], [3, 6, 1], [2, 5, 4, 2], [4, 3, 4, 3, 3]]
    return try shapes.enumerated().flatMap { k, sizes in
      try [nil, Float(0.125), -0.5].enumerated().map { j, slope in
        try SampleParameters(sizes, slope: slope, seed: UInt64(3 * k + j))
      }
    }
  }
}

extension [LinearMap] {
  /// Multiplies each unit of a layer by a power of two, and divides the weights behind it.
  mutating func rescale(_ layer: Int, seed: UInt64 = 1) {
    var random = SplitMix64(seed: seed)
    let factors = self[layer].bias.map { _ in Float([0.25, 0.5, 2, 8][random.nextIndex(below: 4)]) }
    let (map, next) = (self[layer], self[layer + 1])
    self[layer] = LinearMap(
      weight: map.weight.mapElements { factors[$0] * $2 },
      bias: zip(factors, map.bias).map { $0 * $1 })
    self[layer + 1] = LinearMap(
      weight: next.weight.mapElements { $2 / factors[$1] }, bias: next.bias)
  }
}

extension Matrix {
  fileprivate func mapElements(_ body: (_ row: Int, _ column: Int, _ element: Float) -> Float)
    -> Matrix
  {
    Matrix(
      rows: rows, columns: columns,
      elements: elements.enumerated().map { body($0 / columns, $0 % columns, $1) })
  }
}

func squaredLength(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 } }

func product(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
