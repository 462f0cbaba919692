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
  /// Evenly spaced views of a half turn count π / views each, as everywhere; views at 0 and 180
  /// degrees share one place. Gaps above twice the usual one are missing views, not the share of
  /// their neighbours. Fan beams are taken over a full turn, parallel beams over a half.
  public var viewWeights: [Double] {
    let period = beam == .parallel ? Double.pi : 2 * Double.pi
    guard viewCount > 1 else { return angles.map { _ in period } }
    let folded = angles.map { angle in
      let rest = angle.truncatingRemainder(dividingBy: period)
      return rest < 0 ? rest + period : rest
    }
    let order = folded.indices.sorted { (folded[$0], $0) < (folded[$1], $1) }
    // gaps[i]: from the ith to the next in order, around the circle.
    var gaps = order.indices.map { i in
      i + 1 < order.count
        ? folded[order[i + 1]] - folded[order[i]] : folded[order[0]] + period - folded[order[i]]
    }
    let usual = gaps.sorted()[gaps.count / 2]
    if usual > 0 { gaps = gaps.map { $0 > 2.01 * usual ? usual : $0 } }
    var weights = [Double](repeating: 0, count: viewCount)
    for (i, view) in order.enumerated() {
      weights[view] = (gaps[i] + gaps[(i + gaps.count - 1) % gaps.count]) / 2
    }
    return weights
  }
}
