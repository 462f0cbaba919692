import SplineGeometry

/// The zero set of a tiny network from all its sign patterns, polygon by polygon.
///
/// Of each pattern it takes the affine map of every neuron and of the output, and all points where
/// the output and two of the neurons or sides are 0; those that keep to the pattern and the box are
/// the corners of the pattern's polygon.
struct SlowTwin {
  /// The corners of each polygon, in no order.
  private(set) var polygons: [[SIMD3<Double>]] = []

  /// - Parameters:
  ///   - maps: weights and biases of ReLU layers, the last of one output.
  ///   - reach: the box goes from −reach to reach.
  init(_ maps: [(weights: [[Float]], biases: [Float])], reach: Double) {
    let hidden = maps.dropLast().reduce(0) { $0 + $1.biases.count }
    for pattern in 0..<(1 << hidden) {
      let (neurons, output) = Self.forms(maps, pattern)
      // Each limit is at least 0 inside.
      var limits = neurons.enumerated().map { pattern >> $0 & 1 == 1 ? $1 : -1 * $1 }
      for axis in 0..<3 {
        for sign in [1.0, -1] {
          var side = SIMD4<Double>(0, 0, 0, reach)
          side[axis] = sign
          limits.append(side)
        }
      }
      var corners: [SIMD3<Double>] = []
      for i in limits.indices {
        for j in 0..<i {
          guard let p = Self.meetingPoint(output, limits[i], limits[j]),
            limits.indices.allSatisfy({ k in
              k == i || k == j || Self.value(limits[k], p) >= -1e-9
            }), !corners.contains(where: { distance($0, p) <= 1e-9 })
          else { continue }
          corners.append(p)
        }
      }
      if corners.count >= 3 { polygons.append(corners) }
    }
  }

  /// The pre-activations of all neurons and the output, with a pattern's bits for activations.
  private static func forms(
    _ maps: [(weights: [[Float]], biases: [Float])], _ pattern: Int
  ) -> (neurons: [SIMD4<Double>], output: SIMD4<Double>) {
    var inputs: [SIMD4<Double>] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    var neurons: [SIMD4<Double>] = []
    for (layer, map) in maps.enumerated() {
      let values = zip(map.weights, map.biases).map { row, bias in
        zip(row, inputs).reduce(SIMD4(0, 0, 0, Double(bias))) { $0 + Double($1.0) * $1.1 }
      }
      guard layer < maps.count - 1 else { return (neurons, values[0]) }
      let first = neurons.count
      neurons += values
      inputs = values.enumerated().map { pattern >> (first + $0) & 1 == 1 ? $1 : .zero }
    }
    return (neurons, .zero)
  }

  private static func value(_ form: SIMD4<Double>, _ p: SIMD3<Double>) -> Double {
    (form * SIMD4(p, 1)).sum()
  }

  /// By Cramer's rule; nil of planes that have no one point in common.
  private static func meetingPoint(_ a: SIMD4<Double>, _ b: SIMD4<Double>, _ c: SIMD4<Double>)
    -> SIMD3<Double>?
  {
    func determinant(_ u: SIMD3<Double>, _ v: SIMD3<Double>, _ w: SIMD3<Double>) -> Double {
      u.x * (v.y * w.z - v.z * w.y) - u.y * (v.x * w.z - v.z * w.x)
        + u.z * (v.x * w.y - v.y * w.x)
    }
    func column(_ k: Int) -> SIMD3<Double> { [a[k], b[k], c[k]] }
    let whole = determinant(column(0), column(1), column(2))
    guard abs(whole) > 1e-12 else { return nil }
    let right = -column(3)
    return [
      determinant(right, column(1), column(2)) / whole,
      determinant(column(0), right, column(2)) / whole,
      determinant(column(0), column(1), right) / whole,
    ]
  }
}
