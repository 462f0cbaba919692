/// A line, a plane or a larger flat part of the input space, with coordinates of its own:
/// `x = origin + Σ t_k directions[k]`.
public struct AffineSlice: Sendable, Equatable {
  public let origin: [Double]
  public let directions: [[Double]]

  /// - Throws: if numbers are not finite, vectors differ in length, or directions depend on each other.
  public init(origin: [Double], directions: [[Double]]) throws(SplineNetworkError) {
    self.origin = origin
    self.directions = directions
    for direction in directions where direction.count != origin.count {
      throw .slice(
        "has a direction of \(direction.count) numbers beside an origin of \(origin.count)")
    }
    guard origin.allSatisfy(\.isFinite), directions.joined().allSatisfy(\.isFinite) else {
      throw .slice("has numbers that are not finite")
    }
    try checkIndependence()
  }

  /// The slice through k + 1 points, the first of which is its origin; the others are at 1 along one
  /// coordinate each.
  public init(through points: [[Double]]) throws(SplineNetworkError) {
    guard let origin = points.first else { throw .slice("goes through no point") }
    for point in points where point.count != origin.count {
      throw .slice("goes through points of \(origin.count) and of \(point.count) numbers")
    }
    try self.init(
      origin: origin,
      directions: points.dropFirst().map { zip($0, origin).map { $0 - $1 } })
  }

  /// Coordinates of the slice.
  public var dimension: Int { directions.count }

  /// The point with some coordinates of the slice.
  public func point(at coordinates: [Double]) -> [Double] {
    precondition(
      coordinates.count == dimension,
      "\(coordinates.count) coordinates in a slice of \(dimension)")
    var point = origin
    for (t, direction) in zip(coordinates, directions) {
      for i in point.indices { point[i] += t * direction[i] }
    }
    return point
  }

  /// What is left of each direction without its parts along those before (Gram and Schmidt) must be
  /// more than rounding.
  private func checkIndependence() throws(SplineNetworkError) {
    var basis: [[Double]] = []
    for (k, direction) in directions.enumerated() {
      let size = Self.length(direction)
      var rest = direction
      for unit in basis {
        let along = zip(rest, unit).reduce(0) { $0 + $1.0 * $1.1 }
        rest = zip(rest, unit).map { $0 - along * $1 }
      }
      let left = Self.length(rest)
      guard left > 1e-12 * size else {
        throw .slice(
          size == 0
            ? "has the direction 0 at place \(k + 1)"
            : "has a direction at place \(k + 1) that depends on those before it")
      }
      basis.append(rest.map { $0 / left })
    }
  }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension SplineNetwork {
  /// The network as a function of the coordinates of a slice.
  public func restricted(to slice: AffineSlice) throws(SplineNetworkError) -> SplineNetwork {
    guard slice.origin.count == inputs else {
      throw .inputCount(found: slice.origin.count, expected: inputs)
    }
    let first = layers[0]
    var weights: [Double] = []
    var biases: [Double] = []
    for j in 0..<first.units {
      let row = first.weights[j * inputs..<(j + 1) * inputs]
      for direction in slice.directions {
        weights.append(zip(row, direction).reduce(0) { $0 + $1.0 * $1.1 })
      }
      biases.append(first.biases[j] + zip(row, slice.origin).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let layer = Layer(
      inputs: slice.dimension, units: first.units, weights: weights, biases: biases,
      slopes: first.slopes)
    return SplineNetwork(layers: [layer] + layers.dropFirst(), inputs: slice.dimension)
  }
}
