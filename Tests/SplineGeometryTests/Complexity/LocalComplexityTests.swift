import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct LocalComplexityTests {
  private func points(_ dimension: Int, _ count: Int) -> [[Double]] {
    var random = SplitMix64(seed: 6)
    return (0..<count).map { _ in (0..<dimension).map { _ in 2 * random.nextUnit() - 1 } }
  }

  @Test(arguments: [1, 2, 5])
  func itCountsNeuronsWithBothSignsAtTheCorners(directions: Int) throws {
    let spline = try SplineNetwork(SampleSpline.random([5, 20, 17, 9, 2], seed: 1))
    let polytope = CrossPolytope(radius: 0.3, dimension: 5, directionCount: directions, seed: 2)
    let points = points(5, 30)
    let found = spline.localComplexity(at: points, in: polytope, workers: Workers(count: 2))
    #expect(found.contains { $0.total > 3 })
    for (point, complexity) in zip(points, found) {
      let values = polytope.corners(around: point).map { spline.preactivations(at: $0) }
      #expect(values.count == 2 * directions)
      let expected = values[0].indices.map { layer in
        values[0][layer].indices.count { unit in
          Set(values.map { $0[layer][unit] > 0 }).count == 2
        }
      }
      #expect(complexity.layers == expected)
    }
    #expect(
      found == spline.localComplexity(at: points, in: polytope, workers: Workers(count: 3)))
    #expect(spline.localComplexity(at: [points[29]], in: polytope) == [found[29]])
  }

  @Test(arguments: [2, 3, 7]) func directionsAreOrthonormal(dimension: Int) {
    let polytope = CrossPolytope(radius: 1, dimension: dimension, seed: 5)
    for (i, a) in polytope.directions.enumerated() {
      for (j, b) in polytope.directions.enumerated() {
        #expect(abs(product(a, b) - (i == j ? 1 : 0)) <= 1e-15)
      }
    }
    #expect(polytope != CrossPolytope(radius: 1, dimension: dimension, seed: 6))
  }

  /// The distance from a point to a neuron's zeros, by the partition of that neuron's edges.
  @Test(arguments: [nil, Float(0.25)], [0.05, 0.3])
  func theExactMeasureCountsTheNeuronsThatBendInTheDisc(slope: Float?, radius: Double) throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 14, 13, 12, 1], slope: slope, seed: 4))
    let partition = try spline.partition(of: .rectangle(x: -2...2, y: -2...2))
    let points = points(2, 150).map { SIMD2($0[0], $0[1]) }
    let found = partition.localComplexity(at: points, radius: radius, workers: Workers(count: 2))
    #expect(found.contains { $0.layers.allSatisfy { $0 > 0 } })
    for (point, complexity) in zip(points, found) {
      var near = Set<PlanarPartition.Neuron>()
      for edge in partition.edges {
        guard let neuron = partition.neuron(of: edge) else { continue }
        let (a, b) = (
          partition.vertices[Int(edge.ends.x)], partition.vertices[Int(edge.ends.y)]
        )
        let share = ((b - a) * (point - a)).sum() / ((b - a) * (b - a)).sum()
        let rest = point - a - min(max(share, 0), 1) * (b - a)
        if (rest * rest).sum().squareRoot() <= radius { near.insert(neuron) }
      }
      #expect(complexity.layers == (0..<3).map { layer in near.count { $0.layer == layer } })
    }
    #expect(
      found == partition.localComplexity(at: points, radius: radius, workers: Workers(count: 3)))
  }

  /// A disc that meets no boundary is in one region; and where corners differ, one lies between.
  @Test func bothMeasuresAndTheDistanceToTheBoundaryAgree() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 20, 20, 1], seed: 7))
    let partition = try spline.partition(of: .rectangle(x: -2...2, y: -2...2))
    let points = latticePoints(x: -1...1, y: -0.5...0.5, columns: 20, rows: 10)
    #expect(points[0] == [-0.95, -0.45] && points[19][0] > 0.94 && points[19][1] == -0.45)
    let radius = 0.04
    let exact = partition.localComplexity(
      at: points.map { SIMD2($0[0], $0[1]) }, radius: radius)
    let sampled = spline.localComplexity(
      at: points, in: CrossPolytope(radius: radius, dimension: 2))
    let distances = spline.boundaryDistances(at: points)
    for k in points.indices {
      #expect((exact[k].total > 0) == (distances[k].distance <= radius))
      for (a, b) in zip(sampled[k].layers, exact[k].layers) { #expect(a <= b) }
    }
    #expect(sampled.reduce(0) { $0 + $1.total } > 50)
  }
}
