import Compute
import Imaging
import Networks
import Training

/// Points of the plane with a value each.
struct PointSamples: PointwiseData {
  /// `[points, 2]`
  let coordinates: Matrix
  let targets: [Float]

  init(_ points: [SIMD2<Double>], targets: [Float]) {
    precondition(points.count == targets.count)
    coordinates = Matrix(
      rows: points.count, columns: 2, elements: points.flatMap { [Float($0.x), Float($0.y)] })
    self.targets = targets
  }

  /// The pixels of a gray picture, at pixel centres in [−1, 1]².
  init(_ picture: Image) {
    let (width, height) = (picture.width, picture.height)
    self.init(
      (0..<picture.pixelCount).map { pixel in
        SIMD2(
          Double(2 * (pixel % width) + 1) / Double(width) - 1,
          Double(2 * (pixel / width) + 1) / Double(height) - 1)
      }, targets: picture.samples)
  }

  var points: any CoordinateSource { coordinates }
  var channels: Int { 1 }

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, row) in rows.enumerated() { target[i] = targets[Int(row)] }
  }
}

extension PointSamples {
  /// Trains a network, and shows it at some numbers of steps.
  ///
  /// - Parameters:
  ///   - marks: in ascending order; 0 is before training.
  ///   - visit: gets the number of steps and the network after them.
  func train(
    _ network: Network, loss: any Loss = SquaredError(), _ configuration: TrainingConfiguration,
    showingAt marks: [Int] = [], workers: Workers,
    visit: (_ step: Int, _ network: Network) throws -> Void = { _, _ in }
  ) throws -> Network {
    let trainer = Trainer(
      network, objective: .pointwise(self, loss),
      samples: (0..<Int32(targets.count)).map { $0 }, configuration: configuration,
      workers: workers)
    if marks.first == 0 { try visit(0, network) }
    _ = try trainer.run(
      afterStep: { progress in
        if progress.step > 0, marks.contains(progress.step) {
          try visit(progress.step, trainer.network)
        }
        return .goOn
      }, save: { _ in })
    return trainer.network
  }

  /// The values of a network at the points.
  func values(of network: Network, workers: Workers) -> [Float] {
    FieldEvaluator(network, workers: workers).values(at: coordinates)
  }
}

extension Image {
  /// A gray picture of values in row order, clipped to [0, 1].
  init(width: Int, values: [Float]) {
    self.init(
      width: width, height: values.count / width, channels: 1,
      samples: values.map { min(max($0, 0), 1) })
  }
}

/// Points drawn uniformly from [−1, 1]².
func uniformPoints(_ count: Int, using random: inout SplitMix64) -> [SIMD2<Double>] {
  (0..<count).map { _ in
    let x = 2 * random.nextUnit() - 1
    return SIMD2(x, 2 * random.nextUnit() - 1)
  }
}
