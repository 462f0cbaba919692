import Compute
import Foundation
import Networks
import Synchronization
import TestSupport
import Training

/// Points in [−1, 1]² with their signed distances from the circle of radius ½, others in each epoch.
final class DrawnData: ResampledData, @unchecked Sendable {
  private let seed: UInt64
  private var current = MatrixData(
    coordinates: Matrix(rows: 0, columns: 2), targets: Matrix(rows: 0, columns: 1))
  /// The epochs that were drawn.
  private(set) var epochs: [Int] = []
  private let askedSamples = Mutex<Set<Int32>>([])

  init(seed: UInt64, count: Int = 100) {
    self.seed = seed
    samples = (0..<Int32(count)).map { $0 }
  }

  var points: any CoordinateSource { current.coordinates }
  let channels = 1
  let samples: [Int32]
  /// The samples whose targets somebody wanted.
  var asked: Set<Int32> { askedSamples.withLock { $0 } }

  func draw(epoch: Int) {
    epochs.append(epoch)
    var random = SplitMix64(seed: seed, stream: 50_000 + UInt64(epoch))
    let points = Matrix.random(samples.count, 2, using: &random)
    let distances = samples.indices.map { hypot(points[$0, 0], points[$0, 1]) - 0.5 }
    current = MatrixData(
      coordinates: points,
      targets: Matrix(rows: samples.count, columns: 1, elements: distances))
  }

  func copyTargets(of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int) {
    askedSamples.withLock { $0.formUnion(rows) }
    current.copyTargets(of: rows, into: &target, stride: stride)
  }
}
