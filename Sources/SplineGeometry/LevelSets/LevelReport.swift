/// How the exact level set was found, and whether anything about it was degenerate.
public struct LevelReport: Sendable, Equatable {
  /// Whether it is proved that no part was missed (``LevelSearch``).
  public let isComplete: Bool
  /// Cells on which the network is affine, and that may meet the level (if the level set was followed:
  /// that meet it).
  public let visitedCellCount: Int
  /// Cells of some layer that provably miss the level, with all that is in them.
  public let discardedCellCount: Int
  /// Cells on which the function has the level throughout. The surface goes around the side of them
  /// where the function is above the level.
  public let flatCellCount: Int
  /// Polygons thinner than the tolerance, which collapsed into an edge or a point.
  public let collapsedFaceCount: Int
  /// Cells thinner than the tolerance that could not be cut.
  public let unresolvedCellCount: Int
  /// Edges (in the plane, ends of lines) inside the domain at which the level set stops.
  ///
  /// An exact level set has none, and if it is capped none on the sides either. They appear only where
  /// neurons come so near to one vertex that it is not clear whether they go through it
  /// (`SplineDomain.tolerance`): there may be a gap then, about as wide as the tolerance.
  public let looseEndCount: Int

  /// Whether all cuts were made, and the level set stops nowhere inside the domain.
  public var isWatertight: Bool { unresolvedCellCount == 0 && looseEndCount == 0 }
}
