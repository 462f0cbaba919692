import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

@Suite struct RegionTests {
  @Test(arguments: ["he_2_16_16_16_1", "he_2_32_32_32_1"])
  func partsOfTheSquareAreThoseOfOtherPrograms(name: String) throws {
    let golden = try GoldenSpline(name)
    let regions = try golden.spline.regions(in: golden.square())
    #expect(regions.count == golden.values.regions)
    #expect(regions.reduce(0) { $0 + $1.vertices.count } == golden.values.corners)
    let side = golden.values.bounds[1] - golden.values.bounds[0]
    #expect(abs(regions.reduce(0) { $0 + $1.measure } - side * side) <= 1e-12)
  }

  @Test(arguments: [
    "he_3_32_32_32_1", "deg_l1ball", "deg_polytope", "deg_polytope_noise1e-7",
  ])
  func partsOfTheBoxAreThoseOfOtherPrograms(name: String) throws {
    let golden = try GoldenSpline(name)
    let summary = try golden.spline.regionSummary(in: .box(golden.box))
    #expect(summary.regionCount == golden.values.regions)
    #expect(summary.unresolvedCutCount == 0)
  }

  /// Edges as pairs of vertices, facets as sets of them.
  private func eulerSum(_ regions: [LinearRegion]) -> (sum: Int, vertices: Int) {
    var vertices = Set<VertexIdentity>()
    var edges = Set<Set<VertexIdentity>>()
    var facets = Set<Set<VertexIdentity>>()
    for region in regions {
      vertices.formUnion(region.identities)
      for facet in region.facets {
        let corners = facet.map { region.identities[Int($0)] }
        facets.insert(Set(corners))
        for k in corners.indices {
          edges.insert([corners[k], corners[(k + 1) % corners.count]])
        }
      }
    }
    return (vertices.count - edges.count + facets.count, vertices.count)
  }

  @Test(arguments: [nil, Float(0.2), -1], [1, 2, 3] as [UInt64])
  func cellsOfABoxObeyEuler(slope: Float?, seed: UInt64) throws {
    let network = try SampleSpline.random([3, 9, 8, 7, 1], slope: slope, seed: seed)
    let regions = try SplineNetwork(network).regions(in: .box(SampleSpline.box(1)))
    #expect(regions.count > 50)
    // V − E + F − C = 1
    #expect(eulerSum(regions).sum - regions.count == 1)
    #expect(abs(regions.reduce(0) { $0 + $1.measure } - 8) <= 1e-12)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func cellsOfAPolygonObeyEuler(seed: UInt64) throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 16, 15, 14, 2], seed: seed))
    let domain = try SplineDomain.polygon([[-2, -1], [1, -2], [2, 1], [0, 3], [-1.5, 1]])
    let regions = try spline.regions(in: domain)
    #expect(regions.count > 50)
    // V − E + R = 1, the polygons being the regions.
    let (sum, vertices) = eulerSum(regions)
    #expect(sum == 1 && vertices > 50)
    // The shoelace formula by hand.
    #expect(abs(regions.reduce(0) { $0 + $1.measure } - 12) <= 1e-12)
  }

  @Test func degenerateArrangementsObeyEuler() throws {
    for spline in [
      try SampleSpline.l1Ball(3), try SampleSpline.cube(), try GoldenSpline("deg_polytope").spline,
    ] {
      let regions = try spline.regions(in: .box(SampleSpline.box(2)))
      #expect(eulerSum(regions).sum - regions.count == 1)
      #expect(abs(regions.reduce(0) { $0 + $1.measure } - 64) <= 1e-11)
    }
  }

  @Test(arguments: [2, 3])
  func theNetworkIsTheRegionsMapOnIt(dimension: Int) throws {
    let network = try SampleSpline.random([dimension, 10, 11, 9, 2], slope: 0.1, seed: 5)
    let spline = try SplineNetwork(network)
    let domain: SplineDomain =
      try dimension == 2 ? .rectangle(x: -1...1, y: -2...1) : .box(SampleSpline.box(1))
    var patterns = Set<ActivationPattern>()
    for region in try spline.regions(in: domain) {
      let center = region.vertices.reduce(.zero, +) / Double(region.vertices.count)
      let point = coordinates(center, of: spline)
      patterns.insert(region.pattern)
      // Cells so small that rounding takes their centre outside are not met with these seeds.
      #expect(spline.pattern(at: point) == region.pattern)
      for vertex in region.vertices + [center] {
        let point = coordinates(vertex, of: spline)
        // Continuity makes the map right on the boundary, too.
        for (a, b) in zip(region.map(point), spline.values(at: point)) {
          #expect(abs(a - b) <= 1e-12)
        }
      }
    }
    var random = SplitMix64(seed: 9)
    for _ in 0..<2000 {
      let point = (0..<dimension).map { _ in Double.random(in: -1...1, using: &random) }
      #expect(patterns.contains(spline.pattern(at: point)))
    }
  }

  @Test func regionsComeInOneOrderForAnyNumberOfThreads() throws {
    let spline = try SplineNetwork(SampleSpline.random([3, 14, 10, 1], seed: 8))
    let domain = try SplineDomain.box(SampleSpline.box(1))
    let once = try spline.regions(in: domain, workers: Workers(count: 1))
    for count in [2, 5] {
      let again = try spline.regions(in: domain, workers: Workers(count: count))
      #expect(again.map(\.pattern) == once.map(\.pattern))
      #expect(again.map(\.vertices) == once.map(\.vertices))
      #expect(again.map(\.identities) == once.map(\.identities))
    }
  }

  @Test func aNetworkWithoutHiddenLayersHasOneRegion() throws {
    let spline = try SampleSpline.spline([([[1, 2, 3]], [4])])
    let regions = try spline.regions(in: .box(SampleSpline.box(1)))
    #expect(regions.count == 1 && regions[0].vertices.count == 8)
    #expect(regions[0].map == AffineMap(inputs: 3, gradients: [1, 2, 3], constants: [4]))
  }

  @Test func deadAndDoubledNeuronsDivideNothing() throws {
    let dead = try SampleSpline.spline([
      ([[1, 0], [0, 0], [2, 0], [-1, 0], [0, 0], [0, 0]], [0, 0, 0, 0, 1, -1]),
      ([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], [0, 0]), ([[1, 1]], [0]),
    ])
    let regions = try dead.regions(in: .rectangle(x: -1...1, y: -1...1))
    #expect(regions.count == 2)
    #expect(regions.map(\.measure) == [2, 2])
  }
}
