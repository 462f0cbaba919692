import Compute
import Meshes

/// The solid inside a mesh, which may have holes or faces the wrong way round: inside is where the
/// generalised winding number is above ½.
public struct MeshSolid: Solid {
  /// In the network's coordinates.
  public let mesh: Mesh
  public let tree: TriangleTree
  public let box: Box
  public let grid: VoxelGrid
  private let sampling: SurfaceSampling

  /// - Parameters:
  ///   - mesh: in the network's coordinates.
  ///   - resolution: voxels of the grid along the longest side of the box.
  ///   - spread: the largest one that points near the surface are asked for with.
  /// - Throws: ``MeshSolidError``, or what is wrong with the mesh.
  public init(
    _ mesh: Mesh, in box: Box, resolution: Int, spread: Double, workers: Workers
  ) throws {
    self.mesh = mesh
    self.box = box
    tree = try TriangleTree(mesh, workers: workers)
    // Points of the surface that are further away would nearly never lead into the box.
    sampling = try Self.sampling(mesh, in: box.grown(by: 3 * spread))
    let cells = box.size / box.size.max() * Double(resolution)
    func count(_ cells: Double) -> Int { max(Int(cells.rounded()), 1) }
    grid = VoxelGrid(
      counts: SIMD3(count(cells.x), count(cells.y), count(cells.z)), filling: box)
  }

  private static func sampling(_ mesh: Mesh, in box: Box) throws -> SurfaceSampling {
    if let bounds = mesh.bounds, box.contains(bounds.lower), box.contains(bounds.upper) {
      return try SurfaceSampling(mesh)
    }
    do { return try SurfaceSampling(mesh.clipped(to: box)) } catch SurfaceSamplingError.noArea {
      throw MeshSolidError.noSurface
    }
  }

  public func areInside(_ points: [SIMD3<Double>], workers: Workers) -> [Bool] {
    tree.areInside(points, workers: workers)
  }

  public func signedDistances(_ points: [SIMD3<Double>], workers: Workers) -> [Double] {
    tree.signedDistances(at: points, workers: workers)
  }

  public func uniformPoints(_ count: Int, seed: UInt64, workers: Workers) -> [SIMD3<Double>] {
    let box = box
    return randomPoints(0..<count, seed: seed, workers: workers) { _, random in
      random.nextPoint(in: box)
    }
  }

  /// Points that fall out of the box are drawn again, so that those in the box are as dense as if
  /// there were no box. Where nearly all fall out of it, uniform points take their place.
  public func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]
  {
    var (points, seeds): ([SIMD3<Double>], SplitMix64) = ([], SplitMix64(seed: seed))
    var next = seed
    while points.count < count {
      let drawn = drawNearSurface(count, spread: spread, seed: next, workers: workers)
        .filter(box.contains)
      points += drawn.prefix(count - points.count)
      next = seeds.next()
      if drawn.count * 100 < count { break }
    }
    return points + uniformPoints(count - points.count, seed: next, workers: workers)
  }

  private func drawNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]
  {
    let surface = sampling.samples(count, seed: seed, workers: workers).points
    // Of another stream than the points of the surface.
    return randomPoints(0..<count, seed: ~seed, workers: workers) { number, random in
      surface[number] + spread * random.nextNormalVector()
    }
  }
}

/// A mesh whose box cannot be fitted.
public enum MeshSolidError: Error, Equatable, CustomStringConvertible {
  case noSurface

  public var description: String {
    switch self {
    case .noSurface:
      "the box holds nothing of the surface, only space on one side of it; choose other bounds"
    }
  }
}
