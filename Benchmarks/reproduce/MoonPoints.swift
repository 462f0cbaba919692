import Compute
import Foundation

/// Two half circles that reach into each other, with noise.
struct MoonPoints {
  /// The radius of the half circles; everything lies in [−1, 1]².
  static let scale = 0.5

  let points: [SIMD2<Double>]
  /// 0 or 1.
  let labels: [Float]

  init(count: Int, noise: Double, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var points: [SIMD2<Double>] = []
    var labels: [Float] = []
    for number in 0..<count {
      let isUpper = number % 2 == 0
      let angle = Double.pi * random.nextUnit()
      let place: SIMD2<Double> =
        isUpper
        ? [cos(angle) - 0.5, sin(angle) - 0.25] : [0.5 - cos(angle), 0.25 - sin(angle)]
      let shift = SIMD2(random.nextNormal(), random.nextNormal())
      points.append(Self.scale * (place + noise * shift))
      labels.append(isUpper ? 1 : 0)
    }
    self.points = points
    self.labels = labels
  }

  func points(ofClass label: Float) -> [SIMD2<Double>] {
    zip(points, labels).filter { $0.1 == label }.map(\.0)
  }
}
