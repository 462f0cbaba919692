import Compute
import Meshes

/// The solid inside a mesh, which may have holes or faces the wrong way round: inside is where the
/// generalised winding number is above ½.
public struct MeshSolid: Solid {
  /// In the network's coordinates.
  public let mesh: Mesh
  public let tree: TriangleTree
  public let box: Box
  public let grid: SampleGrid
  private let sampling: SurfaceSampling

  /// - Parameters:
  ///   - mesh: in the network's coordinates.
  ///   - resolution: cells of the grid along the longest side of the box.
  public init(_ mesh: Mesh, in box: Box, resolution: Int, workers: Workers) throws {
    self.mesh = mesh
    self.box = box
    tree = try TriangleTree(mesh, workers: workers)
    sampling = try SurfaceSampling(mesh)
    let cells = box.size / box.size.max() * Double(resolution)
    func count(_ cells: Double) -> Int { max(Int(cells.rounded()), 2) }
    grid = SampleGrid(
      voxels: SIMD3(count(cells.x), count(cells.y), count(cells.z)), filling: box)
  }

  public func areInside(_ points: [SIMD3<Double>], workers: Workers) -> [Bool] {
    tree.areInside(points, workers: workers)
  }

  public func signedDistances(_ points: [SIMD3<Double>], workers: Workers) -> [Double] {
    tree.signedDistances(at: points, workers: workers)
  }

  public func uniformPoints(_ count: Int, seed: UInt64, workers: Workers) -> [SIMD3<Double>] {
    let box = box
    return randomPoints(count, seed: seed, workers: workers) { _, random in
      random.nextPoint(in: box)
    }
  }

  public func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]
  {
    let surface = sampling.samples(count, seed: seed, workers: workers).points
    // Of another stream than the points of the surface.
    return randomPoints(count, seed: ~seed, workers: workers) { number, random in
      surface[number] + spread * random.nextNormalVector()
    }
  }
}
