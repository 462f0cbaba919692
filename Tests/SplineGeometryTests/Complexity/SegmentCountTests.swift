import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct SegmentCountTests {
  /// With one hidden layer each neuron that changes between the ends bends once.
  @Test func piecesOfAShallowNetworkAreCounted() throws {
    let spline = try SplineNetwork(SampleSpline.random([4, 30, 2], seed: 1))
    let segments = try AffineSlice.randomSegments(
      lower: [-1, -2, -1, -1], upper: [1, 2, 1, 3], count: 50, seed: 3)
    let counts = segments.map { segment in
      let (a, b) = (spline.pattern(at: segment.origin), spline.pattern(at: segment.point(at: [1])))
      return Double((0..<30).count { a[$0] != b[$0] })
    }
    let found = try spline.segmentCounts(of: segments, workers: Workers(count: 2))
    #expect(found.pieces == SampleMean(of: counts.map { $0 + 1 }))
    let densities = zip(counts, segments).map {
      $0 / squaredLength($1.directions[0]).squareRoot()
    }
    #expect(abs(found.breakpointsPerLength.mean - SampleMean(of: densities).mean) <= 1e-14)
    #expect(try found == spline.segmentCounts(of: segments, workers: Workers(count: 3)))
    for segment in segments {
      let ends = [segment.origin, segment.point(at: [1])]
      #expect(ends.allSatisfy { $0[1] >= -2 && $0[1] <= 2 && $0[3] >= -1 && $0[3] <= 3 })
    }
    #expect(throws: SplineNetworkError.self) {
      try AffineSlice.randomSegments(lower: [0], upper: [0], count: 1, seed: 1)
    }
  }
}

/// Networks of He's size with N(0, σ²) biases, over many draws.
///
/// In expectation a neuron z bends along a line as often, per length, as `E|∂z| ρ`, where ρ is the
/// density of its bias where z vanishes, `1 / (σ √(2π))` at most. He's weights have `E(∂z)² = 2/n` along a
/// direction for every neuron of every layer, n being the coordinates: so `E|∂z| ≤ √(2/n)` and
/// `E|∇z|² = 2`. These are the constants of Hanin and Rolnick's theorems for these networks.
@Suite struct RegionPredictionTests {
  static let sizes = [
    [2, 32, 1], [2, 16, 16, 1], [2, 48, 1], [2, 12, 12, 12, 12, 1], [2, 48, 48, 1],
  ]
  private let seeds: Range<UInt64> = 0..<40
  /// The biases' greatest density, for the σ of `SampleSpline.random`.
  private let density = 1 / (0.3 * (2 * Double.pi).squareRoot())

  /// Four standard errors: a chance of 1 in 30,000 for a law that holds with equality.
  private func upper(_ sample: SampleMean) -> Double {
    sample.mean - 4 * (sample.standardError ?? 0)
  }

  @Test(arguments: sizes) func breakpointsAlongLinesAreLinearInTheNeurons(sizes: [Int]) throws {
    let segments = try AffineSlice.randomSegments(
      lower: [-1, -1], upper: [1, 1], count: 40, seed: 9)
    let perNeuron = try SampleMean(
      of: seeds.map { seed in
        let spline = try SplineNetwork(SampleSpline.random(sizes, seed: seed))
        return try spline.segmentCounts(of: segments).breakpointsPerLengthAndNeuron ?? 0
      })
    #expect(upper(perNeuron) <= density)
    // For all depths and widths about the same.
    #expect(perNeuron.mean > 0.2 && perNeuron.mean < 0.8, "\(perNeuron)")
  }

  @Test(arguments: sizes) func regionsInThePlaneAreQuadraticInTheNeurons(sizes: [Int]) throws {
    let domain = try SplineDomain.rectangle(x: -0.5...0.5, y: -0.5...0.5)
    var (shares, lengths, crossings): ([Double], [Double], [Double]) = ([], [], [])
    var pairs = 0.0
    var neurons = 0.0
    for seed in seeds {
      let spline = try SplineNetwork(SampleSpline.random(sizes, seed: seed))
      let partition = try spline.partition(of: domain)
      let counts = partition.counts
      neurons = Double(counts.neuronCount)
      pairs = neurons * (neurons - 1) / 2
      shares.append(counts.regionsPerMeasure / counts.prediction.regionsPerMeasure)
      lengths.append(counts.boundaryMeasure)
      let onBoundary = partition.edges.count { $0.isOnBoundary }
      crossings.append(Double(counts.vertices - onBoundary))
    }
    // `E|∇z| ≤ √2`, and the angle between two gradients makes a crossing rarer still.
    #expect(upper(SampleMean(of: lengths)) <= neurons * density * 2.0.squareRoot())
    #expect(upper(SampleMean(of: crossings)) <= pairs * 2 * density * density)
    // (T N)² / 2 with a T that neither depth nor width changes much.
    let share = SampleMean(of: shares).mean
    #expect(share > 0.1 && share < 0.6, "\(share)")
  }

  @Test(arguments: sizes) func distancesAreInverseToTheNeurons(sizes: [Int]) throws {
    var random = SplitMix64(seed: 4)
    let points = (0..<100).map { _ in (0..<2).map { _ in 2 * random.nextUnit() - 1 } }
    let ratios = try seeds.map { seed in
      let spline = try SplineNetwork(SampleSpline.random(sizes, seed: seed))
      let distances = spline.boundaryDistances(at: points).map(\.distance)
      let mean = try #require(SampleDistribution(of: distances)).sample.mean
      let prediction = RegionPrediction(neuronCount: spline.neuronCount, dimension: 2)
      return try mean / #require(prediction.boundaryDistance)
    }
    // The constant is about 1 / (twice the boundary's length per area and neuron).
    let ratio = SampleMean(of: ratios).mean
    #expect(ratio > 0.5 && ratio < 2, "\(ratio)")
  }

  @Test func predictionsAreTheirFormulas() {
    let prediction = RegionPrediction(neuronCount: 10, dimension: 3)
    #expect(abs(prediction.regionsPerMeasure - 1000.0 / 6) <= 1e-12)
    #expect(prediction.boundaryPerMeasure == 10 && prediction.boundaryDistance == 0.1)
    #expect(RegionPrediction(neuronCount: 3, dimension: 5).regionsPerMeasure == 8)
    #expect(RegionPrediction(neuronCount: 0, dimension: 2).regionsPerMeasure == 1)
    #expect(RegionPrediction(neuronCount: 0, dimension: 2).boundaryDistance == nil)
  }
}
