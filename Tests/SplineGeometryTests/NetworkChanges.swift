import Compute
import Meshes
import Networks
import SplineGeometry

extension Network {
  /// The network with other maps.
  func changed(_ change: (inout [LinearMap]) -> Void) -> Network {
    var maps = layers.map { $0.maps[0] }
    change(&maps)
    let changed = zip(maps, layers).map { Layer($0, activation: $1.activation) }
    guard let network = try? Network(inputs: inputs, layers: changed) else {
      preconditionFailure("the changed maps do not fit")
    }
    return network
  }
}

extension [LinearMap] {
  /// Puts the neurons of a layer into another order, and the inputs of the next one alike.
  mutating func permute(_ layer: Int, by number: (Int) -> Int) {
    let order = (0..<self[layer].outputs).map(number)
    self[layer] = self[layer].taking(order)
    self[layer + 1] = self[layer + 1].taking(inputs: order, factor: 1)
  }

  /// Has each neuron of a layer twice, with half the weight after it.
  mutating func double(_ layer: Int) {
    let count = self[layer].outputs
    let order = (0..<2 * count).map { $0 % count }
    self[layer] = self[layer].taking(order)
    self[layer + 1] = self[layer + 1].taking(inputs: order, factor: 0.5)
  }
}

extension LinearMap {
  fileprivate func taking(_ rows: [Int]) -> LinearMap {
    LinearMap(
      weight: Matrix(
        rows: rows.count, columns: inputs,
        elements: rows.flatMap { row in (0..<inputs).map { weight[row, $0] } }),
      bias: rows.map { bias[$0] })
  }

  fileprivate func taking(inputs columns: [Int], factor: Float) -> LinearMap {
    LinearMap(
      weight: Matrix(
        rows: outputs, columns: columns.count,
        elements: (0..<outputs).flatMap { row in columns.map { factor * weight[row, $0] } }),
      bias: bias)
  }
}

extension Mesh {
  /// How many faces a segment goes through.
  func crossings(from a: SIMD3<Double>, to b: SIMD3<Double>) -> Int {
    /// Six times the volume of the tetrahedron.
    func volume(_ p: SIMD3<Double>, _ q: SIMD3<Double>, _ r: SIMD3<Double>, _ s: SIMD3<Double>)
      -> Double
    {
      let (u, v, w) = (q - p, r - p, s - p)
      return u.x * (v.y * w.z - v.z * w.y) - u.y * (v.x * w.z - v.z * w.x)
        + u.z * (v.x * w.y - v.y * w.x)
    }
    return triangles.count { t in
      let (p, q, r) = (positions[Int(t.x)], positions[Int(t.y)], positions[Int(t.z)])
      guard volume(p, q, r, a) * volume(p, q, r, b) < 0 else { return false }
      let sides = [volume(a, b, p, q), volume(a, b, q, r), volume(a, b, r, p)]
      return sides.allSatisfy { $0 > 0 } || sides.allSatisfy { $0 < 0 }
    }
  }
}
