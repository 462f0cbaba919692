/// What Hanin and Rolnick found about the regions of a random ReLU network, to be put beside counts.
///
/// With N neurons and n coordinates, in a unit cube (a unit of length along a line):
///
/// - The expected number of activation regions is at most `(T N)ⁿ / n!` for N ≥ n, whatever the depth
///   (arXiv:1906.00904); in their experiments it is of the order of `Nⁿ / n!`, at initialisation and
///   through training.
/// - The expected volume of the boundaries, of dimension n − 1, is at most proportional to N, so the
///   expected number of breakpoints along a line is linear in N (arXiv:1901.09021).
/// - The expected distance of a point to the nearest boundary is at least proportional to 1 / N
///   (arXiv:1901.09021).
///
/// The factors depend on the initialisation alone, not on depth and width: on the greatest density of
/// the biases, and on how large the neurons' gradients are on average. This type gives the numbers for
/// the factor 1. It is no bound for a given network.
///
/// - Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", ICML 2019,
///   arXiv:1901.09021; "Deep ReLU networks have surprisingly few activation patterns", NeurIPS 2019,
///   arXiv:1906.00904.
public struct RegionPrediction: Sendable, Equatable, Codable {
  public let neuronCount: Int
  /// Coordinates of a point.
  public let dimension: Int

  public init(neuronCount: Int, dimension: Int) {
    precondition(
      neuronCount >= 0 && dimension > 0,
      "there is no prediction for \(neuronCount) neurons of \(dimension) coordinates")
    self.neuronCount = neuronCount
    self.dimension = dimension
  }

  /// `Nⁿ / n!`, or `2ᴺ` for fewer neurons than coordinates: activation regions per unit of volume.
  public var regionsPerMeasure: Double {
    guard neuronCount >= dimension else {
      return (0..<neuronCount).reduce(1) { product, _ in 2 * product }
    }
    return (1...dimension).reduce(1) { $0 * Double(neuronCount) / Double($1) }
  }

  /// N: volume of the boundaries per unit of volume; along a line, breakpoints per unit of length.
  public var boundaryPerMeasure: Double { Double(neuronCount) }

  /// `1 / N`: the mean distance to the nearest boundary; nil without neurons.
  public var boundaryDistance: Double? { neuronCount > 0 ? 1 / Double(neuronCount) : nil }
}
