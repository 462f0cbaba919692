import Compute
import Meshes

/// A solid of voxels. Points are the middles of voxels, for between them nothing is known.
public struct VolumeSolid: Solid {
  public let volume: VoxelVolume
  /// From voxel indices to the network's coordinates.
  public let transformation: Similarity
  public let grid: SampleGrid
  private let boundary: [Int]

  public init(_ volume: VoxelVolume, _ transformation: Similarity, workers: Workers) {
    self.volume = volume
    self.transformation = transformation
    boundary = volume.boundary(workers)
    let last = SIMD3<Double>(volume.counts &- 1)
    // A grid has two samples along an axis; a volume of one plane is judged twice.
    let upper = pointwiseMax(last, SIMD3<Double>(repeating: 1e-9))
    grid = SampleGrid(
      counts: pointwiseMax(volume.counts, SIMD3(2, 2, 2)),
      box: Box(
        lower: transformation.applied(to: .zero), upper: transformation.applied(to: upper)))
  }

  public func areInside(_ points: [SIMD3<Double>], workers: Workers) -> [Bool] {
    points.map { point in
      let voxel = index(of: point)
      return volume[voxel.x, voxel.y, voxel.z]
    }
  }

  /// Not known: a solid of voxels is fitted to distances by way of its mesh.
  public func signedDistances(_ points: [SIMD3<Double>], workers: Workers) -> [Double] {
    preconditionFailure("a solid of voxels has no distances")
  }

  /// The voxel that a point is in, or the nearest one.
  private func index(of point: SIMD3<Double>) -> SIMD3<Int> {
    let place = (point - transformation.translation) / transformation.scale
    func nearest(_ x: Double, _ count: Int) -> Int { min(max(Int(x.rounded()), 0), count - 1) }
    return SIMD3(
      nearest(place.x, volume.counts.x), nearest(place.y, volume.counts.y),
      nearest(place.z, volume.counts.z))
  }

  private func middle(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Double> {
    transformation.applied(to: [Double(x), Double(y), Double(z)])
  }

  public func uniformPoints(_ count: Int, seed: UInt64, workers: Workers) -> [SIMD3<Double>] {
    let counts = volume.counts
    return randomPoints(count, seed: seed, workers: workers) { _, random in
      middle(
        random.nextIndex(below: counts.x), random.nextIndex(below: counts.y),
        random.nextIndex(below: counts.z))
    }
  }

  public func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]
  {
    let (counts, boundary) = (volume.counts, boundary)
    let deviation = spread / transformation.scale
    return randomPoints(count, seed: seed, workers: workers) { _, random in
      let (row, x) = boundary[random.nextIndex(below: boundary.count)].quotientAndRemainder(
        dividingBy: counts.x)
      let (z, y) = row.quotientAndRemainder(dividingBy: counts.y)
      let offset = deviation * random.nextNormalVector()
      func moved(_ place: Int, _ by: Double, _ count: Int) -> Int {
        // In Double: a wide spread leads beyond all whole numbers.
        Int(min(max(Double(place) + by.rounded(), 0), Double(count - 1)))
      }
      return middle(
        moved(x, offset.x, counts.x), moved(y, offset.y, counts.y), moved(z, offset.z, counts.z))
    }
  }
}
