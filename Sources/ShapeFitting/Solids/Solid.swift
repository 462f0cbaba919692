import Compute
import Foundation
import Meshes

/// What a network is fitted to: which points are inside, how far they are from the surface, and where
/// the surface is. All points are in the network's coordinates.
public protocol Solid: Sendable {
  /// Whether points are inside.
  func areInside(_ points: [SIMD3<Double>], workers: Workers) -> [Bool]

  /// Distances to the surface, negative inside.
  func signedDistances(_ points: [SIMD3<Double>], workers: Workers) -> [Double]

  /// Random points of the box.
  func uniformPoints(_ count: Int, seed: UInt64, workers: Workers) -> [SIMD3<Double>]

  /// Random points near the surface.
  ///
  /// - Parameter spread: standard deviation of their distance from points of the surface, in each
  ///   coordinate.
  func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]

  /// The samples of the grid on which a fit is judged.
  var grid: SampleGrid { get }
}

/// Points come in chunks with streams of random numbers of their own, so that they depend on no thread.
func randomPoints(
  _ count: Int, seed: UInt64, workers: Workers,
  _ draw: @Sendable (_ number: Int, inout SplitMix64) -> SIMD3<Double>
) -> [SIMD3<Double>] {
  let length = 4096
  let chunks = workers.map((count + length - 1) / length) { _, chunk in
    var random = SplitMix64(seed: seed, stream: UInt64(chunk))
    return (chunk * length..<min((chunk + 1) * length, count)).map { draw($0, &random) }
  }
  return Array(chunks.joined())
}

extension SplitMix64 {
  mutating func nextNormalVector() -> SIMD3<Double> { [nextNormal(), nextNormal(), nextNormal()] }

  mutating func nextPoint(in box: Box) -> SIMD3<Double> {
    box.lower + box.size * [nextUnit(), nextUnit(), nextUnit()]
  }
}
