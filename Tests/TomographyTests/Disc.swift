import Compute
import Foundation
import Tomography

/// A disc of value 1 and its exact line integrals, so that no test inverts its own discretisation.
struct Disc: Sendable {
  var x = 0.0
  var y = 0.0
  var radius: Double

  /// 2 √(r² − d²) on lines at the distance d from its middle.
  func sinogram(_ scan: ScanGeometry) -> Matrix {
    var result = Matrix(rows: scan.viewCount, columns: scan.binCount)
    for (view, angle) in scan.angles.enumerated() {
      for bin in 0..<scan.binCount {
        let distance = distance(toRay: bin, angle, scan)
        result[view, bin] = Float(2 * max(radius * radius - distance * distance, 0).squareRoot())
      }
    }
    return result
  }

  private func distance(toRay bin: Int, _ angle: Double, _ scan: ScanGeometry) -> Double {
    let (c, s) = (cos(angle), sin(angle))
    let t = (Double(bin) - scan.center) * scan.binWidth
    switch scan.beam {
    case .parallel: return x * c + y * s - t
    case .fan(let sourceToOrigin, let sourceToDetector):
      let source = (x: sourceToOrigin * s, y: -sourceToOrigin * c)
      let along = (x: t * c - sourceToDetector * s, y: t * s + sourceToDetector * c)
      let cross = (x - source.x) * along.y - (y - source.y) * along.x
      return cross / (along.x * along.x + along.y * along.y).squareRoot()
    }
  }

  /// Of the pixels whose centres lie at most `share` of the radius away from its middle.
  func statistics(of slice: Matrix, _ grid: SliceGrid, within share: Double = 0.8) -> (
    mean: Double, deviation: Double
  ) {
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    forEachPixel(of: slice, grid) { distance, value in
      guard distance <= share * radius else { return }
      count += 1
      sum += value
      squares += value * value
    }
    let mean = sum / count
    return (mean, max(squares / count - mean * mean, 0).squareRoot())
  }

  /// The root mean square of the pixels of a circle around the axis, at least 1.2 radii from the
  /// disc's middle.
  func background(of slice: Matrix, _ grid: SliceGrid, radius circle: Double) -> Double {
    let inside = grid.circle(radius: circle)
    var (count, squares, i) = (0.0, 0.0, 0)
    forEachPixel(of: slice, grid) { distance, value in
      defer { i += 1 }
      guard inside[i], distance >= 1.2 * radius else { return }
      count += 1
      squares += value * value
    }
    return (squares / count).squareRoot()
  }

  private func forEachPixel(
    of slice: Matrix, _ grid: SliceGrid, _ body: (_ distance: Double, _ value: Double) -> Void
  ) {
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let place = grid.position(row: row, column: column)
        let distance = ((place.x - x) * (place.x - x) + (place.y - y) * (place.y - y)).squareRoot()
        body(distance, Double(slice[row, column]))
      }
    }
  }
}
