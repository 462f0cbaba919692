import Compute

/// A point of a mesh's surface.
public struct SurfacePoint: Sendable, Equatable {
  public var point: SIMD3<Double>
  /// The face that it belongs to; of several, the first one.
  public var face: Int
  /// From the point that was asked about.
  public var squaredDistance: Double

  public init(point: SIMD3<Double>, face: Int, squaredDistance: Double) {
    self.point = point
    self.face = face
    self.squaredDistance = squaredDistance
  }

  public var distance: Double { squaredDistance.squareRoot() }
}

extension TriangleTree {
  /// The point of the surface that is closest to a point, in double precision.
  ///
  /// - Parameter point: finite, in the mesh's coordinates.
  public func closestPoint(to point: SIMD3<Double>) -> SurfacePoint {
    closestPoints(to: [point], workers: Workers(count: 1))[0]
  }

  /// ``closestPoint(to:)`` of each of the points.
  public func closestPoints(to points: [SIMD3<Double>], workers: Workers = Workers())
    -> [SurfacePoint]
  {
    Self.check(points)
    let nothing = SurfacePoint(point: .zero, face: 0, squaredDistance: 0)
    return workers.inSpatialOrder(points, filling: nothing, closestPoints(ofChunk:))
  }

  /// The distance of a point from the surface, negative inside, where the surface winds around it by
  /// more than a half.
  ///
  /// - Parameter point: finite, in the mesh's coordinates.
  public func signedDistance(
    at point: SIMD3<Double>, _ method: WindingNumberMethod = .hierarchical()
  ) -> Double {
    signedDistances(at: [point], method, workers: Workers(count: 1))[0]
  }

  /// ``signedDistance(at:_:)`` of each of the points.
  public func signedDistances(
    at points: [SIMD3<Double>], _ method: WindingNumberMethod = .hierarchical(),
    workers: Workers = Workers()
  ) -> [Double] {
    Self.check(points)
    return workers.inSpatialOrder(points, filling: 0) { chunk in
      zip(closestPoints(ofChunk: chunk), windingNumbers(ofChunk: chunk, method))
        .map { closest, turns in turns > 0.5 ? -closest.distance : closest.distance }
    }
  }

  private func closestPoints(ofChunk points: ArraySlice<SIMD3<Double>>) -> [SurfacePoint] {
    let walk = ClosestPointWalk(self)
    var memory = ClosestPointWalk.Memory()
    return points.inPackets(of: 8) { packet, results in
      let packet = packet.map(frame.local)
      let found = walk.closestTriangles(to: packet, &memory)
      for lane in packet.indices {
        let triangle = Int(found[lane])
        let closest = TriangleDistance(triangles[triangle]).closestPoint(to: packet[lane])
        let way = (packet[lane] - closest) / frame.scale
        results.append(
          SurfacePoint(
            point: frame.global(closest), face: Int(faces[Int(order[triangle])]),
            squaredDistance: way.dot(way)))
      }
    }
  }
}
