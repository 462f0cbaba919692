import Compute
import Meshes

/// How far a function's values on an exact level set are from the level: the largest |f − c|.
///
/// The network is evaluated layer by layer, not by the affine maps that the level set was found with.
public struct LevelDeviation: Sendable, Equatable {
  public internal(set) var atVertices = 0.0
  public internal(set) var atEdgeMidpoints = 0.0
  /// At the means of the faces' corners; of a contour 0.
  public internal(set) var atFaceCentroids = 0.0

  public var largest: Double { max(atVertices, atEdgeMidpoints, atFaceCentroids) }
}

extension SplineNetwork {
  /// The deviation of a surface, without the faces that cap it.
  ///
  /// - Parameter surface: of this network, in its coordinates.
  public func deviation(
    of surface: LevelSurface, from level: Double, output: ScalarOutput = .component(0),
    workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LevelDeviation {
    guard inputs == 3 else { throw .inputCount(found: inputs, expected: 3) }
    let mesh = surface.levelMesh
    var isUsed = [Bool](repeating: false, count: mesh.vertexCount)
    for corner in mesh.corners { isUsed[Int(corner)] = true }
    let vertices = isUsed.indices.filter { isUsed[$0] }.map { mesh.positions[$0] }
    let midpoints = mesh.edges.map {
      (mesh.positions[Int($0.x)] + mesh.positions[Int($0.y)]) / 2
    }
    let centroids = (0..<mesh.faceCount).map { face in
      let corners = mesh.corners(ofFace: face)
      return corners.reduce(SIMD3.zero) { $0 + mesh.positions[Int($1)] } / Double(corners.count)
    }
    let function = try function(output, minus: level)
    return LevelDeviation(
      atVertices: function.largestValue(at: vertices, workers),
      atEdgeMidpoints: function.largestValue(at: midpoints, workers),
      atFaceCentroids: function.largestValue(at: centroids, workers))
  }

  /// The deviation of a contour.
  public func deviation(
    of contour: LevelContour, from level: Double, output: ScalarOutput = .component(0),
    workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LevelDeviation {
    guard inputs == 2 else { throw .inputCount(found: inputs, expected: 2) }
    var (vertices, midpoints): ([SIMD3<Double>], [SIMD3<Double>]) = ([], [])
    for line in contour.polylines {
      vertices += line.points.map { SIMD3($0, 0) }
      for k in 0..<line.segmentCount {
        let middle = (line.points[k] + line.points[(k + 1) % line.points.count]) / 2
        midpoints.append(SIMD3(middle, 0))
      }
    }
    let function = try function(output, minus: level)
    return LevelDeviation(
      atVertices: function.largestValue(at: vertices, workers),
      atEdgeMidpoints: function.largestValue(at: midpoints, workers))
  }

  /// The least and the largest value at the points of a grid on a box, both of its ends included.
  ///
  /// - Parameter counts: points along each axis; in the plane, 1 along z.
  public func sampledRange(
    of output: ScalarOutput = .component(0), in box: Box, counts: SIMD3<Int>,
    workers: Workers = Workers()
  ) throws(SplineNetworkError) -> ClosedRange<Double> {
    let function = try function(output, minus: 0)
    @Sendable func coordinate(_ axis: Int, _ i: Int) -> Double {
      guard counts[axis] > 1 else { return box.lower[axis] }
      let share = Double(i) / Double(counts[axis] - 1)
      return box.lower[axis] + share * box.size[axis]
    }
    let ranges = workers.map(counts.z * counts.y) { _, row in
      let (k, j) = row.quotientAndRemainder(dividingBy: counts.y)
      let points = (0..<counts.x).map {
        SIMD3(coordinate(0, $0), coordinate(1, j), coordinate(2, k))
      }
      return function.range(at: points[...])
    }
    return ranges.reduce(ranges[0]) { merged($0, $1) }
  }

  private func largestValue(at points: [SIMD3<Double>], _ workers: Workers) -> Double {
    let size = 4096
    let largest = workers.map((points.count + size - 1) / size) { _, chunk in
      let range = range(at: points[chunk * size..<min((chunk + 1) * size, points.count)])
      return max(abs(range.lowerBound), abs(range.upperBound))
    }
    return largest.max() ?? 0
  }

  /// The range of the only output at some points, at least one.
  private func range(at points: ArraySlice<SIMD3<Double>>) -> ClosedRange<Double> {
    var evaluation = PointLanes(self)
    var range: ClosedRange<Double>?
    for first in stride(from: points.startIndex, to: points.endIndex, by: FormLanes.count) {
      var (x, y, z) = (FormLanes.Lanes.zero, FormLanes.Lanes.zero, FormLanes.Lanes.zero)
      for lane in 0..<FormLanes.count {
        // The last point fills lanes that are left over.
        let point = points[min(first + lane, points.endIndex - 1)]
        (x[lane], y[lane], z[lane]) = (point.x, point.y, point.z)
      }
      let values = evaluation.values(x: x, y: y, z: z)
      let found = values.min()...values.max()
      range = range.map { merged($0, found) } ?? found
    }
    return range ?? 0...0
  }
}

private func merged(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>) -> ClosedRange<Double> {
  min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
}
