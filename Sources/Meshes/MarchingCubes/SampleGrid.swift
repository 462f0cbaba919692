/// The points of a box at which a field is sampled: a regular grid, x fastest, then y, then z.
///
/// Sample i of n along an axis lies at `lower + (upper − lower) · i / (n − 1)` of ``box``: the first
/// and the last one lie on the box's sides.
public struct SampleGrid: Sendable, Equatable {
  /// How many samples there are along x, y and z, at least two each.
  public let counts: SIMD3<Int>
  /// Where the first and the last sample are.
  public let box: Box

  /// - Parameter box: its corners are the first and the last sample; it has a volume.
  public init(counts: SIMD3<Int>, box: Box) {
    precondition(
      counts.x >= 2 && counts.y >= 2 && counts.z >= 2,
      "a grid of \(counts.x)×\(counts.y)×\(counts.z) samples has no cells, expected 2 along each axis"
    )
    precondition(
      box.size.min() > 0 && box.size.isFinite,
      "a grid cannot fill the box from \(box.lower) to \(box.upper), which has no finite volume")
    self.counts = counts
    self.box = box
  }

  /// The middles of the voxels that fill `box`: sample i of n lies at (i + ½) / n of its side.
  public init(voxels counts: SIMD3<Int>, filling box: Box) {
    let halves = box.size / (2 * SIMD3<Double>(counts))
    self.init(counts: counts, box: Box(lower: box.lower + halves, upper: box.upper - halves))
  }

  public var sampleCount: Int { counts.x * counts.y * counts.z }
  /// Samples in a plane of constant z.
  public var planeCount: Int { counts.x * counts.y }
  /// The distances between neighbouring samples.
  public var spacing: SIMD3<Double> { box.size / SIMD3<Double>(counts &- 1) }

  /// The place of a sample; between samples for fractions, and beyond the box for places outside.
  public func position(_ place: SIMD3<Double>) -> SIMD3<Double> {
    box.lower + box.size * (place / SIMD3<Double>(counts &- 1))
  }
}
