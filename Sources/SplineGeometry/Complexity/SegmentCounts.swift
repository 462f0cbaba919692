import Compute

/// How many pieces segments through the input space are cut into, and how often they are cut per unit
/// of length.
///
/// - Source: Hanin and Rolnick, "Complexity of linear regions in deep networks", ICML 2019,
///   arXiv:1901.09021: at initialisation, breakpoints per length grow linearly with the neurons.
public struct SegmentCounts: Sendable, Equatable, Codable {
  public let neuronCount: Int
  /// Pieces of a segment on which no neuron changes.
  public let pieces: SampleMean
  /// Where pieces meet, per unit of length, over the segments: the mean of their shares, each segment
  /// counting the same.
  public let breakpointsPerLength: SampleMean

  /// Breakpoints per unit of length and neuron; nil without neurons.
  public var breakpointsPerLengthAndNeuron: Double? {
    neuronCount > 0 ? breakpointsPerLength.mean / Double(neuronCount) : nil
  }
}

extension SplineNetwork {
  /// Counts the pieces of some segments, each from t = 0 to t = 1 of a line; the same for any number of
  /// workers.
  ///
  /// - Precondition: there is a segment.
  public func segmentCounts(
    of segments: [AffineSlice], workers: Workers = Workers()
  ) throws(SplineNetworkError) -> SegmentCounts {
    let counts = try pieces(of: segments, workers: workers).map { Double($0.count) }
    let densities = zip(counts, segments).map { count, segment in
      let length = segment.directions[0].reduce(0) { $0 + $1 * $1 }.squareRoot()
      return (count - 1) / length
    }
    return SegmentCounts(
      neuronCount: neuronCount, pieces: SampleMean(of: counts),
      breakpointsPerLength: SampleMean(of: densities))
  }
}

extension AffineSlice {
  /// Segments between points drawn uniformly from a box of any dimension.
  ///
  /// - Throws: if the box is empty.
  public static func randomSegments(
    lower: [Double], upper: [Double], count: Int, seed: UInt64
  ) throws(SplineNetworkError) -> [AffineSlice] {
    precondition(lower.count == upper.count, "\(lower.count) and \(upper.count) bounds are no box")
    for (a, b) in zip(lower, upper) where !(a < b) || !a.isFinite || !b.isFinite {
      throw .emptyDomain("goes from \(a) to \(b), expected a positive length")
    }
    var random = SplitMix64(seed: seed)
    func point() -> [Double] {
      zip(lower, upper).map { $0 + random.nextUnit() * ($1 - $0) }
    }
    var segments: [AffineSlice] = []
    for _ in 0..<count { segments.append(try AffineSlice(through: [point(), point()])) }
    return segments
  }
}
