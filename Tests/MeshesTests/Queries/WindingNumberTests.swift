import Compute
import Foundation
import Meshes
import Testing

struct WindingNumberTests {
  /// Largest and root mean square difference.
  private func difference(_ a: [Double], _ b: [Double]) -> (largest: Double, usual: Double) {
    let squares = zip(a, b).map { ($0 - $1) * ($0 - $1) }
    return (
      (squares.max() ?? 0).squareRoot(), (squares.reduce(0, +) / Double(a.count)).squareRoot()
    )
  }

  @Test(arguments: [WindingNumberMethod.exact, .hierarchical()])
  func aClosedMeshIsWoundOnceInsideAndNotAtAllOutside(method: WindingNumberMethod) throws {
    let tree = try TriangleTree(SampleMesh.cube)
    // In a cube all is near, so that both methods are exact: 12 angles in single precision.
    let tolerance = method == .exact ? 1e-14 : 1e-6
    for point in QuerySample.points(200, seed: 1, reach: 0.999) {
      let inside = 0.5 + 0.5 * point
      #expect(abs(tree.windingNumber(at: inside, method) - 1) < tolerance)
      #expect(tree.isInside(inside, method))
      let outside = 0.5 + point / abs(point.max() > -point.min() ? point.max() : point.min()) * 0.55
      #expect(abs(tree.windingNumber(at: outside, method)) < tolerance)
      #expect(!tree.isInside(outside, method))
    }
  }

  @Test func windingIsAHalfOnAFaceAndAnglesOverFourPiOnEdgesAndCorners() throws {
    let tree = try TriangleTree(SampleMesh.cube)
    // Just off the surface, on both sides of a face.
    #expect(abs(tree.windingNumber(at: [0.3, 0.4, 1 - 1e-6], .exact) - 1) < 1e-9)
    #expect(abs(tree.windingNumber(at: [0.3, 0.4, 1 + 1e-6], .exact)) < 1e-9)
    let top = try TriangleTree(
      Mesh(positions: SampleMesh.cubePositions, faces: [SampleMesh.cubeFaces[1]]))
    // A face alone fills half the sky from close by.
    #expect(abs(top.windingNumber(at: [0.3, 0.4, 1 - 1e-7], .exact) - 0.5) < 1e-6)
    #expect(abs(top.windingNumber(at: [0.3, 0.4, 1 + 1e-7], .exact) + 0.5) < 1e-6)
    #expect(abs(top.windingNumber(at: [0.3, 0.4, 1 - 1e-7]) - 0.5) < 1e-6)
    #expect(abs(top.windingNumber(at: [0.3, 0.4, 1 + 1e-7]) + 0.5) < 1e-6)
    // From the cube's middle, a face is a sixth of the sky.
    #expect(abs(top.windingNumber(at: [0.5, 0.5, 0.5], .exact) - 1.0 / 6) < 1e-15)
  }

  @Test(arguments: [2.0, 3, 5])
  func theHierarchyIsWithinItsStatedError(beta: Double) throws {
    for mesh in [
      SampleMesh.torus(60, by: 40), QuerySample.sphere(40), QuerySample.soup(3000, seed: 5),
    ] {
      let tree = try TriangleTree(mesh)
      let points = QuerySample.points(500, seed: 2, reach: 2.5)
      let exact = tree.windingNumbers(at: points, .exact)
      let (largest, usual) = difference(
        tree.windingNumbers(at: points, .hierarchical(beta: beta)), exact)
      // The remainder is of third order in 1/beta; the constant is that of the documentation.
      #expect(largest < 0.06 / (beta * beta * beta), "largest \(largest)")
      #expect(usual < 0.012 / (beta * beta * beta), "usual \(usual)")
    }
  }

  @Test func theErrorFallsWithTheCubeOfBeta() throws {
    let tree = try TriangleTree(SampleMesh.torus(90, by: 60))
    let points = QuerySample.points(400, seed: 3, reach: 2.5)
    let exact = tree.windingNumbers(at: points, .exact)
    func error(_ beta: Double) -> Double {
      difference(tree.windingNumbers(at: points, .hierarchical(beta: beta)), exact).usual
    }
    // Terms that cancel make it fall faster still; first order alone would give a factor of four.
    #expect(error(4) < error(2) / 6)
  }

