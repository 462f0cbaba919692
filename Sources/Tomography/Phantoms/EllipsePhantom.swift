import Compute
import Foundation

/// A sum of ellipses: a slice whose line integrals are known exactly, so that no test inverts its own
/// discretisation.
///
/// The ellipses are defined on [−1, 1]² with y upwards; `radius` says how long a unit of it is, in the
/// unit of the pixel size, around the rotation axis.
public struct EllipsePhantom: Sendable, Equatable, Codable {
  public var ellipses: [Ellipse]

  public init(_ ellipses: [Ellipse]) { self.ellipses = ellipses }

  /// One disc around the axis.
  public static func disc(radius: Double, value: Double = 1) -> EllipsePhantom {
    EllipsePhantom([Ellipse(value: value, semiAxisX: radius, semiAxisY: radius)])
  }

  /// The head of Shepp and Logan with its faint contrasts: brain 1.02, skull 2.
  ///
  /// - Source: Shepp and Logan, The Fourier Reconstruction of a Head Section, IEEE Transactions on
  ///   Nuclear Science 21 (1974); ellipses as in Kak and Slaney, Principles of Computerized
  ///   Tomographic Imaging (1988), table 3.1.
  public static let sheppLogan = head(
    values: [2, -0.98, -0.02, -0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01])

  /// The same ellipses with contrasts that can be seen: brain 0.2, skull 1.
  ///
  /// - Source: Toft, The Radon Transform, thesis, Technical University of Denmark (1996), appendix B.
  public static let modifiedSheppLogan = head(
    values: [1, -0.8, -0.2, -0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])

  private static func head(values: [Double]) -> EllipsePhantom {
    let shapes: [(a: Double, b: Double, x: Double, y: Double, degrees: Double)] = [
      (0.69, 0.92, 0, 0, 0), (0.6624, 0.874, 0, -0.0184, 0), (0.11, 0.31, 0.22, 0, -18),
      (0.16, 0.41, -0.22, 0, 18), (0.21, 0.25, 0, 0.35, 0), (0.046, 0.046, 0, 0.1, 0),
      (0.046, 0.046, 0, -0.1, 0), (0.046, 0.023, -0.08, -0.605, 0), (0.023, 0.023, 0, -0.606, 0),
      (0.023, 0.046, 0.06, -0.605, 0),
    ]
    return EllipsePhantom(
      zip(shapes, values).map { shape, value in
        Ellipse(
          value: value, centerX: shape.x, centerY: shape.y, semiAxisX: shape.a, semiAxisY: shape.b,
          rotation: shape.degrees * .pi / 180)
      })
  }

  /// The value at a point of [−1, 1]².
  public func value(x: Double, y: Double) -> Double {
    prepared(radius: 1).reduce(0) { $0 + ($1.contains(SIMD2(x, y)) ? $1.value : 0) }
  }

  /// The integral over the plane, which every parallel view has for its own integral.
  public func mass(radius: Double) -> Double {
    ellipses.reduce(0) { $0 + $1.mass } * radius * radius
  }

  func prepared(radius: Double) -> [PreparedEllipse] {
    precondition(radius > 0 && radius.isFinite, "a phantom cannot have the radius \(radius)")
    return ellipses.map { PreparedEllipse($0, radius: radius) }
  }

  // MARK: Picture

  /// The phantom on the pixels of a slice: each is the mean of `supersampling²` points.
  ///
  /// - Parameter radius: the length of the phantom's unit; ``radius(filling:)`` unless given.
  public func rasterized(
    on grid: SliceGrid, radius: Double? = nil, supersampling: Int = 4, workers: Workers = Workers()
  ) -> Matrix {
    precondition(supersampling > 0, "\(supersampling)² points a pixel")
    let ellipses = prepared(radius: radius ?? Self.radius(filling: grid))
    // Points of a pixel relative to its centre.
    let offsets = (0..<supersampling).map { i in
      ((Double(i) + 0.5) / Double(supersampling) - 0.5) * grid.pixelSize
    }
    let share = 1 / Double(supersampling * supersampling)
    let rows = workers.map(grid.rows) { _, row in
      (0..<grid.columns).map { column in
        let (x, y) = grid.position(row: row, column: column)
        var sum = 0.0
        for ellipse in ellipses {
          var inside = 0
          for dy in offsets {
            for dx in offsets where ellipse.contains(SIMD2(x + dx, y + dy)) { inside += 1 }
          }
          sum += ellipse.value * Double(inside)
        }
        return Float(sum * share)
      }
    }
    return Matrix(rows: grid.rows, columns: grid.columns, elements: Array(rows.joined()))
  }

  /// The length of the phantom's unit that fills a slice: half its shorter side.
  public static func radius(filling grid: SliceGrid) -> Double {
    Double(min(grid.rows, grid.columns)) / 2 * grid.pixelSize
  }
}
