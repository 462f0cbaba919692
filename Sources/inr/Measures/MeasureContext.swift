import Compute
import Foundation
import SplineGeometry

/// What measures are taken of.
struct MeasureContext {
  /// The whole network, and the slice of its inputs that is looked at; nil for all of them.
  let network: SplineNetwork
  let slice: AffineSlice?
  /// The network as a function of the slice's coordinates.
  let spline: SplineNetwork
  /// Along each coordinate of ``spline``.
  let box: [ClosedRange<Double>]
  /// The box, if it is of two or three coordinates.
  let domain: SplineDomain?
  /// Of a domain of two coordinates.
  let shared: SharedPartition?
  /// `[points][coordinates of the spline]`
  let points: [[Double]]
  let pointsAreGiven: Bool
  /// `[points][values]`
  let targets: [[Double]]?
  /// A number for each point.
  let errors: [Double]?
  /// Nil: all values.
  let output: ScalarOutput?
  /// How a picture shows two coordinates.
  let orientation: PixelMap.Orientation
  let options: MeasureOptions
  let folder: MeasureFolder?
  let workers: Workers

  /// The points in the whole network's coordinates.
  var wholePoints: [[Double]] {
    slice.map { slice in points.map { slice.point(at: $0) } } ?? points
  }

  var needsPlane: String {
    "the network has \(counted(spline.inputs, "coordinate")); --plane or --through chooses a plane"
  }

  var linearUnitsProblem: String? {
    guard let layer = network.carriedUnits.firstIndex(where: { $0 > 0 }) else { return nil }
    return
      "layer \(layer) carries values past it, so the weights are not parameters of a plain chain"
  }

  /// The radius of the neighbourhoods for local complexity.
  var radius: Double {
    options.radius ?? 0.01 * (box.map { $0.upperBound - $0.lowerBound }.min() ?? 1)
  }

  /// What the points are, in words.
  var pointsText: String { Self.text(of: points, areGiven: pointsAreGiven) }

  static func text(of points: [[Double]], areGiven: Bool) -> String {
    areGiven
      ? "\(points.count) given points" : "\(points.count) points drawn uniformly from the domain"
  }
}

/// The pixels of a picture over a box of two coordinates, square as far as that goes.
struct PixelMap {
  /// How the coordinates lie in the picture.
  enum Orientation {
    /// The second one upwards.
    case up
    /// The second one downwards, as in pictures' networks.
    case down
    /// The first one downwards.
    case transposed
  }

  let box: [ClosedRange<Double>]
  let orientation: Orientation

  /// The longer side has 400.
  var size: PixelSize {
    let sides = box.map { $0.upperBound - $0.lowerBound }
    let pixels = sides.map { max(1, Int((400 * $0 / max(sides[0], sides[1])).rounded())) }
    return orientation == .transposed
      ? PixelSize(width: pixels[1], height: pixels[0])
      : PixelSize(width: pixels[0], height: pixels[1])
  }

  /// The middles of the pixels, the upper row first.
  var points: [[Double]] {
    let size = size
    return (0..<size.height).flatMap { row in
      (0..<size.width).map { column in
        let right = (Double(column) + 0.5) / Double(size.width)
        let down = (Double(row) + 0.5) / Double(size.height)
        let shares =
          switch orientation {
          case .up: [right, 1 - down]
          case .down: [right, down]
          case .transposed: [down, right]
          }
        return zip(box, shares).map { $0.lowerBound + $1 * ($0.upperBound - $0.lowerBound) }
      }
    }
  }
}

/// Six digits.
func figure(_ value: Double) -> String { String(format: "%.6g", value) }

func figure(_ value: Double?) -> String { value.map { figure($0) } ?? "none" }

/// A mean with its standard error.
func figure(_ mean: SampleMean) -> String {
  figure(mean.mean)
    + (mean.standardError.map { " ± \(String(format: "%.2g", $0))" } ?? "")
}

/// The lines that tell a distribution.
func rows(_ distribution: SampleDistribution?, unit: String = "") -> [(String, String)] {
  guard let distribution else { return [("mean", "none")] }
  return [
    ("mean", figure(distribution.sample) + unit),
    ("median", figure(distribution.median) + unit),
    (
      "5 % to 95 %",
      "\(figure(distribution.quantile5)) to \(figure(distribution.quantile95))\(unit)"
    ),
    ("least, greatest", "\(figure(distribution.minimum)), \(figure(distribution.maximum))\(unit)"),
  ]
}
