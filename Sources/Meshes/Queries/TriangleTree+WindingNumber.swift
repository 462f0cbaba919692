import Compute

/// How a winding number is computed.
public enum WindingNumberMethod: Sendable, Equatable {
  /// The sum over all triangles, in double precision.
  case exact
  /// Parts of the surface farther away than `beta` times their radius by a dipole expansion to
  /// second order; nearer ones triangle by triangle, in single precision relative to their leaf.
  ///
  /// The larger `beta`, the smaller the error and the slower: errors fall with its cube. With 2 the
  /// largest error is about 0.005 on a scanned mesh, and its root mean square 0.001.
  case hierarchical(beta: Double = 2)
}

extension TriangleTree {
  /// How often the surface winds around a point: 1 inside a closed surface, 0 outside, and numbers
  /// between where the surface has holes; faces count with their orientation. On the surface itself
  /// rounding decides what it is.
  ///
  /// - Source: Jacobson et al., "Robust inside-outside segmentation using generalized winding
  ///   numbers", SIGGRAPH 2013; Barill et al., "Fast winding numbers for soups and clouds",
  ///   SIGGRAPH 2018; van Oosterom and Strackee, "The solid angle of a plane triangle", 1983.
  /// - Parameter point: finite, in the mesh's coordinates.
  public func windingNumber(
    at point: SIMD3<Double>, _ method: WindingNumberMethod = .hierarchical()
  ) -> Double {
    windingNumbers(at: [point], method, workers: Workers(count: 1))[0]
  }

  /// ``windingNumber(at:_:)`` of each of the points.
  public func windingNumbers(
    at points: [SIMD3<Double>], _ method: WindingNumberMethod = .hierarchical(),
    workers: Workers = Workers()
  ) -> [Double] {
    Self.check(points)
    return workers.inSpatialOrder(points, filling: 0) { windingNumbers(ofChunk: $0, method) }
  }

  /// Whether a point is inside: whether the surface winds around it by more than a half.
  public func isInside(
    _ point: SIMD3<Double>, _ method: WindingNumberMethod = .hierarchical()
  ) -> Bool {
    windingNumber(at: point, method) > 0.5
  }

  /// ``isInside(_:_:)`` of each of the points.
  public func areInside(
    _ points: [SIMD3<Double>], _ method: WindingNumberMethod = .hierarchical(),
    workers: Workers = Workers()
  ) -> [Bool] {
    Self.check(points)
    return workers.inSpatialOrder(points, filling: false) { chunk in
      windingNumbers(ofChunk: chunk, method).map { $0 > 0.5 }
    }
  }

  static func check(_ points: [SIMD3<Double>]) {
    for i in points.indices where !points[i].isFinite {
      preconditionFailure("point \(i) is \(points[i]), expected finite coordinates")
    }
  }

  func windingNumbers(ofChunk points: ArraySlice<SIMD3<Double>>, _ method: WindingNumberMethod)
    -> [Double]
  {
    switch method {
    case .exact:
      let sum = ExactWindingNumbers(triangles: triangles)
      return points.inPackets(of: 8) { packet, numbers in
        let values = sum.at(packet.map(frame.local))
        for lane in packet.indices { numbers.append(values[lane]) }
      }
    case .hierarchical(let beta):
      precondition(beta >= 1 && beta < 1e6, "beta is \(beta), expected a number from 1 on")
      let walk = WindingNumberWalk(self, beta: beta)
      var scratch = WindingNumberWalk.scratch
      return points.inPackets(of: Vector.scalarCount) { packet, numbers in
        let values = walk.windingNumbers(at: PointPacket(packet.map(frame.local)), &scratch)
        for lane in packet.indices { numbers.append(Double(values[lane])) }
      }
    }
  }
}

extension ArraySlice<SIMD3<Double>> {
  /// What `body` appends for `size` points at a time; the last packet may be smaller.
  func inPackets<Result>(of size: Int, _ body: ([SIMD3<Double>], inout [Result]) -> Void)
    -> [Result]
  {
    var results: [Result] = []
    results.reserveCapacity(count)
    for start in stride(from: startIndex, to: endIndex, by: size) {
      body(Array(self[start..<Swift.min(start + size, endIndex)]), &results)
    }
    return results
  }
}
