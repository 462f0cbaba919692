import Compute
import Meshes
import ShapeFitting
import Testing

@Suite struct MeshSolidTests {
  private static let box = Box(lower: [-1, -0.8, -0.6], upper: [1, 0.8, 0.6])
  private static let cuboid = Box(lower: [-0.5, -0.6, -0.2], upper: [0.7, 0.4, 0.3])
  private let workers = Workers(count: 2)

  private func cuboidSolid(_ workers: Workers = Workers(count: 2)) throws -> MeshSolid {
    try MeshSolid(
      SampleShape.cuboid(Self.cuboid), in: Self.box, resolution: 20, spread: 0.01, workers: workers)
  }

  /// The distance to the surface of a box, negative inside.
  private func distance(_ point: SIMD3<Double>, _ box: Box) -> Double {
    let beyond = pointwiseMax(box.lower - point, point - box.upper)
    return pointwiseMax(beyond, .zero).norm + min(beyond.max(), 0)
  }

  // MARK: Answers

  @Test func aCuboidAnswersAsItsFormula() throws {
    let solid = try cuboidSolid()
    let points = solid.uniformPoints(5000, seed: 1, workers: workers)
    let truth = points.map { distance($0, Self.cuboid) }
    #expect(solid.areInside(points, workers: workers) == truth.map { $0 < 0 })
    let found = solid.signedDistances(points, workers: workers)
    // Distances are below 2; trees compute in Float with errors of some 1e-7, or better.
    #expect(zip(found, truth).allSatisfy { abs($0 - $1) < 2e-6 })
    #expect(truth.contains { $0 < 0 } && truth.contains { $0 > 0 })
  }

  // The polyhedron lies in the ball, and out of one that is smaller by 1 − cos of half an angle
  // between vertices (twice, for both directions).
  @Test func aSphereAnswersAsItsRadius() throws {
    let box = Box(lower: [-1, -1, -1], upper: [1, 1, 1])
    let solid = try MeshSolid(
      SampleShape.sphere(radius: 0.7, rows: 40), in: box, resolution: 8, spread: 0.01,
      workers: workers)
    let points = solid.uniformPoints(5000, seed: 2, workers: workers)
    let inside = solid.areInside(points, workers: workers)
    let distances = solid.signedDistances(points, workers: workers)
    let sag = 0.7 * (Double.pi / 80) * (Double.pi / 80)
    for (i, point) in points.enumerated() {
      #expect(inside[i] == (distances[i] < 0))
      #expect(distances[i] > point.norm - 0.7 - 1e-6 && distances[i] < point.norm - 0.7 + sag)
    }
  }

  // MARK: Points

  // Of n uniform numbers of a side s the mean has the deviation s / √(12 n), and the deviation
  // one of about s / √(80 n); four of these are allowed.
  @Test func uniformPointsFillTheBox() throws {
    let n = 50_000.0
    let points = try cuboidSolid().uniformPoints(Int(n), seed: 3, workers: workers)
    for axis in 0..<3 {
      let numbers = points.map { $0[axis] }
      let (lower, upper) = (Self.box.lower[axis], Self.box.upper[axis])
      let (mean, deviation) = moments(numbers)
      #expect(numbers.allSatisfy { $0 >= lower && $0 < upper })
      #expect(abs(mean) < 4 * (upper - lower) / (12 * n).squareRoot())
      let expected = (upper - lower) / 12.squareRoot()
      #expect(abs(deviation - expected) < 4 * (upper - lower) / (80 * n).squareRoot())
    }
    // Coordinates know nothing of each other.
    let products = moments(points.map { $0.x * $0.y }).mean
    #expect(abs(products) < 4 * (2 * 1.6 / 12) / n.squareRoot())
  }

  // A large, flat square: along its normal, points are off it by normal numbers alone.
  @Test func nearPointsSpreadAsAsked() throws {
    let square = Mesh(
      positions: [[-9, -9, 0], [9, -9, 0], [9, 9, 0], [-9, 9, 0]], faces: [[0, 1, 2, 3]])
    let solid = try MeshSolid(square, in: Self.box, resolution: 8, spread: 0.01, workers: workers)
    let n = 40_000.0
    let points = solid.pointsNearSurface(Int(n), spread: 0.03, seed: 4, workers: workers)
    let (mean, deviation) = moments(points.map(\.z))
    // Four of the deviations 0.03 / √n, and 0.03 / √(2 n).
    #expect(abs(mean) < 4 * 0.03 / n.squareRoot())
    #expect(abs(deviation - 0.03) < 4 * 0.03 / (2 * n).squareRoot())
    // Normal: 4.55 % are beyond two deviations, with an error of √(0.0455 / n).
    let far = Double(points.count { abs($0.z) > 0.06 }) / n
    #expect(abs(far - 0.0455) < 4 * (0.0455 / n).squareRoot())
    // The offset knows nothing of the place on the square.
    #expect(abs(moments(points.map { $0.x * $0.z }).mean) < 4 * 5.2 * 0.03 / n.squareRoot())
  }

