import Meshes

/// Voxels that fill a box. A fit is judged at their middles.
public struct VoxelGrid: Sendable, Equatable {
  /// Along x, y and z.
  public let counts: SIMD3<Int>
  public let box: Box

  public init(counts: SIMD3<Int>, filling box: Box) {
    precondition(counts.min() >= 1, "a grid cannot have \(counts) voxels")
    self.counts = counts
    self.box = box
  }

  /// Voxels in a plane of constant z.
  public var planeCount: Int { counts.x * counts.y }

  /// The middle of a voxel.
  public func middle(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Double> {
    let place = SIMD3(Double(x), Double(y), Double(z)) + 0.5
    return box.lower + box.size * (place / SIMD3<Double>(counts))
  }
}
