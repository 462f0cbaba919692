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

  /// Random points of the box near the surface.
  ///
  /// - Parameter spread: standard deviation of their distance from points of the surface, in each
  ///   coordinate.
  func pointsNearSurface(_ count: Int, spread: Double, seed: UInt64, workers: Workers)
    -> [SIMD3<Double>]

  /// The voxels at whose middles a fit is judged.
  var grid: VoxelGrid { get }
}

/// Points come in chunks of 4096 with streams of random numbers of their own, so that they depend on no
/// thread, and fewer points are the beginning of more.
///
/// - Parameter numbers: of the points; the first one begins a chunk.
func randomPoints(
  _ numbers: Range<Int>, seed: UInt64, workers: Workers,
  _ draw: @Sendable (_ number: Int, inout SplitMix64) -> SIMD3<Double>
) -> [SIMD3<Double>] {
  let length = 4096
  precondition(numbers.lowerBound % length == 0, "point \(numbers.lowerBound) begins no chunk")
  let chunks = workers.map((numbers.count + length - 1) / length) { _, chunk in
    let first = numbers.lowerBound + chunk * length
    var random = SplitMix64(seed: seed, stream: UInt64(first / length))
    return (first..<min(first + length, numbers.upperBound)).map { draw($0, &random) }
  }
  return Array(chunks.joined())
}

extension SplitMix64 {
  mutating func nextNormalVector() -> SIMD3<Double> { [nextNormal(), nextNormal(), nextNormal()] }

  mutating func nextPoint(in box: Box) -> SIMD3<Double> {
    box.lower + box.size * [nextUnit(), nextUnit(), nextUnit()]
  }
}
