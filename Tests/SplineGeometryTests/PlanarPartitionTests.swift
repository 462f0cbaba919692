import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct PlanarPartitionTests {
  @Test(arguments: ["he_2_16_16_16_1", "he_2_32_32_32_1"])
  func regionsAreThoseOfOtherPrograms(name: String) throws {
    let golden = try GoldenSpline(name)
    let partition = try golden.spline.partition(of: golden.square())
    #expect(partition.regionCount == golden.values.regions)
    let corners = (0..<partition.regionCount).reduce(0) { $0 + partition.corners(of: $1).count }
    #expect(corners == golden.values.corners)
    let side = golden.values.bounds[1] - golden.values.bounds[0]
    #expect(abs(partition.area - side * side) <= 1e-12)
  }

  /// V − E + R = 1, every edge has its regions, and the areas fill the domain.
  private func expectPlanarMap(_ partition: PlanarPartition, area: Double) {
    let counts = (partition.vertices.count, partition.edges.count, partition.regionCount)
    #expect(counts.0 - counts.1 + counts.2 == 1)
    #expect(partition.looseEdgeCount == 0 && partition.unresolvedCutCount == 0)
    #expect(abs(partition.area - area) <= 1e-12)
    for region in 0..<partition.regionCount {
      let (corners, edges) = (partition.corners(of: region), partition.edges(of: region))
      for (k, (corner, edge)) in zip(corners, edges).enumerated() {
        let next = corners[corners.startIndex + (k + 1) % corners.count]
        let edge = partition.edges[Int(edge)]
        let isLeft = edge.regions.x == Int32(region)
        #expect(isLeft || edge.regions.y == Int32(region))
        #expect(edge.ends == (isLeft ? SIMD2(corner, next) : SIMD2(next, corner)))
      }
    }
  }

  @Test(arguments: [nil, Float(0.2), -1], [1, 2, 3] as [UInt64])
  func aPartitionIsAPlanarMap(slope: Float?, seed: UInt64) throws {
    let spline = try SplineNetwork(
      SampleSpline.random([2, 16, 15, 14, 2], slope: slope, seed: seed))
    let domain = try SplineDomain.polygon([[-2, -1], [1, -2], [2, 1], [0, 3], [-1.5, 1]])
    let partition = try spline.partition(of: domain)
    #expect(partition.regionCount > 50)
    expectPlanarMap(partition, area: 12)
  }

  @Test func degenerateArrangementsArePlanarMaps() throws {
    let square = try SplineDomain.rectangle(x: -2...2, y: -2...2)
    for copies in [1, 3] {
      let partition = try SampleSpline.l1Ball(2, copies: copies).partition(of: square)
      #expect(partition.regionCount == 4)
      expectPlanarMap(partition, area: 16)
    }
    for seed in 0..<100 as Range<UInt64> {
      // Lines with whole coefficients meet in many common points.
      let spline = try SampleSpline.integers(2, seed: seed)
      let partition = try spline.partition(of: square)
      expectPlanarMap(partition, area: 16)
      #expect(try partition.regionCount == spline.regions(in: square).count, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func regionsAreThoseOfTheWalkThroughSpace(seed: UInt64) throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 19, 8, 13, 3], seed: seed))
    let domain = try SplineDomain.rectangle(x: -1...2, y: -2...1)
    let partition = try spline.partition(of: domain)
    let regions = try spline.regions(in: domain)
    let twins = Dictionary(uniqueKeysWithValues: regions.map { ($0.pattern, $0) })
    #expect(partition.regionCount == regions.count && twins.count == regions.count)
    for region in 0..<partition.regionCount {
      let twin = try #require(twins[partition.pattern(of: region)])
      #expect(abs(partition.area(of: region) - twin.measure) <= 1e-14)
      let (map, other) = (partition.map(of: region), twin.map)
      // Sums of some dozen products of numbers around 1, in another order.
      #expect(zip(map.gradients, other.gradients).allSatisfy { abs($0 - $1) <= 1e-12 })
      #expect(zip(map.constants, other.constants).allSatisfy { abs($0 - $1) <= 1e-12 })
    }
  }

  @Test func edgesTellWhichNeuronBends() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 12, 11, 1], seed: 5))
    let partition = try spline.partition(of: .rectangle(x: -1...1, y: -1...1))
    var seen = Set<Int>()
    for edge in partition.edges {
      let middle = (partition.vertices[Int(edge.ends.x)] + partition.vertices[Int(edge.ends.y)]) / 2
      guard let neuron = partition.neuron(of: edge) else {
        #expect(edge.isOnBoundary && abs(max(abs(middle.x), abs(middle.y)) - 1) <= 1e-12)
        continue
      }
      seen.insert(neuron.layer)
      let values = spline.preactivations(at: [middle.x, middle.y])[neuron.layer]
      #expect(abs(values[neuron.unit]) <= 1e-13)
    }
    #expect(seen == [0, 1])
  }

  @Test func threadsDoNotShow() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 20, 20, 20, 1], seed: 9))
    let domain = try SplineDomain.rectangle(x: -1...1, y: -1...1)
    let one = try spline.partition(of: domain, workers: Workers(count: 1))
    let three = try spline.partition(of: domain, workers: Workers(count: 3))
    #expect(one.vertices == three.vertices && one.edges == three.edges)
  }

  @Test(arguments: [1, 7, 100, 514, 515, 516])
  func aSearchEndsAtTheGreatestNumberAllowed(maximum: Int) throws {
    let golden = try GoldenSpline("he_2_16_16_16_1")
    let all = try golden.spline.partition(of: golden.square())
    for threads in [1, 3] {
      let some = try golden.spline.partition(
        of: golden.square(), maximum: maximum, workers: Workers(count: threads))
      #expect(some.regionCount == min(maximum, 515))
      #expect(some.isComplete == (maximum >= 515))
      for region in 0..<some.regionCount {
        #expect(some.patternHash(of: region) == all.patternHash(of: region))
      }
    }
  }

  @Test func aNetworkWithoutHiddenLayersHasOneRegion() throws {
    let spline = try SampleSpline.spline([([[1, 2]], [3])])
    let partition = try spline.partition(of: .rectangle(x: 0...1, y: 0...2))
    #expect(partition.regionCount == 1 && partition.area == 2)
    #expect(partition.map(of: 0).gradients == [1, 2] && partition.map(of: 0).constants == [3])
  }
}
