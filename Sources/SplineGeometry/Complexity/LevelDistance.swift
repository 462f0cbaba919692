import Compute
import Meshes

/// How far a point is from where a network has a level.
public struct LevelDistance: Sendable, Equatable {
  /// To the level set inside the domain; infinite if there is none.
  public let distance: Double
  /// The nearest point of the level set, the first one of several; nil if there is none.
  public let nearest: [Double]?
  /// Whether nothing outside the domain can be nearer: the point is in the domain, and no side of it is
  /// nearer than `distance`.
  public let isNearestOfAll: Bool
}

extension SplineNetwork {
  /// The exact distances of points to the level set of an output inside a domain of the plane or of
  /// space; also of points outside it.
  ///
  /// The level set is found whole, a polygon (a line) in each region that it goes through, by a search
  /// that proves that none is missed; then each point's nearest polygon is looked up in a hierarchy of
  /// boxes. Walking outward from each point, cell by cell, would visit the same cells once for each
  /// point. Where the function has the level on a whole region, distances are to the boundary of what
  /// is above it.
  ///
  /// - Units: those of the coordinates.
  /// - Returns: the same for any number of workers.
  /// - Source: the distance to a decision boundary, exactly: Jordan, Lewis, Dimakis, "Provable
  ///   certificates for adversarial examples: fitting a ball in the union of polytopes" (GeoCert),
  ///   NeurIPS 2019, arXiv:1903.08778, who walk from cell to cell.
  public func levelDistances(
    of points: [[Double]], to output: ScalarOutput = .component(0), level: Double = 0,
    in domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> [LevelDistance] {
    guard inputs == domain.dimension else {
      throw .inputCount(found: inputs, expected: domain.dimension)
    }
    let places = points.map { point in
      precondition(point.count == inputs, "a point has \(point.count) coordinates, not \(inputs)")
      return SIMD3(point[0], point[1], inputs == 3 ? point[2] : 0)
    }
    let (weld, _) = try weldedLevel(of: output, level: level, in: domain, workers: workers)
    guard weld.faces.starts.count > 1 else {
      return places.map { _ in
        LevelDistance(distance: .infinity, nearest: nil, isNearestOfAll: false)
      }
    }
    let tree: TriangleTree
    do {
      tree = try TriangleTree(weld.mesh(dimension: inputs), workers: workers)
    } catch { throw .emptyDomain("is too large to measure distances in: \(error)") }
    return zip(places, tree.closestPoints(to: places, workers: workers)).map { place, found in
      LevelDistance(
        distance: found.distance, nearest: (0..<inputs).map { found.point[$0] },
        isNearestOfAll: domain.sides.allSatisfy { -$0.value(at: place) >= found.distance })
    }
  }
}

extension LevelWeld {
  /// The level set; its lines in the plane are triangles without area.
  fileprivate func mesh(dimension: Int) -> Mesh {
    guard dimension == 2 else {
      return Mesh(positions: positions, corners: faces.corners, faceStarts: faces.starts)
    }
    let lines = (0..<faces.corners.count / 2).map { line in
      SIMD3(faces.corners[2 * line], faces.corners[2 * line + 1], faces.corners[2 * line + 1])
    }
    return Mesh(positions: positions, triangles: lines)
  }
}
