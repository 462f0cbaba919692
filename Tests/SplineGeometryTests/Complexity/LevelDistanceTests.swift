import Compute
import Networks
import SplineGeometry
import Testing

@Suite struct LevelDistanceTests {
  private func points(_ dimension: Int, _ count: Int, reach: Double = 1) -> [[Double]] {
    var random = SplitMix64(seed: 12)
    return (0..<count).map { _ in
      (0..<dimension).map { _ in reach * (2 * random.nextUnit() - 1) }
    }
  }

  private func domain(_ dimension: Int) throws -> SplineDomain {
    dimension == 2
      ? try .rectangle(x: -1...1, y: -1...1) : try .box(SampleSpline.box(1))
  }

  /// From a point to the level in one region: to the foot of its perpendicular, if that is in the
  /// region, and to the level on each facet (in the plane, the polygon).
  private func distance(
    _ p: SIMD3<Double>, to level: Double, in region: LinearRegion
  ) -> Double {
    let gradient = SIMD3(
      region.map.gradients[0], region.map.gradients[1],
      region.dimension == 3 ? region.map.gradients[2] : 0)
    func value(_ x: SIMD3<Double>) -> Double {
      region.map.constants[0] - level + (gradient * x).sum()
    }
    var least = Double.infinity
    for facet in region.facets {
      var crossings: [SIMD3<Double>] = []
      for (k, corner) in facet.enumerated() {
        let (a, b) = (
          region.vertices[Int(corner)], region.vertices[Int(facet[(k + 1) % facet.count])]
        )
        guard (value(a) > 0) != (value(b) > 0) else { continue }
        crossings.append(a + value(a) / (value(a) - value(b)) * (b - a))
      }
      guard crossings.count == 2 else { continue }
      let along = crossings[1] - crossings[0]
      let length = (along * along).sum()
      let share = length > 0 ? ((p - crossings[0]) * along).sum() / length : 0
      least = min(
        least, SplineGeometryTests.distance(p, crossings[0] + min(max(share, 0), 1) * along))
    }
    let foot = p - value(p) / (gradient * gradient).sum() * gradient
    let center = region.vertices.reduce(.zero, +) / Double(region.vertices.count)
    let isInside =
      region.dimension == 3
      && region.facets.allSatisfy { facet in
        let corners = facet.map { region.vertices[Int($0)] }
        let (u, v) = (corners[1] - corners[0], corners[2] - corners[0])
        let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
        let (a, b) = ((normal * (foot - corners[0])).sum(), (normal * (center - corners[0])).sum())
        return a * b >= 0
      }
    return isInside && foot.x.isFinite ? min(least, SplineGeometryTests.distance(p, foot)) : least
  }

  @Test(arguments: [[2, 16, 15, 14, 1], [2, 12, 1], [3, 10, 9, 8, 1], [3, 7, 1]])
  func itIsTheLeastDistanceToTheLevelInAnyRegion(sizes: [Int]) throws {
    for (seed, slope) in [nil, Float(0.25)].enumerated() {
      let spline = try SplineNetwork(
        SampleSpline.random(sizes, slope: slope, seed: UInt64(seed)))
      let domain = try domain(sizes[0])
      // A level that the function takes.
      let level = spline.values(at: [Double](repeating: 0.1, count: sizes[0]))[0]
      let points = points(sizes[0], 40, reach: 1.3)
      let found = try spline.levelDistances(of: points, level: level, in: domain)
      let regions = try spline.regions(in: domain)
      for (point, distance) in zip(points, found) {
        let p = SIMD3(point[0], point[1], sizes[0] == 3 ? point[2] : 0)
        let expected = regions.reduce(.infinity) {
          min($0, self.distance(p, to: level, in: $1))
        }
        #expect(abs(distance.distance - expected) <= 1e-12)
        let nearest = try #require(distance.nearest)
        #expect(abs(spline.values(at: nearest)[0] - level) <= 1e-12)
        let way = zip(point, nearest).map { $0 - $1 }
        #expect(abs(squaredLength(way).squareRoot() - distance.distance) <= 1e-12)
        let room = point.reduce(.infinity) { min($0, 1 - abs($1)) }
        #expect(distance.isNearestOfAll == (room >= distance.distance))
      }
    }
  }

  /// |x| + |y| + |z| = 1: from a point of one octant along the diagonal, from the axes to an edge.
  @Test func distancesToTheBallAreItsFormulas() throws {
    let golden = try GoldenSpline("deg_l1ball")
    let domain = try SplineDomain.box(SampleSpline.box(2))
    let found = try golden.spline.levelDistances(
      of: [[0, 0, 0], [0.5, 0.5, 0.5], [1.5, 0, 0], [-0.9, 0.9, 0]], in: domain,
      workers: Workers(count: 2))
    let expected = [1 / 3.0.squareRoot(), 0.5 / 3.0.squareRoot(), 0.5, 0.8 / 2.0.squareRoot()]
    for (a, b) in zip(found, expected) { #expect(abs(a.distance - b) <= 1e-14) }
    #expect(found.map(\.isNearestOfAll) == [true, true, true, true])
    let outside = try golden.spline.levelDistances(of: [[5, 0, 0]], in: domain)[0]
    #expect(abs(outside.distance - 4) <= 1e-14 && !outside.isNearestOfAll)
    let none = try golden.spline.levelDistances(of: [[0, 0, 0]], level: 100, in: domain)[0]
    #expect(none.distance == .infinity && none.nearest == nil && !none.isNearestOfAll)
  }

  /// No segment that is shorter crosses the level.
  @Test func aBallOfThisRadiusHasOneSign() throws {
    let golden = try GoldenSpline("torus_3x64")
    let points = points(3, 30, reach: 0.8)
    let found = try golden.spline.levelDistances(
      of: points, in: .box(golden.box), workers: Workers(count: 2))
    var random = SplitMix64(seed: 2)
    for (point, distance) in zip(points, found) where distance.isNearestOfAll {
      for _ in 0..<20 {
        let way = point.map { _ in random.nextNormal() }
        let length = squaredLength(way).squareRoot()
        let end = zip(point, way).map { $0 + 0.9999 * distance.distance * $1 / length }
        #expect(try golden.spline.pieces(from: point, to: end).crossings().isEmpty)
      }
      // Twice as far in the direction of the nearest point, the sign is another one.
      let nearest = try #require(distance.nearest)
      let behind = zip(point, nearest).map { $0 + 1.01 * ($1 - $0) }
      let values = [point, behind].map { golden.spline.values(at: $0)[0] }
      #expect(values[0] * values[1] < 0)
    }
    #expect(found.count { $0.isNearestOfAll } > 10)
  }

  @Test func theBoundaryBetweenTwoClassesIsThatOfTheirDifference() throws {
    let spline = try SplineNetwork(SampleSpline.random([2, 20, 19, 3], seed: 1))
    let domain = try domain(2)
    let found = try spline.levelDistances(of: points(2, 50), to: .difference(0, 2), in: domain)
    for (point, distance) in zip(points(2, 50), found) {
      let nearest = try #require(distance.nearest)
      let values = spline.values(at: nearest)
      #expect(abs(values[0] - values[2]) <= 1e-13)
      let again = try spline.levelDistances(of: [point], to: .difference(0, 2), in: domain)
      #expect(again == [distance])
    }
  }
}
