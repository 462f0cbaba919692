import Compute

/// How far a point is from the nearest boundary of a linear region.
public struct BoundaryDistance: Sendable, Equatable {
  /// Infinite if no neuron changes with the coordinates in the point's region.
  public let distance: Double
  /// The neuron that bends at this boundary, the first one of several; nil if there is none.
  public let neuron: PlanarPartition.Neuron?
}

extension SplineNetwork {
  /// The exact distances of points to the nearest boundary of their regions, in all of the input space.
  ///
  /// In the region of a point x each neuron is an affine function of the coordinates, `a_k · x + b_k`,
  /// and the distance is `min_k |a_k · x + b_k| / |a_k|`: the region is where all of these functions keep
  /// their signs, so a ball that meets none of their zero sets lies in it, and where the nearest of them
  /// touches the largest such ball is on the region's boundary. Linear units and neurons that are
  /// constant in the region bound nothing; a neuron counts as constant where |a_k| is below 10⁻¹⁵ of
  /// what the terms that cancel in it may add up to.
  ///
  /// Boundaries are those of activation regions: the function may have no bend there, where all that
  /// comes behind the neuron is off.
  ///
  /// - Units: those of the coordinates.
  /// - Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", ICML 2019,
  ///   arXiv:1901.09021.
  public func boundaryDistances(
    at points: [[Double]], workers: Workers = Workers()
  ) -> [BoundaryDistance] {
    mapNeuronLanes(at: points, derivatives: true, workers: workers) { lanes, points in
      let (distances, neurons) = lanes.nearestBoundaries()
      return points.indices.map { point in
        let lane = point - points.startIndex
        guard neurons[lane] >= 0 else { return BoundaryDistance(distance: .infinity, neuron: nil) }
        let (layer, unit) = Int(neurons[lane]).quotientAndRemainder(
          dividingBy: NeuronLanes.layerStride)
        return BoundaryDistance(
          distance: distances[lane], neuron: PlanarPartition.Neuron(layer: layer, unit: unit))
      }
    }
  }
}

extension NeuronLanes {
  fileprivate static let layerStride = 1 << 32

  /// The distances to the nearest zero of a neuron, and layer · stride + unit of that; −1 if there is
  /// none.
  fileprivate mutating func nearestBoundaries() -> (distances: Lanes, neurons: SIMD8<Int64>) {
    var distances = Lanes(repeating: .infinity)
    var neurons = SIMD8<Int64>(repeating: -1)
    for layer in 0..<hiddenCount {
      evaluate(layer: layer)
      for unit in 0..<layers[layer].units where layers[layer].isNeuron(unit) {
        let (value, slope) = (outputs[0][unit], slope(of: unit, layer: layer))
        // 0 / 0 where a neuron is constantly 0 is below nothing.
        let distance = value.replacing(with: -value, where: value .< 0) / slope
        let isNearer = distance .< distances
        distances.replace(with: distance, where: isNearer)
        neurons.replace(with: Int64(Self.layerStride * layer + unit), where: isNearer)
      }
      activate(layer: layer)
    }
    return (distances, neurons)
  }
}