  // Each coordinate is moved: on a sphere the variance along each axis is r²/3 + spread².
  @Test func nearPointsAreMovedAlongAllAxes() throws {
    let box = Box(lower: [-1, -1, -1], upper: [1, 1, 1])
    let solid = try MeshSolid(
      SampleShape.sphere(radius: 0.3, rows: 40), in: box, resolution: 8, spread: 0.01,
      workers: workers)
    let points = solid.pointsNearSurface(40_000, spread: 0.3, seed: 5, workers: workers)
    for axis in 0..<3 {
      let deviation = moments(points.map { $0[axis] }).deviation
      // Four of the deviations, at most 0.35 / √(2 · 40000), and the polyhedron's sag.
      #expect(abs(deviation - (0.03 + 0.09).squareRoot()) < 0.006)
    }
  }

  @Test func withoutSpreadPointsAreOnTheSurface() throws {
    let solid = try cuboidSolid()
    let points = solid.pointsNearSurface(2000, spread: 0, seed: 6, workers: workers)
    #expect(points.allSatisfy { abs(distance($0, Self.cuboid)) < 1e-12 })
  }

  @Test func pointsDependOnTheSeedAlone() throws {
    let (one, many) = (Workers(count: 1), Workers(count: 4))
    let (a, b) = (try cuboidSolid(one), try cuboidSolid(many))
    let near = a.pointsNearSurface(13_000, spread: 0.1, seed: 1, workers: one)
    #expect(near == b.pointsNearSurface(13_000, spread: 0.1, seed: 1, workers: many))
    #expect(near != a.pointsNearSurface(13_000, spread: 0.1, seed: 2, workers: one))
    let uniform = a.uniformPoints(13_000, seed: 1, workers: one)
    #expect(uniform == b.uniformPoints(13_000, seed: 1, workers: many))
    #expect(uniform != a.uniformPoints(13_000, seed: 2, workers: one))
    // No chunk repeats another's numbers.
    #expect(Set(uniform).count == 13_000 && Set(near).count == 13_000)
    #expect(a.areInside(near, workers: one) == b.areInside(near, workers: many))
    #expect(a.signedDistances(near, workers: one) == b.signedDistances(near, workers: many))
  }

  // MARK: Boxes that cut the mesh

  /// A large, flat square in the middle of a box whose sides it crosses.
  private static let square = Mesh(
    positions: [[-9, -9, 0.1], [9, -9, 0.1], [9, 9, 0.1], [-9, 9, 0.1]], faces: [[0, 1, 2, 3]])

  // As dense everywhere on the square, to its ends, where as many points come in as go out.
  @Test(arguments: [0.02, 0.3]) func nearPointsAreInTheBoxAndEvenlySpread(spread: Double) throws {
    let solid = try MeshSolid(
      Self.square, in: Self.box, resolution: 8, spread: spread, workers: workers)
    let n = 40_000
    let points = solid.pointsNearSurface(n, spread: spread, seed: 7, workers: workers)
    #expect(points.count == n)
    for axis in 0..<3 {
      let (lower, upper) = (Self.box.lower[axis], Self.box.upper[axis])
      #expect(points.allSatisfy { $0[axis] >= lower && $0[axis] <= upper })
      guard axis < 2 else { continue }
      for strip in 0..<10 {
        let share = points.count { Int(10 * ($0[axis] - lower) / (upper - lower)) == strip }
        // A tenth, with four errors of √(0.09 n); 0.3 % at most come from beyond three deviations.
        #expect(abs(share - 4000) < 4 * 60 + 12, "strip \(strip): \(share)")
      }
    }
  }

  @Test func aBoxWithoutSurfaceIsRefused() {
    for middle in [0.0, 5.0] {
      let box = Box(lower: SIMD3(repeating: middle - 0.1), upper: SIMD3(repeating: middle + 0.1))
      #expect(throws: MeshSolidError.noSurface) {
        try MeshSolid(
          SampleShape.sphere(radius: 1), in: box, resolution: 8, spread: 0.01, workers: workers)
      }
    }
  }

  // So wide a spread leads out of the box nearly always.
  @Test func aHugeSpreadIsUniform() throws {
    let solid = try MeshSolid(
      Self.square, in: Self.box, resolution: 8, spread: 1e30, workers: workers)
    let points = solid.pointsNearSurface(1000, spread: 1e30, seed: 8, workers: workers)
    #expect(points.count == 1000 && abs(moments(points.map(\.x)).mean) < 0.1)
    #expect(points.allSatisfy { abs($0.x) <= 1 && abs($0.y) <= 0.8 && abs($0.z) <= 0.6 })
  }

  // MARK: The grid

  @Test func theGridIsVoxelsThatFillTheBox() throws {
    let grid = try cuboidSolid().grid
    #expect(grid.counts == SIMD3(20, 16, 12))
    #expect((grid.middle(0, 0, 0) - (Self.box.lower + 0.05)).norm < 1e-14)
    #expect((grid.middle(1, 1, 1) - (Self.box.lower + 0.15)).norm < 1e-14)
    #expect((grid.middle(19, 15, 11) - (Self.box.upper - 0.05)).norm < 1e-14)
  }

  @Test func aThinBoxHasOneLayer() throws {
    let thin = Box(lower: [-1, -1, -0.01], upper: [1, 1, 0.01])
    let solid = try MeshSolid(
      SampleShape.cuboid(thin), in: thin, resolution: 10, spread: 0.01, workers: workers)
    #expect(solid.grid.counts == SIMD3(10, 10, 1))
  }
}
