import Compute
import Meshes

/// A solid of voxels. Points are the middles of voxels, for between them nothing is known.
public struct VolumeSolid: Solid {
  public let volume: VoxelVolume
  /// From voxel indices to the network's coordinates.
  public let transformation: Similarity
  public let grid: VoxelGrid
  private let boundary: [Int]

  public init(_ volume: VoxelVolume, _ transformation: Similarity, workers: Workers) {
    self.volume = volume
    self.transformation = transformation
    boundary = volume.boundary(workers)
    grid = VoxelGrid(counts: volume.counts, filling: volume.box.mapped(by: transformation))
  }

  public func areInside(_ points: [SIMD3<Double>], workers: Workers) -> [Bool] {
    let chunk = 1 << 14
    return workers.map((points.count + chunk - 1) / chunk) { _, i in
      points[i * chunk..<min((i + 1) * chunk, points.count)].map { point in
        let voxel = index(of: point)
        return volume[voxel.x, voxel.y, voxel.z]
      }
    }.flatMap { $0 }
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
    return randomPoints(0..<count, seed: seed, workers: workers) { _, random in
      middle(
        random.nextIndex(below: counts.x), random.nextIndex(below: counts.y),
        random.nextIndex(below: counts.z))
    }
  }

  /// Points that fall out of the volume are drawn again; after 64 times the nearest voxel is taken.
  public func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]
  {
    let (boundary, deviation) = (boundary, spread / transformation.scale)
    let last = SIMD3<Double>(volume.counts &- 1)
    return randomPoints(0..<count, seed: seed, workers: workers) { _, random in
      var place = SIMD3<Double>.zero
      for _ in 0..<64 {
        let voxel = volume.place(ofVoxel: boundary[random.nextIndex(below: boundary.count)])
        // In Double: a wide spread leads beyond all whole numbers.
        let offset = (deviation * random.nextNormalVector()).rounded(.toNearestOrAwayFromZero)
        place = SIMD3<Double>(voxel) + offset
        if place.min() >= 0, (last - place).min() >= 0 { break }
      }
      return transformation.applied(to: pointwiseMin(pointwiseMax(place, .zero), last))
    }
  }
}
