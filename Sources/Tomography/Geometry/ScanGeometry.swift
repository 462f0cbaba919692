import Foundation

/// The rays of a scan: one view an angle, one ray a bin of the detector.
///
/// A view at angle θ has the detector along `(cos θ, sin θ)`; x points to the right, y upwards, the
/// rotation axis is the origin. Bin k lies at `(k − center) · binWidth` along the detector.
///
/// - Parallel beam: bin at distance s sees the line `x cos θ + y sin θ = s`.
/// - Fan beam: the source lies at `sourceToOrigin · (sin θ, −cos θ)`, a flat detector opposite to it;
///   its bins see the lines from the source to their centres.
/// - Units: angles in radians; lengths in the unit of the slice's pixel size. A sinogram's value is a
///   line integral: slice value × length.
/// - Source: the formulas of scikit-image's `radon` and of ASTRA's `parallel` and `fanflat`, checked
///   against sinograms of both (`Documentation/Conventions.md`).
public struct ScanGeometry: Sendable, Equatable, Codable {
  public enum Beam: Sendable, Equatable, Codable {
    case parallel
    case fan(sourceToOrigin: Double, sourceToDetector: Double)
  }

  public var beam: Beam
  public var angles: [Double]
  public var binCount: Int
  /// The distance between the centres of two bins, on the detector.
  public var binWidth: Double
  /// The bin index of the projected rotation axis, fractional where it falls between bins.
  public var center: Double

  public init(
    beam: Beam = .parallel, angles: [Double], binCount: Int, binWidth: Double = 1, center: Double
  ) {
    precondition(binCount > 0, "a detector cannot have \(binCount) bins")
    precondition(binWidth > 0 && binWidth.isFinite, "a bin cannot be \(binWidth) wide")
    precondition(angles.allSatisfy(\.isFinite) && center.isFinite, "angles and center are finite")
    self.beam = beam
    self.angles = angles
    self.binCount = binCount
    self.binWidth = binWidth
    self.center = center
  }

  /// A scan with the axis where `convention` has it.
  public init(
    beam: Beam = .parallel, angles: [Double], binCount: Int, binWidth: Double = 1,
    convention: Convention = .scikitImage
  ) {
    self.init(
      beam: beam, angles: angles, binCount: binCount, binWidth: binWidth,
      center: convention.axis(among: binCount))
  }

  public var viewCount: Int { angles.count }

  /// The scan that has only some of the views.
  public func keeping(views: [Int]) -> ScanGeometry {
    var copy = self
    copy.angles = views.map { angles[$0] }
    return copy
  }

  /// The bin's distance from the axis along the detector.
  public func detectorPosition(ofBin bin: Int) -> Double { (Double(bin) - center) * binWidth }

  /// Evenly spaced angles in radians.
  ///
  /// - Parameters:
  ///   - start, stop: in radians.
  ///   - includingStop: whether the last angle is `stop`, as NumPy's `linspace` has it.
  public static func angles(
    from start: Double, to stop: Double, count: Int, includingStop: Bool = false
  ) -> [Double] {
    let steps = includingStop ? max(count - 1, 1) : max(count, 1)
    return (0..<count).map { start + (stop - start) * Double($0) / Double(steps) }
  }
}

extension ScanGeometry {
  /// What one view counts in an integral over the angles, in radians: half the way to its neighbours
  /// on both sides.
  ///
  /// Evenly spaced views of a half turn count π / views each, as everywhere; views at one place (0
  /// and 180 degrees among parallel beams) share what it counts. A gap that stands out is a part of
  /// the circle that was not measured and counts as a usual one: six times as wide as that, or in a
  /// fan beam, where the views need not close a circle, the widest gap if it is twice as wide.
  ///
  /// Parallel beams are taken over a half turn, fan beams over a full one.
  public var viewWeights: [Double] {
    let spacing = spacing
    let usual = spacing.usual
    var gaps = spacing.gaps.map { $0 > 6 * usual ? usual : $0 }
    if beam != .parallel, spacing.arc < spacing.period {
      gaps[(spacing.first + gaps.count - 1) % gaps.count] = usual
    }
    return spacing.shares(of: gaps)
  }

  var spacing: ViewSpacing {
    ViewSpacing(angles, period: beam == .parallel ? .pi : 2 * .pi)
  }
}
