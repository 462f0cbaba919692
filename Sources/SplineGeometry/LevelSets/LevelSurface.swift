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
  /// The level's own faces, then those that cap it.
  public let mesh: Mesh
  public let levelFaceCount: Int
  public let report: LevelReport

  public var capFaceCount: Int { mesh.faceCount - levelFaceCount }

  /// The faces on which the function has the level; the vertices are those of the ``mesh``.
  public var levelMesh: Mesh {
    guard capFaceCount > 0 else { return mesh }
    let starts = mesh.faceStarts[...levelFaceCount]
    return Mesh(
      positions: mesh.positions, corners: Array(mesh.corners[..<Int(starts[levelFaceCount])]),
      faceStarts: Array(starts))
  }
}

extension SplineNetwork {
  /// Where an output has a level, inside a box.
  ///
  /// - Parameters:
  ///   - inside: the side that the faces point away from.
  ///   - progress: told, one call at a time, how much of a complete search is done.
  ///   - rim: whether what lies inside is closed along the sides of the box, by polygons in one region
  ///     each. If all of the box lies inside, the mesh is then the box.
  public func levelSurface(
    of output: ScalarOutput = .component(0), level: Double = 0, in box: Box,
    inside: MarchingCubes.Side = .below, rim: MarchingCubes.Rim = .open,
    search: LevelSearch = .complete, workers: Workers = Workers(),
    progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws(SplineNetworkError) -> LevelSurface {
    guard inputs == 3 else { throw .inputCount(found: inputs, expected: 3) }
    let (weld, report) = try weldedLevel(
      of: output, level: level, in: .box(box), cap: rim == .capped ? inside : nil,
      search: search, workers: workers, progress: progress)
    var corners = weld.faces.corners
    if inside == .below {
      // The polygons face where the function is lower.
      for (start, end) in zip(weld.faces.starts, weld.faces.starts.dropFirst()) {
        corners[Int(start) + 1..<Int(end)].reverse()
      }
    }
    let mesh = Mesh(
      positions: weld.positions, corners: corners, faceStarts: weld.faces.starts)
    return LevelSurface(mesh: mesh, levelFaceCount: weld.levelFaceCount, report: report)
  }

  /// - Parameter cap: the side of the level that is closed along the domain's sides.
  func weldedLevel(
    of output: ScalarOutput, level: Double, in domain: SplineDomain,
    cap: MarchingCubes.Side? = nil, search: LevelSearch = .complete, workers: Workers,
    progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws(SplineNetworkError) -> (LevelWeld, LevelReport) {
    let function = try function(output, minus: level)
    let pieces = try function.level(
      in: domain, search: search, workers: workers, progress: progress)
    var unresolvedCount = pieces.unresolvedCount
    var capParts: [LevelPolygons] = []
    if let cap {
      let sides = try function.walk(domain, purpose: .sides, workers: workers) {
        CapVisitor(inside: cap)
      }
      capParts = sides.map(\.visitor.polygons)
      unresolvedCount += sides.reduce(0) { $0 + $1.tally.unresolvedCutCount }
    }
    let weld = LevelWeld(
      pieces.polygons, cap: capParts, leastCorners: domain.dimension, workers: workers)
    let report = LevelReport(
      isComplete: pieces.isComplete, visitedCellCount: pieces.visitedCount,
      discardedCellCount: pieces.discardedCount, flatCellCount: pieces.flatCount,
      collapsedFaceCount: weld.collapsedCount, unresolvedCellCount: unresolvedCount,
      looseEndCount: domain.dimension == 3
        ? LooseEnds.edgeCount(
          weld, in: domain, rim: cap == nil ? .open : .capped, workers: workers)
        : LooseEnds.vertexCount(weld, in: domain))
    return (weld, report)
  }
}
