import Compute
import Networks
import SplineGeometry
import TestSupport
import Testing

@Suite struct LipschitzConstantTests {
  private func norm(_ norm: LipschitzNorm, of map: AffineMap) throws -> Double {
    switch norm {
    case .l1:
      (0..<map.inputs).map { i in
        (0..<map.outputs).reduce(0) { $0 + abs(map.gradients[$1 * map.inputs + i]) }
      }.max() ?? 0
    case .l2: try map.singularValues().operatorNorm
    case .lInfinity:
      (0..<map.outputs).map { map.gradient(ofOutput: $0).reduce(0) { $0 + abs($1) } }.max() ?? 0
    }
  }

  private func domain(_ dimension: Int) throws -> SplineDomain {
    dimension == 2
      ? try .polygon([[-1, -2], [2, -1], [1, 2], [-1.5, 1]]) : try .box(SampleSpline.box(1))
  }

  @Test(arguments: [
    [2, 30, 20, 1], [2, 24, 20, 16, 3], [3, 12, 9, 2], [2, 5], [3, 14, 12, 10, 1],
  ])
  func itIsTheLargestNormOfAllRegions(sizes: [Int]) throws {
    for (seed, slope) in [nil, Float(0.25), -0.5].enumerated() {
      let spline = try SplineNetwork(
        SampleSpline.random(sizes, slope: slope, seed: UInt64(seed)))
      let regions = try spline.regions(in: domain(sizes[0]))
      for kind in LipschitzNorm.allCases {
        let expected = try regions.map { try norm(kind, of: $0.map) }.max() ?? 0
        let found = try spline.lipschitzConstant(in: domain(sizes[0]), norm: kind)
        // Sums of some dozen products; a part's regions are composed anew.
        #expect(abs(found.value - expected) <= 1e-12 * expected)
        let there = try norm(kind, of: spline.affineMap(of: spline.pattern(at: found.point)))
        #expect(abs(there - expected) <= 1e-12 * expected)
        #expect(found.visitedRegionCount > 0 && found.visitedRegionCount <= regions.count)
      }
    }
  }

  /// |x| + |y| (+ |z|) − 1 climbs by √n towards each corner, by n along an axis of the other norms.
  @Test func theBallOfTheSumNormHasItsConstant() throws {
    for dimension in [2, 3] {
      let spline = try SampleSpline.l1Ball(dimension)
      let box = try dimension == 2 ? SplineDomain.rectangle(x: -1...2, y: -1...1) : domain(3)
      for (norm, expected) in [
        (LipschitzNorm.l1, 1), (.l2, Double(dimension).squareRoot()),
        (.lInfinity, Double(dimension)),
      ] {
        let found = try spline.lipschitzConstant(in: box, norm: norm)
        #expect(abs(found.value - expected) <= 1e-15)
      }
    }
  }

  /// Neurons coincide, and many of them meet in one point; some functions are constant.
  @Test(arguments: [2, 3]) func itIsThatOfDegenerateNetworks(dimension: Int) throws {
    for seed in 0..<60 as Range<UInt64> {
      let spline = try SampleSpline.integers(dimension, seed: seed)
      let box = try dimension == 2 ? SplineDomain.rectangle(x: -2...2, y: -2...2) : domain(3)
      let expected = try spline.regions(in: box).map { try norm(.l2, of: $0.map) }.max() ?? 0
      let found = try spline.lipschitzConstant(in: box)
      #expect(abs(found.value - expected) <= 1e-12 * expected, "seed \(seed)")
    }
  }

  @Test func fewRegionsAreLookedAtForAnyNumberOfThreads() throws {
    let golden = try GoldenSpline("he_2_32_32_32_1")
    let found = try golden.spline.lipschitzConstant(in: golden.square())
    #expect(try 20 * found.visitedRegionCount < #require(golden.values.regions))
    #expect(found.discardedCellCount > 0)
    #expect(try found.value < golden.spline.norms().spectralBound)
    for threads in [1, 3] {
      #expect(
        try found
          == golden.spline.lipschitzConstant(
            in: golden.square(), workers: Workers(count: threads)))
    }
  }

  @Test(arguments: LipschitzNorm.allCases) func samplesAreBelowIt(kind: LipschitzNorm) throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 20, 18, 3], seed: 3))
    var random = SplitMix64(seed: 1)
    let points = (0..<500).map { _ in (0..<2).map { _ in 2 * random.nextUnit() - 1 } }
    let sample = try spline.lipschitzSample(at: points, norm: kind)
    let all = try points.map { try norm(kind, of: spline.affineMap(of: spline.pattern(at: $0))) }
    let largest = try #require(all.max())
    #expect(abs(sample.largest - largest) <= 1e-12 * largest)
    #expect(points[try #require(all.firstIndex(of: largest))] == sample.point)
    let exact = try spline.lipschitzConstant(in: .rectangle(x: -1...1, y: -1...1), norm: kind)
    #expect(sample.largest <= exact.value * (1 + 1e-12) && sample.largest > 0.5 * exact.value)
    #expect(sample.distribution.sample.count == 500)
  }

  @Test(arguments: [[2, 15, 12, 4], [3, 9, 8, 2], [2, 12, 10, 1]])
  func conditionNumbersAreThoseOfAllRegions(sizes: [Int]) throws {
    let spline = try SplineNetwork(SampleSpline.random(sizes, seed: 4))
    let domain = try domain(sizes[0])
    let found = try spline.conditionNumbers(in: domain)
    let values = try spline.regions(in: domain).map { try $0.map.singularValues() }
    let numbers = values.compactMap(\.conditionNumber)
    #expect(found.regionCount == values.count)
    #expect(found.constantCount == values.count - numbers.count)
    #expect(found.rankDeficientCount == values.count { $0.rank < min(sizes[0], sizes.last ?? 0) })
    let (a, b) = try (
      #require(found.distribution), #require(SampleDistribution(of: numbers))
    )
    #expect(abs(a.minimum - b.minimum) <= 1e-12 * b.minimum)
    #expect(abs(a.median - b.median) <= 1e-12 * b.median)
    // LAPACK's smallest value is right to the last place of the largest.
    #expect(abs(a.maximum - b.maximum) <= 1e-15 * b.maximum * b.maximum + 1e-12 * b.maximum)
    #expect(sizes.last != 1 || a.maximum == 1)
  }
}
