import Compute
import Meshes
import Networks
import SplineGeometry
import TestSupport
import Testing

@Suite struct SplineNetworkTests {
  private func points(_ dimension: Int, count: Int = 50) -> [[Double]] {
    var random = SplitMix64(seed: 3)
    return (0..<count).map { _ in (0..<dimension).map { _ in random.nextNormal() } }
  }

  @Test(arguments: [nil, Float(0.1), -1, 1.5])
  func valuesAreThoseOfTheTwinInDouble(slope: Float?) throws {
    let network = try SampleSpline.random([3, 9, 17, 2], slope: slope, seed: 1)
    let spline = try SplineNetwork(network)
    let twin = ReferenceNetwork(network)
    for point in points(3) {
      let (found, expected) = (spline.values(at: point), twin.values(at: point))
      // Sums of 17 numbers near 1 in another order.
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-13) }
    }
    let points = points(3, count: 300)
    for workers in [1, 3] {
      let all = spline.values(at: points, workers: Workers(count: workers))
      #expect(all.count == 300)
      for (point, values) in zip(points, all) {
        for (a, b) in zip(values, spline.values(at: point)) { #expect(abs(a - b) <= 1e-13) }
      }
    }
  }

  @Test(arguments: [nil, Float(0.1), -1])
  func theMapOfAPointsPatternGivesThePointsValues(slope: Float?) throws {
    let spline = try SplineNetwork(SampleSpline.random([4, 8, 70, 6, 3], slope: slope, seed: 2))
    #expect(spline.hiddenUnits == [8, 70, 6] && spline.neuronCount == 84)
    for point in points(4) {
      let pattern = spline.pattern(at: point)
      let (found, expected) = (spline.affineMap(of: pattern)(point), spline.values(at: point))
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-12) }
    }
  }

  @Test func aPatternTellsWhichNeuronsAreOn() throws {
    let spline = try SampleSpline.spline([([[1], [-1], [1]], [0, 0, -2]), ([[1, 1, 1]], [0])])
    let pattern = spline.pattern(at: [1])
    #expect((0..<3).map { pattern[$0] } == [true, false, false])
    #expect(pattern.activeCount == 1)
    #expect(spline.pattern(at: [0]).activeCount == 0)
    #expect(spline.affineMap(of: pattern) == AffineMap(inputs: 1, gradients: [1], constants: [0]))
  }

  @Test func linearUnitsAreNoNeuronsAndDivideNothing() throws {
    let bent = try SampleSpline.random([3, 12, 9, 10, 1], seed: 6)
    var layers = bent.layers
    layers[1].activation = LeakyReLU([1])
    let spline = try SplineNetwork(Network(inputs: 3, layers: layers))
    #expect(spline.hiddenUnits == [12, 0, 10] && spline.neuronCount == 22)
    // The same, with the linear layer multiplied out.
    let maps = bent.layers.map { $0.maps[0] }
    var product = Matrix(rows: 10, columns: 12, elements: [Float](repeating: 0, count: 120))
    var bias = maps[2].bias
    for j in 0..<10 {
      for k in 0..<9 {
        for i in 0..<12 { product[j, i] += maps[2].weight[j, k] * maps[1].weight[k, i] }
        bias[j] += maps[2].weight[j, k] * maps[1].bias[k]
      }
    }
    let short = try SplineNetwork(
      Network(
        inputs: 3,
        layers: [
          layers[0], Layer(LinearMap(weight: product, bias: bias), activation: ReLU()), layers[3],
        ]))
    let box = SampleSpline.box(1)
    let (found, expected) = try (
      spline.regions(in: .box(box)), short.regions(in: .box(box))
    )
    #expect(found.count == expected.count && found.count > 100)
    #expect(Set(found.map(\.pattern)) == Set(expected.map(\.pattern)))
    for region in found.prefix(50) {
      let center = region.vertices.reduce(.zero, +) / Double(region.vertices.count)
      let point = coordinates(center, of: spline)
      #expect(spline.pattern(at: point) == region.pattern)
      #expect(abs(region.map(point)[0] - spline.values(at: point)[0]) <= 1e-13)
      #expect(abs(spline.affineMap(of: region.pattern)(point)[0] - region.map(point)[0]) <= 1e-13)
    }
    let level = spline.values(at: [0, 0, 0])[0]
    let (surface, twin) = try (
      spline.levelSurface(level: level, in: box), short.levelSurface(level: level, in: box)
    )
    #expect(surface.report.isWatertight && surface.mesh.report() == twin.mesh.report())
    // The products are rounded to Float.
    #expect(abs(surface.mesh.area / twin.mesh.area - 1) <= 1e-5 && twin.mesh.faceCount > 50)
  }

  @Test func otherActivationsAreRefusedByLayer() throws {
    for name in SampleNetwork.activations where name != "relu" && name != "leaky-relu" {
      let network = SampleNetwork.make(name)
      #expect(throws: SplineNetworkError.notPiecewiseAffine(layer: 0, activation: name)) {
        try SplineNetwork(network)
      }
    }
    let text = SplineNetworkError.notPiecewiseAffine(layer: 2, activation: "sine").description
    #expect(text.contains("layer 2") && text.contains("sine") && text.contains("marching cubes"))
  }

  @Test func encodingsAndNumbersThatAreNotFiniteAreRefused() throws {
    let network = SampleNetwork.make("relu", features: SampleNetwork.features[1])
    #expect(throws: SplineNetworkError.encoding("positional")) { try SplineNetwork(network) }
    #expect(throws: SplineNetworkError.notFinite(layer: 1)) {
      try SampleSpline.spline([([[1, 1]], [0]), ([[.nan]], [0])])
    }
    #expect(throws: SplineNetworkError.notFinite(layer: 0)) {
      try SampleSpline.spline([([[1, 1]], [.infinity]), ([[1]], [0])])
    }
  }

  @Test func wrongQuestionsAreRefused() throws {
    let ball = try SampleSpline.l1Ball(3)
    let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
    let box = SampleSpline.box(1)
    #expect(throws: SplineNetworkError.noOutput(found: 1, outputs: 1)) {
      try ball.levelSurface(of: .component(1), in: box)
    }
    #expect(throws: SplineNetworkError.noOutput(found: -1, outputs: 1)) {
      try ball.levelSurface(of: .difference(0, -1), in: box)
    }
    #expect(throws: SplineNetworkError.inputCount(found: 3, expected: 2)) {
      try ball.levelContour(in: square)
    }
    #expect(throws: SplineNetworkError.inputCount(found: 3, expected: 2)) {
      try ball.regions(in: square)
    }
    #expect(throws: SplineNetworkError.inputCount(found: 2, expected: 3)) {
      try SampleSpline.l1Ball(2).levelSurface(in: box)
    }
    #expect(throws: SplineNetworkError.self) { try ball.levelSurface(level: .nan, in: box) }
    var flat = box
    flat.upper.y = -1
    #expect(throws: SplineNetworkError.self) { try ball.levelSurface(in: flat) }
    flat.upper.y = .infinity
    #expect(throws: SplineNetworkError.self) { try ball.levelSurface(in: flat) }
  }

  @Test(
    arguments: [
      [[0, 0], [1, 0]], [[0, 0], [0, 1], [1, 0]], [[0, 0], [1, 0], [2, 0], [0, 1]],
      [[0, 0], [.nan, 0], [0, 1]],
      // Convex everywhere, but around twice.
      [[0, 1], [-0.59, -0.81], [0.95, 0.31], [-0.95, 0.31], [0.59, -0.81]],
    ] as [[SIMD2<Double>]])
  func polygonsThatAreNotConvexAreNoDomains(corners: [SIMD2<Double>]) {
    #expect(throws: SplineNetworkError.self) { try SplineDomain.polygon(corners) }
  }
}
