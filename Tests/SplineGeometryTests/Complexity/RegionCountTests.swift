import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct RegionCountTests {
  @Test(arguments: ["he_2_16_16_16_1", "he_2_32_32_32_1"])
  func countsInThePlaneAreThoseOfThePartition(name: String) throws {
    let golden = try GoldenSpline(name)
    let partition = try golden.spline.partition(of: golden.square())
    let counts = try golden.spline.regionCounts(in: golden.square())
    #expect(counts == partition.counts)
    #expect(counts.activationRegions == golden.values.regions)
    #expect(counts.vertices - counts.edges + counts.activationRegions == 1)
    #expect(counts.isComplete && counts.looseCount == 0 && counts.unresolvedCutCount == 0)
    #expect(
      abs(counts.boundaryMeasure - partition.boundaryLength) <= 1e-12 * counts.boundaryMeasure)
    let areas = (0..<partition.regionCount).map { partition.area(of: $0) }.sorted()
    #expect(counts.medianRegionMeasure == areas[areas.count / 2] || areas.count % 2 == 0)
    #expect(abs(counts.meanRegionMeasure * Double(areas.count) - partition.area) <= 1e-12)
    let some = try golden.spline.partition(of: golden.square(), maximum: 10).counts
    #expect(!some.isComplete && some.activationRegions == 10)
  }

  /// V − E + F − C = 1 for a ball cut into convex cells.
  @Test func cellsOfSpaceAreACellComplex() throws {
    for (name, regions) in [("he_3_32_32_32_1", nil), ("deg_l1ball", 8)] {
      let golden = try GoldenSpline(name)
      let one = try golden.spline.regionCounts(
        in: .box(golden.box), workers: Workers(count: 1))
      let counts = try golden.spline.regionCounts(
        in: .box(golden.box), workers: Workers(count: 2))
      #expect(counts == one)
      #expect(try counts.activationRegions == regions ?? #require(golden.values.regions))
      let facets = try #require(counts.facets)
      #expect(counts.vertices - counts.edges + facets - counts.activationRegions == 1)
      #expect(counts.looseCount == 0 && counts.unresolvedCutCount == 0)
      let side = golden.values.bounds[1] - golden.values.bounds[0]
      #expect(abs(counts.measure - side * side * side) <= 1e-11)
    }
  }

  /// Planes with whole coefficients meet in many common lines and points.
  @Test func degenerateCellsAreACellComplex() throws {
    for seed in 0..<60 as Range<UInt64> {
      let spline = try SampleSpline.integers(3, seed: seed)
      let counts = try spline.regionCounts(in: .box(SampleSpline.box(2)))
      let facets = try #require(counts.facets)
      #expect(
        counts.vertices - counts.edges + facets - counts.activationRegions == 1, "seed \(seed)")
      #expect(counts.looseCount == 0 && counts.unresolvedCutCount == 0, "seed \(seed)")
      #expect(counts.linearRegions <= counts.activationRegions)
      #expect(abs(counts.measure - 64) <= 1e-11)
    }
  }

  /// Three planes of the axes through a cube of side 2.
  @Test func planesHaveTheirAreas() throws {
    let counts = try SampleSpline.l1Ball(3).regionCounts(in: .box(SampleSpline.box(1)))
    #expect(counts.activationRegions == 8 && counts.linearRegions == 8)
    #expect(counts.vertices == 27 && counts.edges == 54 && counts.facets == 36)
    #expect(abs(counts.boundaryMeasure - 12) <= 1e-14)
    #expect(counts.linearBoundaryMeasure == counts.boundaryMeasure)
    #expect(counts.meanRegionMeasure == 1 && counts.medianRegionMeasure == 1)
    #expect(counts.regionsPerMeasure == 1)
  }

  /// The area of the boundaries is what all cells' facets have together, but for the domain's, by two.
  @Test func eachFacetCountsOnce() throws {
    let spline = try SplineNetwork(SampleSpline.random([3, 9, 8, 2], slope: 0.25, seed: 2))
    let domain = try SplineDomain.box(SampleSpline.box(1.5))
    var sum = 0.0
    for region in try spline.regions(in: domain) {
      for facet in region.facets {
        let corners = facet.map { region.vertices[Int($0)] }
        for k in 1..<corners.count - 1 {
          let (a, b) = (corners[k] - corners[0], corners[k + 1] - corners[0])
          let normal = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
          sum += (normal * normal).sum().squareRoot() / 2
        }
      }
    }
    let counts = try spline.regionCounts(in: domain)
    #expect(abs(counts.boundaryMeasure - (sum - 6 * 9) / 2) <= 1e-11)
  }

  /// Neurons without weights behind them bend nothing.
  @Test(arguments: [2, 3]) func regionsOfOneAffineMapAreOneLinearRegion(dimension: Int) throws {
    let full = try SampleSpline.random([dimension, 8, 9, 2], seed: 3)
    let silent = full.changed { maps in
      let last = maps[2]
      maps[2] = LinearMap(
        weight: Matrix(
          rows: 2, columns: 9,
          elements: last.weight.elements.enumerated().map { $0 % 9 < 4 ? 0 : $1 }),
        bias: last.bias)
    }
    // The same without these neurons.
    let short = full.changed { maps in
      let (middle, last) = (maps[1], maps[2])
      maps[1] = LinearMap(
        weight: Matrix(rows: 5, columns: 8, elements: Array(middle.weight.elements[32...])),
        bias: Array(middle.bias[4...]))
      maps[2] = LinearMap(
        weight: Matrix(
          rows: 2, columns: 5,
          elements: last.weight.elements.enumerated().filter { $0.offset % 9 >= 4 }.map(\.element)),
        bias: last.bias)
    }
    let domain =
      dimension == 2
      ? try SplineDomain.rectangle(x: -2...2, y: -2...2) : try .box(SampleSpline.box(2))
    let (found, expected) = try (
      SplineNetwork(silent).regionCounts(in: domain), SplineNetwork(short).regionCounts(in: domain)
    )
    #expect(found.activationRegions > expected.activationRegions)
    #expect(found.linearRegions == expected.linearRegions)
    #expect(
      abs(found.linearBoundaryMeasure - expected.linearBoundaryMeasure)
        <= 1e-11 * expected.linearBoundaryMeasure)
    #expect(found.boundaryMeasure > expected.boundaryMeasure)
  }

  /// All pairs of regions whose maps agree and that have an edge in common, joined step by step.
  @Test func mergingIsThatOfTheSlowTwin() throws {
    for seed in 0..<40 as Range<UInt64> {
      let spline = try SampleSpline.integers(2, seed: seed)
      let partition = try spline.partition(of: .rectangle(x: -2...2, y: -2...2))
      var colours = Array(0..<partition.regionCount)
      var isChanged = true
      while isChanged {
        isChanged = false
        for edge in partition.edges where !edge.isOnBoundary {
          let (a, b) = (Int(edge.regions.x), Int(edge.regions.y))
          // Whole numbers and halves are exact.
          guard partition.map(of: a).gradients == partition.map(of: b).gradients,
            colours[a] != colours[b]
          else { continue }
          let least = min(colours[a], colours[b])
          (colours[a], colours[b], isChanged) = (least, least, true)
        }
      }
      #expect(partition.counts.linearRegions == Set(colours).count, "seed \(seed)")
    }
  }
}
