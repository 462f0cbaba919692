import Compute
import SplineGeometry

/// Distances to the nearest boundary of a region.
package struct Distance: Reproduction {
  package static let name = "distance"
  package static let published = """
    The mean distance to the nearest boundary of a region falls as 1 by the number of neurons, \
    whatever the depth, at initialisation (corollary 5), and stays of that order through training \
    (section 3): Hanin and Rolnick, "Complexity of linear regions in deep networks", arXiv:1901.09021.
    """

  var scaling = NeuronScaling()
  var pointCount = 4000

  package init() {}
  package var quick: Distance {
    var copy = self
    copy.scaling = scaling.quick
    copy.pointCount = 50
    return copy
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let (count, workers) = (pointCount, laboratory.workers)
    return try scaling.run(
      NeuronScaling.Quantity(
        label: "mean distance", subject: "the mean distance to the nearest boundary falls",
        exponent: -1, prediction: "neurons^−1"
      ) { network, seed in
        var random = SplitMix64(seed: seed, stream: 1)
        let points = uniformPoints(count, using: &random)
        return network.meanBoundaryDistance(at: points, workers: workers)
      }, name: Self.name, in: laboratory)
  }
}

extension SplineNetwork {
  /// The mean distance of some points of the plane to the nearest boundary of their regions.
  func meanBoundaryDistance(at points: [SIMD2<Double>], workers: Workers) -> Double {
    mean(
      boundaryDistances(at: points.map { [$0.x, $0.y] }, workers: workers).lazy
        .map(\.distance).filter(\.isFinite))
  }
}
