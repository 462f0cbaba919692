import Compute
import Foundation
import SplineGeometry
import TestSupport
import Testing

@Suite struct BoundaryDistanceTests {
  struct Golden: Decodable {
    let points: [[Double]]
    let distances: [Double]
    let neurons: [[Int]]

    static func all() throws -> [String: Golden] {
      let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
      let data = try Data(contentsOf: folder.appending(path: "boundary_distances.json"))
      return try JSONDecoder().decode([String: Golden].self, from: data)
    }
  }

  /// Against numpy, which takes all neurons of the point's pattern (`make_boundary_distances.py`).
  @Test(arguments: [
    "he_2_16_16_16_1", "he_2_32_32_32_1", "he_3_32_32_32_1", "iso_3x64_s16_q05",
    "iso_4x32_s2_q02", "torus_3x64", "deg_l1ball", "deg_polytope", "deg_polytope_noise1e-7",
  ])
  func distancesAreThoseOfOtherPrograms(name: String) throws {
    let golden = try #require(Golden.all()[name])
    let found = try GoldenSpline(name).spline.boundaryDistances(at: golden.points)
    #expect(found.count == 64)
    for (k, distance) in found.enumerated() {
      // Differences of sums of up to 64 numbers near 1, over gradients near 1.
      #expect(abs(distance.distance - golden.distances[k]) <= 1e-12, "point \(k)")
      // Neurons that coincide are at the same distance.
      if !name.hasPrefix("deg") {
        #expect(distance.neuron?.layer == golden.neurons[k][0], "point \(k)")
        #expect(distance.neuron?.unit == golden.neurons[k][1], "point \(k)")
      }
    }
  }

