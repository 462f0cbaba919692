import Compute
import Foundation

extension EllipsePhantom {
  /// The exact line integrals along the rays of a scan.
  ///
  /// - Parameters:
  ///   - radius: the length of the phantom's unit, in the unit of the pixel size.
  ///   - raysPerBin: a bin is the mean of that many rays, evenly spread over its width; 1 is the ray
  ///     through its centre.
  /// - Shape: `[views, bins]`.
  public func sinogram(
    of scan: ScanGeometry, radius: Double, raysPerBin: Int = 1, workers: Workers = Workers()
  ) -> Matrix {
    precondition(raysPerBin > 0, "\(raysPerBin) rays a bin")
    let ellipses = prepared(radius: radius)
    let offsets = (0..<raysPerBin).map { i in
      ((Double(i) + 0.5) / Double(raysPerBin) - 0.5) * scan.binWidth
    }
    let views = workers.map(scan.viewCount) { _, view in
      let rays = ViewRays(scan, view: view)
      return (0..<scan.binCount).map { bin in
        let position = scan.detectorPosition(ofBin: bin)
        var sum = 0.0
        for offset in offsets {
          let (point, direction) = rays.ray(at: position + offset)
          for ellipse in ellipses {
            sum += ellipse.lineIntegral(through: point, direction: direction)
          }
        }
        return Float(sum / Double(raysPerBin))
      }
    }
    return Matrix(
      rows: scan.viewCount, columns: scan.binCount, elements: Array(views.joined()))
  }
}

/// The rays of one view.
private struct ViewRays {
  private let beam: ScanGeometry.Beam
  private let detector: SIMD2<Double>
  private let forward: SIMD2<Double>

  init(_ scan: ScanGeometry, view: Int) {
    let (c, s) = (cos(scan.angles[view]), sin(scan.angles[view]))
    beam = scan.beam
    detector = SIMD2(c, s)
    // From the source towards the detector.
    forward = SIMD2(-s, c)
  }

  /// The ray to a place on the detector: a point of it, and its direction, of length 1.
  func ray(at position: Double) -> (point: SIMD2<Double>, direction: SIMD2<Double>) {
    switch beam {
    case .parallel: return (position * detector, forward)
    case .fan(let sourceToOrigin, let sourceToDetector):
      let ray = sourceToDetector * forward + position * detector
      return (-sourceToOrigin * forward, ray / (ray * ray).sum().squareRoot())
    }
  }
}
