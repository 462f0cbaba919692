import Compute
import Meshes

/// The exact level set of a network of three coordinates.
///
/// - Each face is flat and lies in one region; each vertex is where the level meets two neurons, a
///   neuron and a side of the box, or an edge of the box.
/// - Vertices are joined by identity (``VertexIdentity``), not by place. So edges match, and inside
///   the box the mesh has none that are open.
/// - Faces run counter-clockwise seen from outside.
/// - Where the function has the level on a whole cell, the mesh is the boundary of what is above it.
public struct LevelSurface: Sendable {
  public let mesh: Mesh
  public let report: LevelReport
}

extension SplineNetwork {
  /// Where an output has a level, inside a box.
  ///
  /// The box is subdivided completely, but for cells that bounds show to miss the level: nothing is
  /// sampled, and no component can be missed.
  ///
  /// - Parameter inside: the side that the faces point away from.
  public func levelSurface(
    of output: ScalarOutput = .component(0), level: Double = 0, in box: Box,
    inside: MarchingCubes.Side = .below, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LevelSurface {
    guard inputs == 3 else { throw .inputCount(found: inputs, expected: 3) }
    let (weld, report) = try weldedLevel(
      of: output, level: level, in: .box(box), workers: workers)
    var corners = weld.faces.corners
    if inside == .below {
      // The polygons face where the function is lower.
      for (start, end) in zip(weld.faces.starts, weld.faces.starts.dropFirst()) {
        corners[Int(start) + 1..<Int(end)].reverse()
      }
    }
    let mesh = Mesh(
      positions: weld.positions, corners: corners, faceStarts: weld.faces.starts)
    return LevelSurface(mesh: mesh, report: report)
  }

  func weldedLevel(
    of output: ScalarOutput, level: Double, in domain: SplineDomain, workers: Workers
  ) throws(SplineNetworkError) -> (LevelWeld, LevelReport) {
    let function = try function(output, minus: level)
    let parts = try function.walk(domain, purpose: .zeroSet, workers: workers) { LevelVisitor() }
    let weld = LevelWeld(parts.map(\.visitor), leastCorners: domain.dimension)
    let tally = parts.reduce(WalkTally()) { $0 + $1.tally }
    let report = LevelReport(
      visitedCellCount: tally.leafCount, discardedCellCount: tally.discardedCount,
      flatCellCount: parts.reduce(0) { $0 + $1.visitor.flatCellCount },
      collapsedFaceCount: weld.collapsedCount,
      unresolvedCellCount: tally.unresolvedCutCount
        + parts.reduce(0) { $0 + $1.visitor.unresolvedCellCount },
      looseEndCount: domain.dimension == 3
        ? LooseEnds.edgeCount(weld, in: domain) : LooseEnds.vertexCount(weld, in: domain))
    return (weld, report)
  }
}