  private func points(_ dimension: Int, _ count: Int, seed: UInt64 = 3) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<dimension).map { _ in 2 * random.nextUnit() - 1 } }
  }

  /// Of the point's polygon, the sides that are no sides of the domain.
  @Test(arguments: [nil, Float(0.25), -1], [1, 2] as [UInt64])
  func itIsTheDistanceToTheNearestEdgeOfThePartition(slope: Float?, seed: UInt64) throws {
    let spline = try SplineNetwork(
      SampleSpline.random([2, 14, 13, 12, 1], slope: slope, seed: seed))
    // So large that the domain's sides are never nearest.
    let partition = try spline.partition(of: .rectangle(x: -30...30, y: -30...30))
    let points = points(2, 100)
    for (point, found) in zip(points, spline.boundaryDistances(at: points)) {
      let p = SIMD2(point[0], point[1])
      var (least, neuron) = (Double.infinity, PlanarPartition.Neuron?.none)
      for edge in partition.edges where !edge.isOnBoundary {
        let (a, b) = (
          partition.vertices[Int(edge.ends.x)], partition.vertices[Int(edge.ends.y)]
        )
        let share = ((b - a) * (p - a)).sum() / ((b - a) * (b - a)).sum()
        let rest = p - a - min(max(share, 0), 1) * (b - a)
        let distance = (rest * rest).sum().squareRoot()
        if distance < least { (least, neuron) = (distance, partition.neuron(of: edge)) }
      }
      #expect(abs(found.distance - least) <= 1e-12)
      #expect(found.neuron == neuron)
    }
  }

  /// Nothing changes in the ball, and something right behind it.
  @Test(arguments: [1, 4, 9])
  func aBallOfThisRadiusTouchesTheBoundary(dimension: Int) throws {
    let spline = try SplineNetwork(SampleSpline.random([dimension, 12, 11, 2], seed: 5))
    var random = SplitMix64(seed: 8)
    let points = points(dimension, 60)
    for (point, found) in zip(points, spline.boundaryDistances(at: points)) {
      let neuron = try #require(found.neuron)
      func value(_ x: [Double]) -> Double {
        spline.preactivations(at: x)[neuron.layer][neuron.unit]
      }
      // The gradient of the neuron in the region, by values inside it: they are affine there.
      let step = found.distance / 4
      let slopes = point.indices.map { axis in
        var (ahead, behind) = (point, point)
        ahead[axis] += step
        behind[axis] -= step
        return value(ahead) - value(behind)
      }
      let scale = squaredLength(slopes).squareRoot() * (value(point) > 0 ? -1 : 1)
      for (share, changes) in [(0.999, false), (1.001, true)] {
        let there = zip(point, slopes).map { $0 + share * found.distance * $1 / scale }
        #expect(((value(there) > 0) != (value(point) > 0)) == changes)
      }
      for _ in 0..<10 {
        let direction = point.map { _ in random.nextNormal() }
        let length = squaredLength(direction).squareRoot()
        let there = zip(point, direction).map { $0 + 0.999 * found.distance * $1 / length }
        #expect(spline.pattern(at: there) == spline.pattern(at: point))
      }
    }
  }

  @Test func constantNeuronsAndLinearUnitsBoundNothing() throws {
    // The second layer's first neuron is x − x, its second one x + x − 1.
    let spline = try SampleSpline.spline([
      ([[1], [1]], [0, 0]), ([[1, -1], [1, 1]], [0, -1]), ([[1, 1]], [0]),
    ])
    let found = spline.boundaryDistances(at: [[0.4], [0.1], [-3]])
    #expect(found.map(\.distance).elementsEqual([0.1, 0.1, 3]) { abs($0 - $1) <= 1e-15 })
    #expect(found.map { $0.neuron?.layer } == [1, 0, 0])
    #expect(found.map { $0.neuron?.unit } == [1, 0, 0])

    let flat = try SampleSpline.spline([([[0]], [1]), ([[1]], [0])])
    let affine = try SampleSpline.spline([([[2]], [1]), ([[1]], [0])], slope: 1)
    for spline in [flat, affine] {
      let found = spline.boundaryDistances(at: [[2]])[0]
      #expect(found.distance == .infinity && found.neuron == nil)
    }
  }

  /// The third layer's neuron is `u v w x − v w u x`, of which only rounding is left.
  @Test func whatRoundingLeavesOfConstantNeuronsBoundsNothing() throws {
    let (u, v, w) = (Float(0.1), Float(0.7), Float(1.3))
    let spline = try SampleSpline.spline([
      ([[u], [v]], [0, 0]), ([[v, 0], [0, w]], [0, 0]), ([[w, -u]], [0]), ([[1]], [0]),
    ])
    var random = SplitMix64(seed: 1)
    let points = (0..<200).map { _ in [random.nextUnit()] }
    #expect(points.contains { spline.preactivations(at: $0)[2][0] != 0 })
    for (point, found) in zip(points, spline.boundaryDistances(at: points)) {
      #expect(found.neuron?.layer ?? 3 < 2)
      #expect(abs(found.distance - point[0]) <= 1e-15)
    }
  }

  @Test func aPointsDistanceIsTheSameAloneAndForAnyNumberOfThreads() throws {
    let spline = try SplineNetwork(SampleSpline.random([3, 17, 9, 1], seed: 2))
    let points = points(3, 700)
    let all = spline.boundaryDistances(at: points, workers: Workers(count: 1))
    #expect(all == spline.boundaryDistances(at: points, workers: Workers(count: 3)))
    for k in [0, 5, 699] { #expect(spline.boundaryDistances(at: [points[k]]) == [all[k]]) }
    #expect(spline.boundaryDistances(at: []).isEmpty)
  }

  @Test func distributionsAreThoseOfSortedValues() throws {
    let found = try #require(SampleDistribution(of: [4, 1, .infinity, 3, 2, 0]))
    #expect(found.minimum == 0 && found.maximum == 4 && found.median == 2)
    #expect(found.quantile25 == 1 && found.quantile75 == 3)
    #expect(abs(found.quantile5 - 0.2) <= 1e-15 && abs(found.quantile95 - 3.8) <= 1e-15)
    #expect(found.sample == SampleMean(of: [0, 1, 2, 3, 4]))
    #expect(SampleDistribution(of: [.infinity]) == nil)
  }

  @Test func correlationIsPearsons() throws {
    // By hand: deviations (−1, 0, 1) and (−1, 1, 0); 1 / √(2 · 2).
    let found = try #require(pearsonCorrelation([1, 2, 3, .infinity], [0, 2, 1, 5]))
    #expect(abs(found - 0.5) <= 1e-15)
    #expect(pearsonCorrelation([1, 2], [3, 1]) == -1)
    #expect(pearsonCorrelation([1, 1], [3, 1]) == nil)
  }
}
