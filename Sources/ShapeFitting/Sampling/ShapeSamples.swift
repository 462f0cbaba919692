import Compute
import Meshes
import Networks
import Training

/// Random points of a solid and what the network should be there, drawn anew for each epoch: a share
/// of them near the surface, where it is decided, the others everywhere in the box.
final class ShapeSamples: ResampledData, @unchecked Sendable {
  /// How points are chosen.
  struct Mix: Sendable, Equatable {
    /// Points of an epoch.
    var count: Int
    /// The share of them that is near the surface.
    var nearShare: Double
    /// Their standard deviation from it, in the network's coordinates; half of them have a quarter.
    var spread: Double
  }

  let channels = 1
  private let solid: any Solid
  private let target: ShapeField.Target
  private let mix: Mix
  private let seed: UInt64
  private let workers: Workers
  private var coordinates = Matrix(rows: 0, columns: 3)
  private var targets: [Float] = []

  init(
    _ solid: any Solid, _ target: ShapeField.Target, _ mix: Mix, seed: UInt64, workers: Workers
  ) {
    self.solid = solid
    self.target = target
    self.mix = mix
    self.seed = seed
    self.workers = workers
  }

  var points: any CoordinateSource { coordinates }

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, row) in rows.enumerated() { target[i] = targets[Int(row)] }
  }

  /// Random numbers of epochs begin at this stream.
  private static let firstStream: UInt64 = 1 << 32

  func draw(epoch: Int) {
    var random = SplitMix64(seed: seed, stream: Self.firstStream + UInt64(epoch))
    let near = Int((mix.nearShare * Double(mix.count)).rounded())
    let close = near / 2
    let drawn =
      solid.pointsNearSurface(
        close, spread: mix.spread / 4, seed: random.next(), workers: workers)
      + solid.pointsNearSurface(
        near - close, spread: mix.spread, seed: random.next(), workers: workers)
      + solid.uniformPoints(mix.count - near, seed: random.next(), workers: workers)
    coordinates = Matrix(rows: mix.count, columns: 3, elements: drawn.coordinates)
    targets =
      switch target {
      case .occupancy: solid.areInside(drawn, workers: workers).map { $0 ? 1 : 0 }
      case .sdf: solid.signedDistances(drawn, workers: workers).map { Float($0) }
      }
  }
}

extension [SIMD3<Double>] {
  /// As a network takes them, point by point.
  var coordinates: [Float] {
    var elements: [Float] = []
    elements.reserveCapacity(3 * count)
    for point in self {
      elements.append(Float(point.x))
      elements.append(Float(point.y))
      elements.append(Float(point.z))
    }
    return elements
  }
}
