import Compute

/// How many neurons bend in a small neighbourhood of a point.
public struct LocalComplexity: Sendable, Equatable {
  /// Neurons of each hidden layer.
  public let layers: [Int]

  /// Of all layers together.
  public var total: Int { layers.reduce(0, +) }
}

/// The neighbourhood of a point in which local complexity is sampled: the corners `x ± r v_p` of a
/// cross-polytope with orthonormal v_p.
public struct CrossPolytope: Sendable, Equatable {
  public let radius: Double
  /// `[directions][coordinates]`: the v_p.
  public let directions: [[Double]]

  /// Along random orthonormal directions, the same around all points.
  ///
  /// - Parameters:
  ///   - dimension: coordinates of a point.
  ///   - directionCount: the paper's P, `dimension` at most, which is what is taken if it is nil.
  public init(radius: Double, dimension: Int, directionCount: Int? = nil, seed: UInt64 = 0) {
    let count = directionCount ?? dimension
    precondition(radius > 0 && radius.isFinite, "a radius cannot be \(radius)")
    precondition(
      count > 0 && count <= dimension,
      "there are no \(count) orthogonal directions in \(dimension) dimensions")
    self.radius = radius
    var random = SplitMix64(seed: seed)
    var directions: [[Double]] = []
    while directions.count < count {
      var next = (0..<dimension).map { _ in random.nextNormal() }
      // Gram and Schmidt, twice, as the first round leaves rounding where little is left.
      for direction in directions + directions {
        let along = zip(next, direction).reduce(0) { $0 + $1.0 * $1.1 }
        for i in next.indices { next[i] -= along * direction[i] }
      }
      let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      directions.append(next.map { $0 / length })
    }
    self.directions = directions
  }

  /// The corners around a point.
  public func corners(around point: [Double]) -> [[Double]] {
    directions.flatMap { direction in
      [radius, -radius].map { step in zip(point, direction).map { $0 + step * $1 } }
    }
  }
}

extension SplineNetwork {
  /// The local complexity around points, sampled: of each layer, the neurons whose pre-activation does
  /// not have the same sign at all corners of a cross-polytope.
  ///
  /// The corners go through all layers, so from the second layer on the neighbourhood is that of their
  /// images. A neuron that bends inside between corners of one sign is not counted.
  ///
  /// - Source: Humayun, Balestriero, Baraniuk, "Deep networks always grok and here is why", ICML 2024,
  ///   arXiv:2402.15555, figure 4.
  public func localComplexity(
    at points: [[Double]], in neighbourhood: CrossPolytope, workers: Workers = Workers()
  ) -> [LocalComplexity] {
    precondition(
      neighbourhood.directions[0].count == inputs,
      "directions of \(neighbourhood.directions[0].count) coordinates, points of \(inputs)")
    let neurons = neuronCount
    let layerCount = hiddenUnits.count
    return mapNeuronLanes(at: points, derivatives: false, workers: workers) { lanes, points in
      // Bit by lane: whether the neuron is on, and whether it is off, at a corner.
      var isOn = [SIMD8<Int64>](repeating: .zero, count: neurons)
      var isOff = isOn
      for direction in neighbourhood.directions {
        for step in [neighbourhood.radius, -neighbourhood.radius] {
          lanes.start(points.map { zip($0, direction).map { $0 + step * $1 } }[...])
          var neuron = 0
          lanes.forEachNeuron { _, _, value in
            isOn[neuron].replace(with: 1, where: value .> 0)
            isOff[neuron].replace(with: 1, where: value .<= 0)
            neuron += 1
          }
        }
      }
      var counts = [SIMD8<Int64>](repeating: .zero, count: layerCount)
      var neuron = 0
      for layer in 0..<layerCount {
        for unit in 0..<lanes.layers[layer].units where lanes.layers[layer].isNeuron(unit) {
          counts[layer] &+= isOn[neuron] & isOff[neuron]
          neuron += 1
        }
      }
      return points.indices.map { point in
        LocalComplexity(layers: counts.map { Int($0[point - points.startIndex]) })
      }
    }
  }
}

/// Points of a lattice over a rectangle: the middles of its cells, row by row in the direction of y, x
/// fastest.
public func latticePoints(
  x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int, rows: Int
) -> [[Double]] {
  func places(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    (0..<count).map {
      range.lowerBound
        + (Double($0) + 0.5) / Double(count) * (range.upperBound - range.lowerBound)
    }
  }
  let xs = places(x, columns)
  return places(y, rows).flatMap { y in xs.map { [$0, y] } }
}
