import Compute
import Meshes
import Networks
import ShapeFitting
import Testing
import Training

/// Fits to volumes, and the surfaces of volumes.
@Suite struct VolumeFitTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func configuration(
    _ counts: SIMD3<Int>, _ voxels: [Bool], _ target: ShapeField.Target
  ) throws -> ShapeFitConfiguration {
    let path = try scratch.array(
      "|u1", [counts.z, counts.y, counts.x], voxels.map { $0 ? 1 : 0 })
    return SampleFit.configuration(path, target, target == .sdf ? .absolute : .squared)
  }

  /// The surface that distances are measured from, in the coordinates of voxels.
  private func surface(_ counts: SIMD3<Int>, _ voxels: [Bool]) throws -> Mesh {
    let fit = try ShapeFit(
      configuration(counts, voxels, .sdf), workers: Workers(count: 2))
    #expect(fit.mesh == nil && fit.voxelCounts == counts)
    let solid = try #require(fit.solid as? MeshSolid)
    return solid.mesh.transformed(by: fit.field.transformation.inverse)
  }

  @Test(arguments: ShapeField.Target.allCases)
  func aBallOfVoxelsComesBackWhereItWas(target: ShapeField.Target) throws {
    let counts = SIMD3(24, 20, 22)
    let center = SIMD3(11.3, 9.6, 10.2)
    let voxels = SampleShape.ball(counts, center: center, radius: 7)
    let fit = try ShapeFit(
      configuration(counts, voxels, target), workers: Workers(count: 2))
    #expect(fit.mesh == nil && fit.voxelCounts == counts)
    try SampleFit.run(fit)
    // About 450 of the ball's 1440 voxels are at its surface.
    #expect(try #require(fit.gridOverlap { _ in true }?.iou) > 0.9)
    let mesh = try SampleFit.surface(fit)
    #expect(mesh.report().isSolid)
    #expect((try #require(mesh.bounds).center - center).norm < 0.4)
    #expect(abs(mesh.signedVolume / Double(voxels.count { $0 }) - 1) < 0.08)
    let metrics = try fit.metrics(surface: mesh, stop: .finished, rowsPerSecond: 1)
    #expect(metrics.grid == [24, 20, 22] && metrics.chamferL1 == nil && metrics.fScore == nil)
    // Of both targets the voxels decide, so that the random points are some of them, 25 times over.
    let (onGrid, random) = (try #require(metrics.iou), try #require(metrics.iouRandom))
    #expect(abs(onGrid - random) < 4 * (try #require(metrics.iouStandardError)))
  }

  // MARK: Surfaces

  /// The place of a voxel by its number.
  private func place(_ i: Int, _ counts: SIMD3<Int>) -> SIMD3<Int> {
    SIMD3(i % counts.x, i / counts.x % counts.y, i / (counts.x * counts.y))
  }

  // The surface cuts the corners of voxels, so that it holds less than them, and more than the voxels
  // whose neighbours over faces, edges and corners are all full.
  @Test(arguments: [
    (SIMD3(24, 20, 22), SIMD3(11.3, 9.6, 10.2)), (SIMD3(24, 20, 22), SIMD3(1, 2, 21)),
    (SIMD3(24, 11, 13), SIMD3(12, 5, 6)), (SIMD3(65, 8, 3), SIMD3(62, 4, 1)),
  ])
  func theSurfaceOfVoxelsIsClosed(counts: SIMD3<Int>, center: SIMD3<Double>) throws {
    let voxels = SampleShape.ball(counts, center: center, radius: 7)
    let mesh = try surface(counts, voxels)
    let report = mesh.report()
    #expect(report.isSolid && report.componentCount == 1 && report.eulerCharacteristic == 2)
    let full = voxels.indices.filter { voxels[$0] }
    let core = full.count { i in
      (0..<27).allSatisfy { n in
        let near = place(i, counts) &+ SIMD3(n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1)
        guard near.min() >= 0, (counts &- near).min() > 0 else { return false }
        return voxels[(near.z * counts.y + near.y) * counts.x + near.x]
      }
    }
    #expect(mesh.signedVolume < Double(full.count) && mesh.signedVolume > Double(core))
    // Half way to the next voxel, on all sides.
    let bounds = try #require(mesh.bounds)
    let places = full.map { SIMD3<Double>(place($0, counts)) }
    let first = places.reduce(places[0]) { pointwiseMin($0, $1) }
    let last = places.reduce(places[0]) { pointwiseMax($0, $1) }
    #expect((bounds.lower - (first - 0.5)).norm < 1e-9)
    #expect((bounds.upper - (last + 0.5)).norm < 1e-9)
  }

  // The middle of a full voxel is inside, that of an empty one outside.
  @Test(arguments: [SIMD3(7, 6, 5), SIMD3(65, 3, 4), SIMD3(2, 1, 3)])
  func theSurfaceSeparatesFullFromEmptyVoxels(counts: SIMD3<Int>) throws {
    let voxels = SampleShape.noise(counts, seed: 21)
    let mesh = try surface(counts, voxels)
    #expect(mesh.report().isSolid)
    let middles = voxels.indices.map { SIMD3<Double>(place($0, counts)) }
    #expect(try TriangleTree(mesh).areInside(middles) == voxels)
  }

  // Distances of voxels' solids: a slab of full voxels has them exactly.
  @Test func distancesAreThoseToTheSurface() throws {
    let counts = SIMD3(16, 16, 16)
    // Full below z = 8: the surface is at 7.5, in the network's coordinates at 0.
    let voxels = (0..<4096).map { $0 < 8 * 256 }
    let fit = try ShapeFit(configuration(counts, voxels, .sdf))
    let points: [SIMD3<Double>] = [[0, 0, 0.1], [0.1, 0, -0.2], [0, 0.1, -0.9], [0, 0, 0.9]]
    let found = fit.solid.signedDistances(points, workers: Workers(count: 1))
    // The volume's own sides are part of the surface: z = −1 is 0.1 below the third point.
    for (value, truth) in zip(found, [0.1, -0.2, -0.1, 0.9]) { #expect(abs(value - truth) < 1e-5) }
  }
}