  @Test func aDoubledMeshWindsTwiceAndAFlippedOneBackwards() throws {
    let sphere = QuerySample.sphere()
    let points = QuerySample.points(300, seed: 4, reach: 1.2)
    let single = try TriangleTree(sphere).windingNumbers(at: points)
    let double = try TriangleTree(QuerySample.joined(sphere, sphere)).windingNumbers(at: points)
    let flipped = try TriangleTree(QuerySample.flipped(sphere)).windingNumbers(at: points)
    let nothing = try TriangleTree(QuerySample.joined(sphere, QuerySample.flipped(sphere)))
      .windingNumbers(at: points, .exact)
    for i in points.indices {
      #expect(abs(double[i] - 2 * single[i]) < 0.02)
      #expect(abs(flipped[i] + single[i]) < 0.01)
      // Sums of 2000 terms that cancel.
      #expect(abs(nothing[i]) < 1e-12)
      let radius = points[i].norm
      if radius < 0.98 { #expect(abs(flipped[i] + 1) < 0.01) }
      if radius > 1.0 { #expect(abs(single[i]) < 0.01) }
    }
  }

  @Test func aHalfSphereHasTheSolidAngleOfItsRim() throws {
    // On the axis of a cap, the winding number is that of the disc that would close it, whose solid
    // angle seen from the height h is 2π (1 − h / √(h² + 1)).
    let tree = try TriangleTree(QuerySample.sphere(64, keeping: 0...2))
    for height in [-3, -1, -0.2, 0.1, 0.5, 0.8, 1.5] as [Double] {
      let disc = 0.5 * (1 - abs(height) / (height * height + 1).squareRoot())
      let expected = height <= 0 ? disc : height < 1 ? 1 - disc : -disc
      let point: SIMD3<Double> = [0, 0, height]
      // The rim is a polygon of 128 corners, whose area is 4e-4 less than that of its circle.
      #expect(abs(tree.windingNumber(at: point, .exact) - expected) < 4e-4)
      #expect(abs(tree.windingNumber(at: point) - expected) < 6e-3)
    }
  }

  @Test(arguments: [1e-100, 0x1p-20, 3, 1e9, 1e100])
  func theUnitAndThePlaceOfAMeshDoNotMatter(scale: Double) throws {
    let similarity = Similarity(scale: scale, translation: scale * [5, -3, 7])
    let torus = SampleMesh.torus(30, by: 20)
    let points = QuerySample.points(300, seed: 6, reach: 2)
    let plain = try TriangleTree(torus)
    let moved = try TriangleTree(torus.transformed(by: similarity))
    let movedPoints = points.map(similarity.applied)
    for method in [WindingNumberMethod.exact, .hierarchical()] {
      let (a, b) = (
        plain.windingNumbers(at: points, method), moved.windingNumbers(at: movedPoints, method)
      )
      // Rounding differs, and so may a decision for an expansion or against it.
      #expect(difference(a, b).largest < (method == .exact ? 1e-12 : 5e-3))
    }
    for (a, b) in zip(plain.closestPoints(to: points), moved.closestPoints(to: movedPoints)) {
      #expect(abs(a.distance - b.distance / scale) < 1e-13)
    }
  }

  @Test func manyPointsAreAnsweredAsOneIsForAnyNumberOfThreads() throws {
    let mesh = QuerySample.soup(3000, seed: 8)
    let points = QuerySample.points(1500, seed: 9)
    let tree = try TriangleTree(mesh, workers: Workers(count: 1))
    let other = try TriangleTree(mesh, workers: Workers(count: 3))
    let method = WindingNumberMethod.hierarchical()
    let numbers = tree.windingNumbers(at: points, workers: Workers(count: 1))
    #expect(numbers == tree.windingNumbers(at: points, workers: Workers(count: 4)))
    #expect(numbers == other.windingNumbers(at: points, workers: Workers(count: 2)))
    #expect(numbers == points.map { tree.windingNumber(at: $0, method) })
    #expect(tree.areInside(points) == points.map { tree.isInside($0) })
    let exact = tree.windingNumbers(at: Array(points.prefix(50)), .exact)
    #expect(exact == points.prefix(50).map { tree.windingNumber(at: $0, .exact) })
    let closest = tree.closestPoints(to: points, workers: Workers(count: 1))
    #expect(closest == other.closestPoints(to: points, workers: Workers(count: 4)))
    #expect(closest == points.map { tree.closestPoint(to: $0) })
    let signed = tree.signedDistances(at: points, workers: Workers(count: 3))
    #expect(signed == points.map { tree.signedDistance(at: $0) })
    #expect(tree.windingNumbers(at: []).isEmpty && tree.closestPoints(to: []).isEmpty)
  }

  @Test func pointsOnVerticesAndEdgesGiveNumbers() throws {
    let tree = try TriangleTree(SampleMesh.cube)
    for point in SampleMesh.cubePositions + [[0.5, 0, 0], [0.5, 0.5, 1], [1, 1, 0.25]] {
      for method in [WindingNumberMethod.exact, .hierarchical()] {
        let number = tree.windingNumber(at: point, method)
        // What it is on the surface depends on rounding: any of the faces may count or not.
        #expect(number >= -1 && number <= 2, "at \(point), \(method)")
      }
    }
    // Beyond the range of single precision.
    #expect(tree.windingNumber(at: [1e30, -1e35, 1e200]) == 0)
  }
}

struct TriangleTreeTests {
  @Test func whatCannotBeAskedAnythingIsRefused() {
    let nothing = Mesh(positions: [.zero, .one], triangles: [])
    #expect(
      message { _ = try TriangleTree(nothing) }
        == "the mesh has no faces, only 2 vertices; expected a surface")
    var positions = SampleMesh.cubePositions
    positions[3].y = .nan
    #expect(
      message { _ = try TriangleTree(Mesh(positions: positions, faces: SampleMesh.cubeFaces)) }
        == "vertex 3 is at (1.0, nan, 0.0), expected finite numbers; repair the mesh")
    positions[3].y = 1.7e308
    positions[4].y = -1.7e308
    #expect(
      message { _ = try TriangleTree(Mesh(positions: positions, faces: SampleMesh.cubeFaces)) }
        .contains("too far to compute with"))
  }

  @Test(arguments: [1, 7, 8, 9, 100, 5000, 20000])
  func everyTriangleIsFoundAtItsMiddle(count: Int) throws {
    var random = SplitMix64(seed: 12)
    let centers = (0..<count).map { _ in
      SIMD3(random.nextUnit(), random.nextUnit(), random.nextUnit())
    }
    let corners: [SIMD3<Double>] = [[1, 0, 0], [0, 1, 0], [-1, -1, 0]]
    let mesh = Mesh(
      positions: centers.flatMap { center in corners.map { center + 1e-4 * $0 } },
      triangles: (0..<Int32(count)).map { [3 * $0, 3 * $0 + 1, 3 * $0 + 2] })
    let tree = try TriangleTree(mesh)
    #expect(tree.triangleCount == count && tree.bounds == mesh.bounds)
    let found = tree.closestPoints(to: centers)
    #expect(found.map(\.face) == Array(0..<count))
  }

  @Test func manyTrianglesAtOnePlaceAreNoTrouble() throws {
    let one = Mesh(positions: [[0, 0, 0], [1, 0, 0], [0, 1, 0]], triangles: [[0, 1, 2]])
    let many = Mesh(
      positions: one.positions, triangles: Array(repeating: [0, 1, 2], count: 10_000))
    let tree = try TriangleTree(many)
    let point: SIMD3<Double> = [0.2, 0.3, -0.4]
    let single = try TriangleTree(one).windingNumber(at: point, .exact)
    // A sum of 10 000 numbers, at first in single precision.
    #expect(abs(tree.windingNumber(at: point) / 10_000 - single) < 1e-4)
    #expect(abs(tree.windingNumber(at: point, .exact) / 10_000 - single) < 1e-12)
    #expect(tree.closestPoint(to: point).face == 0)
  }
}
