import Compute
import Foundation
import Meshes
import Testing

struct ClosestPointTests {
  @Test(arguments: [1, 2, 30, 1000])
  func closestPointsAreThoseOfASearchThroughAllTriangles(count: Int) throws {
    let mesh = QuerySample.soup(count, seed: UInt64(count))
    let tree = try TriangleTree(mesh)
    let points = QuerySample.points(150, seed: 20, reach: 1.5) + mesh.positions.prefix(40)
    for (point, found) in zip(points, tree.closestPoints(to: points)) {
      let least = mesh.triangles.map { distance(point, mesh, $0) }.min() ?? .infinity
      #expect(abs(found.distance - least) < 1e-12, "from \(point)")
      #expect(abs((found.point - point).norm - found.distance) < 1e-14)
      // The point lies on the face that is named.
      #expect(distance(found.point, mesh, mesh.triangles[found.face]) < 1e-12)
    }
  }

  /// The distance from a triangle by Ericson's regions, and where it has no area, from its edges.
  private func distance(_ p: SIMD3<Double>, _ mesh: Mesh, _ triangle: SIMD3<Int32>) -> Double {
    let corners = (0..<3).map { mesh.positions[Int(triangle[$0])] }
    func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }
    func toSegment(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
      let edge = b - a
      let square = dot(edge, edge)
      let share: Double = square == 0 ? 0 : min(max(dot(p - a, edge) / square, 0), 1)
      let way: SIMD3<Double> = p - a - share * edge
      return way.norm
    }
    let edges = min(
      toSegment(corners[0], corners[1]), toSegment(corners[1], corners[2]),
      toSegment(corners[2], corners[0]))
    // The plane, by Gram and Schmidt: along the longest edge, then across.
    let lengths: [Double] = (0..<3).map { (corners[($0 + 1) % 3] - corners[$0]).norm }
    let longest = lengths.firstIndex(of: lengths.max() ?? 0) ?? 0
    let (a, b, c) = (corners[longest], corners[(longest + 1) % 3], corners[(longest + 2) % 3])
    guard (b - a).norm > 0 else { return edges }
    let along = (b - a) / (b - a).norm
    let across: SIMD3<Double> = (c - a) - dot(c - a, along) * along
    guard across.norm > 0 else { return edges }
    let v = across / across.norm
    let (x, y) = (dot(p - a, along), dot(p - a, v))
    let (cx, cy, bx) = (dot(c - a, along), dot(c - a, v), dot(b - a, along))
    let toSecond: Double = x * cy - y * cx
    let toThird: Double = (bx - x) * cy + y * (cx - bx)
    let way: SIMD3<Double> = p - a - x * along - y * v
    return y > 0 && toSecond > 0 && toThird > 0 ? min(edges, way.norm) : edges
  }

  @Test func signedDistancesFromACubeAreExact() throws {
    let tree = try TriangleTree(SampleMesh.cube)
    let points = QuerySample.points(500, seed: 21, reach: 1.2).map { $0 + 0.5 }
    for (point, found) in zip(points, tree.signedDistances(at: points)) {
      let q = SIMD3(abs(point.x - 0.5), abs(point.y - 0.5), abs(point.z - 0.5)) - 0.5
      let outside = SIMD3(max(q.x, 0), max(q.y, 0), max(q.z, 0)).norm
      #expect(abs(found - (outside + min(q.max(), 0))) < 1e-15)
    }
  }

  @Test func signedDistancesFromASphereConvergeToTheRadius() throws {
    let tree = try TriangleTree(QuerySample.sphere(100))
    let points = QuerySample.points(1000, seed: 22, reach: 1.5)
    for (point, found) in zip(points, tree.signedDistances(at: points)) {
      // Chords of at most 0.0315 are 1.2e-4 below their arcs, and diagonals twice as far.
      #expect(abs(found - (point.norm - 1)) < 2.5e-4)
    }
  }

  @Test func aPolygonIsOneFace() throws {
    let tree = try TriangleTree(SampleMesh.cube)
    #expect(tree.triangleCount == 12)
    let top = tree.closestPoints(to: [[0.25, 0.875, 1.5], [0.9, 0.2, 1.5], [0.5, 0.5, 1.5]])
    #expect(top.map(\.face) == [1, 1, 1])
    #expect(top[0] == SurfacePoint(point: [0.25, 0.875, 1], face: 1, squaredDistance: 0.25))
    // On an edge the first of the two faces counts: faces 1 and 2 meet here.
    #expect(tree.closestPoint(to: [0.5, -1, 2]).face == 1)
  }

  @Test func fromFarAwayTheDirectionStillCounts() throws {
    let tree = try TriangleTree(SampleMesh.cube)
    // The square, 1e8, leaves 1e-8 for what lies across.
    let far = tree.closestPoint(to: [1e4, 0.5, 0.25])
    #expect(far.face == 5 && (far.point - [1, 0.5, 0.25]).norm < 1e-12)
    #expect(abs(tree.signedDistance(at: [1e4, 0.5, 0.25]) - 9999) < 1e-11)
  }
}
