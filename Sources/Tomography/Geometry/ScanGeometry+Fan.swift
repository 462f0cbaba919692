import Foundation

extension ScanGeometry {
  /// How a length at the rotation axis compares with its image on the detector: 1 for parallel beams.
  public var magnificationToAxis: Double {
    switch beam {
    case .parallel: 1
    case .fan(let sourceToOrigin, let sourceToDetector): sourceToOrigin / sourceToDetector
    }
  }

  /// The angle between the ray to a bin and the ray through the axis, in radians.
  package func fanAngle(ofBin bin: Int) -> Double {
    guard case .fan(_, let sourceToDetector) = beam else { return 0 }
    return atan2(detectorPosition(ofBin: bin), sourceToDetector)
  }

  /// What one view counts in filtered back projection, in radians.
  var reconstructionWeights: [Double] { viewWeights }
}

/// What the values of a fan beam scan count so that each line counts once in all.
///
/// The ray at view θ and fan angle γ is that at view θ + π − 2γ and fan angle −γ, seen from the other
/// side. Over a full turn every line is seen twice and counts ½. Otherwise both views of a line
/// share its weight smoothly, and a line that is seen once counts 1; the formula holds for every arc.
///
/// - Source: Parker, Optimal short scan convolution reconstruction for fanbeam CT, Medical Physics 9
///   (1982), with the fan's half angle replaced by half of what the arc has beyond a half turn.
package struct FanRedundancy: Sendable {
  /// Views from the first of the arc on.
  private let angles: [Double]
  private let arc: Double

  package init(_ scan: ScanGeometry) {
    let spacing = scan.spacing
    angles = scan.angles.indices.map { spacing.angle(ofView: $0) }
    arc = spacing.arc
  }

  package func weight(view: Int, fanAngle: Double) -> Double {
    guard arc < 2 * .pi else { return 0.5 }
    let angle = angles[view]
    // Its other view lies π − 2γ above or π + 2γ below this one.
    let rising = arc - .pi + 2 * fanAngle
    if angle < rising { return Self.rise(angle / rising) }
    let falling = arc - .pi - 2 * fanAngle
    if arc - angle < falling { return Self.rise((arc - angle) / falling) }
    return 1
  }

  private static func rise(_ share: Double) -> Double {
    let sine = sin(.pi / 2 * min(max(share, 0), 1))
    return sine * sine
  }
}
