import Compute
import Foundation
import Meshes
import Testing

struct PointTreeTests {
  @Test(arguments: [1, 2, 8, 9, 17, 500, 5000])
  func theNearestPointIsThatOfASearchThroughAll(count: Int) {
    let points = QuerySample.points(count, seed: 30)
    let tree = PointTree(points)
    let queries = QuerySample.points(100, seed: 31, reach: 1.3) + points.prefix(20)
    for (query, found) in zip(queries, tree.nearest(to: queries)) {
      let squares = points.map { ((($0 - query) * ($0 - query)).sum()) }
      #expect(found.squaredDistance == squares.min())
      #expect(found.index == squares.firstIndex(of: found.squaredDistance))
    }
  }

  @Test func ofPointsAtOnePlaceTheFirstIsTheNearest() {
    let points = [[SIMD3<Double>]](repeating: QuerySample.points(50, seed: 32), count: 40)
      .flatMap { $0 }
    let tree = PointTree(points)
    for i in 0..<50 { #expect(tree.nearest(to: points[i]).index == i) }
    let same = PointTree(Array(repeating: .one, count: 1000))
    #expect(same.nearest(to: .zero) == (0, 3))
  }

  @Test func theAnswerDoesNotDependOnTheThreads() {
    let points = QuerySample.points(20_000, seed: 33)
    let queries = QuerySample.points(2000, seed: 34)
    let one = PointTree(points, workers: Workers(count: 1))
      .nearest(to: queries, workers: Workers(count: 1))
    let four = PointTree(points, workers: Workers(count: 4))
      .nearest(to: queries, workers: Workers(count: 4))
    #expect(one.map(\.index) == four.map(\.index))
    #expect(one.map(\.squaredDistance) == four.map(\.squaredDistance))
  }
}

struct MeshComparisonTests {
  @Test func aMeshIsItself() throws {
    let torus = SampleMesh.torus(30, by: 20)
    let same = try MeshComparison(torus, torus, sampleCount: 2000)
    #expect(same.chamferL1 < 1e-14 && same.chamferL2 < 1e-28 && same.hausdorff < 1e-14)
    #expect(same.fScore == 1 && same.precision == 1 && same.recall == 1)
    // Its squares are not flat: their triangles' normals are not quite those of the faces.
    #expect(same.normalConsistency > 0.999)
  }

  @Test func concentricSpheresAreTheirRadiiApart() throws {
    let (small, large) = (QuerySample.sphere(80), QuerySample.sphere(80, radius: 1.25))
    let found = try MeshComparison(small, large, sampleCount: 5000, threshold: 0.2)
    // Facets are at most 4e-4 below their sphere.
    for direction in [found.first, found.second] {
      #expect(abs(direction.meanDistance - 0.25) < 1e-3)
      #expect(abs(direction.meanSquaredDistance - 0.0625) < 5e-4)
      #expect(abs(direction.largestDistance - 0.25) < 1e-3)
      #expect(direction.normalConsistency > 0.998)
      #expect(direction.shareWithinThreshold == 0)
    }
    #expect(found.chamferL1Sum == 2 * found.chamferL1 && abs(found.chamferL1 - 0.25) < 1e-3)
    #expect(found.chamferL2Sum == 2 * found.chamferL2 && abs(found.chamferL2 - 0.0625) < 5e-4)
    #expect(found.fScore == 0)
    #expect(try MeshComparison(small, large, sampleCount: 500, threshold: 0.26).fScore == 1)
  }

  @Test(arguments: MeshComparison.Target.allCases)
  func aPartIsRightButNotAll(target: MeshComparison.Target) throws {
    // The upper half of a sphere lies on the sphere; of the sphere's area a half lies on it.
    let (half, whole) = (QuerySample.sphere(60, keeping: 0...2), QuerySample.sphere(60))
    let found = try MeshComparison(
      half, whole, sampleCount: 20_000, target: target, threshold: 0.05)
    #expect(found.precision == 1)
    // Half the area, and a strip of 0.05 below the equator, 0.025 of the area; standard deviation
    // 0.0035.
    #expect(abs(found.recall - 0.525) < 0.014)
    #expect(abs(found.fScore - 2 * found.recall / (1 + found.recall)) < 1e-15)
    // From the south pole to the equator.
    #expect(abs(found.second.largestDistance - 2.0.squareRoot()) < 0.02)
    #expect(found.hausdorff == found.second.largestDistance)
  }

  @Test func distancesToSamplesAreLongerThanToTheSurface() throws {
    let torus = SampleMesh.torus(30, by: 20)
    let count = 10_000
    let found = try MeshComparison(torus, torus, sampleCount: count, target: .samples)
    // The mean distance to the nearest of n points a unit of area is 1 / (2 √n).
    let expected = 0.5 * (torus.area / Double(count)).squareRoot()
    #expect(abs(found.chamferL1 / expected - 1) < 0.03)
  }

  @Test func exchangingTheMeshesExchangesTheDirections() throws {
    let (a, b) = (SampleMesh.cube, SampleMesh.torus(12, by: 8))
    let samples = try [a, b].map { try SurfaceSampling($0).samples(1000, seed: 9) }
    let there = try MeshComparison((a, samples[0]), (b, samples[1]), threshold: 0.5)
    let back = try MeshComparison((b, samples[1]), (a, samples[0]), threshold: 0.5)
    #expect(there.first == back.second && there.second == back.first)
    #expect(there.precision == back.recall && there.chamferL1 == back.chamferL1)
  }

  @Test func facesWithoutAreaHaveNoSay() throws {
    let cube = SampleMesh.cube
    // The edges again, before all others, as faces between two vertices.
    let edges: [[Int32]] = [[0, 1, 0], [1, 3, 1], [3, 2, 3], [2, 0, 2], [4, 5, 4], [0, 4, 0]]
    let odd = Mesh(positions: cube.positions, faces: edges + SampleMesh.cubeFaces)
    let large = cube.transformed(by: Similarity(scale: 1.5, translation: [-0.25, -0.25, -0.25]))
    let (found, expected) = try (
      MeshComparison(large, odd, sampleCount: 2000), MeshComparison(large, cube, sampleCount: 2000)
    )
    // On the edges themselves the first face with an area gives the normal.
    #expect(found.first == expected.first)
  }

  @Test func aMeshWithoutFacesCannotBeCompared() {
    let nothing = Mesh(positions: [], triangles: [])
    #expect(
      message { _ = try MeshComparison(SampleMesh.cube, nothing, sampleCount: 10) }
        .contains("0 faces and no area"))
  }
}
