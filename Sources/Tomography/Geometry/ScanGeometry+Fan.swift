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
  func fanAngle(ofBin bin: Int) -> Double {
    guard case .fan(_, let sourceToDetector) = beam else { return 0 }
    return atan2(detectorPosition(ofBin: bin), sourceToDetector)
  }

  func fanCosine(ofBin bin: Int) -> Double { cos(fanAngle(ofBin: bin)) }

  /// The arc that the views span, counting one step beyond the last.
  var arc: Double {
    guard let low = angles.min(), let high = angles.max(), viewCount > 1 else { return 0 }
    return (high - low) * Double(viewCount) / Double(viewCount - 1)
  }

  /// The half angle of the fan.
  var halfFanAngle: Double { max(abs(fanAngle(ofBin: 0)), abs(fanAngle(ofBin: binCount - 1))) }

  /// What a value counts so that each line counts once in all: ½ in a full turn, Parker's smooth
  /// weights in a short scan, 1 where the arc is shorter than that and hardly a line is seen twice.
  func redundancyWeight(view: Int, bin: Int) -> Double {
    guard beam != .parallel else { return 1 }
    if arc > 2 * .pi - 1e-6 { return 0.5 }
    let excess = (arc - .pi) / 2
    guard excess >= halfFanAngle else { return 1 }
    return parkerWeight(
      angle: angles[view] - (angles.min() ?? 0), fanAngle: fanAngle(ofBin: bin), excess: excess)
  }

  /// - Parameter excess: half of what the arc has beyond a half turn.
  ///
  /// The ray at view β and fan angle γ is seen again at β + π + 2γ from the other side, with −γ.
  private func parkerWeight(angle: Double, fanAngle: Double, excess: Double) -> Double {
    // The sign of the fan's angle against the turning: here a view's detector turns with it.
    let gamma = -fanAngle
    func rise(_ x: Double, over length: Double) -> Double {
      guard length > 1e-12 else { return x < 0 ? 0 : 1 }
      let share = min(max(x / length, 0), 1)
      return pow(sin(.pi / 2 * share), 2)
    }
    let rising = 2 * (excess - gamma)
    let falling = 2 * (excess + gamma)
    if angle < rising { return rise(angle, over: rising) }
    let left = .pi + 2 * excess - angle
    if left < falling { return rise(left, over: falling) }
    return 1
  }

  /// What one view counts in filtered back projection, in radians.
  var reconstructionWeights: [Double] {
    switch beam {
    case .parallel: return viewWeights
    case .fan: return angles.map { _ in arc / Double(max(viewCount, 1)) }
    }
  }
}
