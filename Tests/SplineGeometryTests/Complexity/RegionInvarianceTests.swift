import Compute
import Networks
import SplineGeometry
import TestSupport
import Testing

/// What changes of the parameters that leave the function alone do to the measures of its regions:
/// nothing.
@Suite struct RegionInvarianceTests {
  private struct Measures: Equatable {
    let counts, patterns, complexity, exactComplexity, pieces: [Int]
    let distances, sizes, condition: [Double]

    init(_ network: Network) throws {
      let spline = try SplineNetwork(network)
      let dimension = network.inputs
      let domain =
        dimension == 2
        ? try SplineDomain.rectangle(x: -1...1, y: -1...1) : try .box(SampleSpline.box(1))
      var random = SplitMix64(seed: 17)
      let points = (0..<40).map { _ in (0..<dimension).map { _ in 2 * random.nextUnit() - 1 } }
      let found = try spline.regionCounts(in: domain)
      let surface = try spline.imageSurface(of: domain)
      counts = [
        found.activationRegions, found.linearRegions, found.vertices, found.edges,
        found.facets ?? 0,
      ]
      patterns = spline.patternDistances(at: points).matrix().map { Int($0) }
      complexity = spline.localComplexity(
        at: points, in: CrossPolytope(radius: 0.2, dimension: dimension)
      ).flatMap(\.layers)
      exactComplexity =
        try dimension == 2
        ? spline.partition(of: domain).localComplexity(
          at: points.map { SIMD2($0[0], $0[1]) }, radius: 0.2
        ).flatMap(\.layers) : []
      let segments = try zip(points, points.dropFirst()).map {
        try AffineSlice(through: [$0, $1])
      }
      pieces = try spline.pieces(of: segments).map(\.count)
      distances = spline.boundaryDistances(at: points).map(\.distance)
      sizes =
        try [
          found.boundaryMeasure, found.linearBoundaryMeasure, found.medianRegionMeasure,
          surface.surfaceMeasure,
        ] + LipschitzNorm.allCases.map { try spline.lipschitzConstant(in: domain, norm: $0).value }
      let condition = try #require(spline.conditionNumbers(in: domain).distribution)
      self.condition = [condition.minimum, condition.median]
    }

    /// Numbers may differ by what sums of some dozen products do in another order.
    func expectSame(_ other: Measures) {
      #expect(counts == other.counts && patterns == other.patterns)
      #expect(complexity == other.complexity && exactComplexity == other.exactComplexity)
      #expect(pieces == other.pieces)
      #expect(relativeDeviation(distances, from: other.distances) <= 1e-12)
      for (a, b) in zip(sizes, other.sizes) { #expect(abs(a - b) <= 1e-11 * b) }
      #expect(relativeDeviation(condition, from: other.condition) <= 1e-10)
    }
  }

  private func expectSame(slope: Float?, _ change: (inout [LinearMap]) -> Void) throws {
    for (seed, sizes) in [[2, 8, 12, 6, 3], [2, 8, 12, 6, 2], [3, 8, 12, 6, 4]].enumerated() {
      let network = try SampleSpline.random(sizes, slope: slope, seed: UInt64(seed))
      let changed = network.changed(change)
      #expect(try SplineNetwork(changed).parameters != SplineNetwork(network).parameters)
      let measures = try Measures(network)
      #expect(measures.counts[0] > 50 && measures.distances.allSatisfy(\.isFinite))
      try Measures(changed).expectSame(measures)
    }
  }

  @Test(arguments: [nil, Float(0.125)]) func permutingNeuronsChangesNothing(slope: Float?) throws {
    try expectSame(slope: slope) { maps in
      maps.permute(0) { ($0 * 3 + 5) % 8 }
      maps.permute(1) { 11 - $0 }
      maps.permute(2) { ($0 + 2) % 6 }
    }
  }

  // Factors are powers of two, so no weight is rounded.
  @Test(arguments: [nil, Float(0.125)]) func positiveRescalingChangesNothing(slope: Float?) throws {
    try expectSame(slope: slope) { maps in
      maps.rescale(0)
      maps.rescale(2, seed: 2)
    }
  }
}
