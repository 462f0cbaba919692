import Compute

/// Marching cubes with the topology of the trilinear interpolant.
///
/// - Cells whose corners leave a choice are decided by the interpolant: ambiguous faces by the
///   asymptotic decider, and whether two sheets in a cell are a tunnel by slices of the cell
///   (``CellPattern``, `TrilinearCell`). So the surface is watertight and manifold wherever it does
///   not leave the grid, and has the Euler number of the interpolant's level set.
/// - Vertices lie on edges of the grid, one on each edge that crosses the level, where the linear
///   interpolant reaches it; and in cells whose loop cannot be cut into triangles, one inside. They
///   are numbered by their edges; nothing is welded by distance.
/// - A sample at the level counts as above it. Vertices stay a ten-thousandth of an edge away from
///   its ends, so those around such a sample are distinct and no triangle collapses.
/// - Triangles run counter-clockwise, seen from outside.
/// - The same bits for any number of threads, and however many planes are handed over at once.
/// - Source: Nielson and Hamann, "The asymptotic decider", Visualization 1991; Chernyaev, "Marching
///   Cubes 33", CERN CN/95-17, 1995; numbering by counting, as in Schroeder et al., "Flying Edges",
///   LDAV 2015. Tables: made here.
public struct MarchingCubes: Sendable {
  /// Which side of the level is the solid.
  public enum Side: Sendable {
    /// Values at or above the level, as of an occupancy.
    case above
    /// Values below the level, as of a signed distance.
    case below
  }

  /// What happens where the solid reaches the side of the grid.
  public enum Rim: Sendable {
    /// The surface ends there, with open edges.
    case open
    /// It is closed by caps along the grid's sides (a ten-thousandth of a cell outside them).
    case capped
  }

  public let level: Double
  public let inside: Side
  public let rim: Rim

  public init(level: Double, inside: Side = .above, rim: Rim = .open) {
    precondition(level.isFinite, "a level cannot be \(level)")
    self.level = level
    self.inside = inside
    self.rim = rim
  }

  /// The surface of a field whose samples are in memory.
  ///
  /// - Parameter volume: one value for each sample of `grid`, x fastest.
  public func surface(of volume: [Float], on grid: SampleGrid, workers: Workers = Workers())
    throws(MarchingCubesError) -> Isosurface
  {
    guard volume.count == grid.sampleCount else {
      throw .wrongCount(
        planes: 0..<grid.counts.z, found: volume.count, expected: grid.sampleCount)
    }
    var builder = SurfaceBuilder(self, grid, workers)
    try builder.add(volume)
    return try builder.finish()
  }

  /// The surface of a field that is sampled as it is needed: each plane of constant z once, in
  /// ascending order. No more than `planesAtOnce` + 1 planes are in memory.
  ///
  /// Where it is known that the field does not reach the level in a cell or in any neighbour of it,
  /// samples need not be computed: `values` may give ±infinity there, on the field's side of the
  /// level. ``surface(on:blockSize:workers:side:values:)`` does so block by block. An infinite sample
  /// at a surface is an error.
  ///
  /// - Parameter values: the samples of the planes in a range, x fastest.
  public func surface<Failure: Error>(
    on grid: SampleGrid, planesAtOnce: Int = 32, workers: Workers = Workers(),
    values: (_ planes: Range<Int>) throws(Failure) -> [Float]
  ) throws -> Isosurface {
    precondition(planesAtOnce >= 1, "\(planesAtOnce) planes cannot be computed at once")
    var builder = SurfaceBuilder(self, grid, workers)
    var first = 0
    while first < grid.counts.z {
      let planes = first..<min(first + planesAtOnce, grid.counts.z)
      let found = try values(planes)
      let expected = planes.count * grid.planeCount
      guard found.count == expected else {
        throw MarchingCubesError.wrongCount(planes: planes, found: found.count, expected: expected)
      }
      try builder.add(found)
      first = planes.upperBound
    }
    return try builder.finish()
  }
}
