import Compute
import Foundation
import Meshes
import Networks
import ShapeFitting
import Testing
import Training

/// Small fits, with all settings given.
enum SampleFit {
  /// A sphere away from the origin, of another size than the network's box.
  static let center = SIMD3<Double>(10, -5, 3)
  static let radius = 4.0

  /// Writes the sphere; returns its path.
  static func sphere(in scratch: Scratch, rows: Int = 24) throws -> String {
    let path = scratch.file("sphere.ply")
    try SampleShape.sphere(center, radius: radius, rows: rows).write(to: path)
    return path
  }

  static func configuration(
    _ path: String, _ target: ShapeField.Target, _ loss: ShapeFitConfiguration.Loss,
    steps: Int = 300
  ) -> ShapeFitConfiguration {
    var architecture = Architecture(activation: "sine")
    (architecture.width, architecture.hiddenLayers) = (32, 1)
    architecture.firstConstants = ["omega0": 5]
    architecture.constants = ["omega0": 5]
    var training = TrainingConfiguration()
    (training.batch, training.steps) = (512, steps)
    training.learningRate = 5e-3
    var configuration = ShapeFitConfiguration(
      shape: path, architecture: architecture, training: training)
    (configuration.target, configuration.loss) = (target, loss)
    (configuration.eikonal, configuration.margin, configuration.threshold) = (0, 0.1, 0.5)
    (configuration.bounds, configuration.packed, configuration.timeLimit) = (nil, nil, nil)
    (configuration.samples, configuration.nearShare, configuration.nearSpread) = (10_000, 0.5, 0.15)
    (configuration.gridResolution, configuration.meshResolution) = (32, 32)
    return configuration
  }

  /// Trains to the end of the run.
  @discardableResult
  static func run(_ fit: ShapeFit) throws -> StopReason {
    try fit.run(afterStep: { _ in .goOn }, save: { _ in })
  }

  static func surface(_ fit: ShapeFit) throws -> Mesh {
    try fit.surface.surface(
      on: fit.surface.grid(resolution: fit.configuration.meshResolution), rim: .capped
    ).mesh
  }
}

/// The points of an epoch, and what the network should be there.
struct DrawnSamples: Equatable {
  var points: [SIMD3<Double>] = []
  var targets: [Float] = []

  init(_ fit: ShapeFit, epoch: Int) throws {
    let pointwise: any PointwiseData =
      switch fit.trainer.objective {
      case .pointwise(let data, _), .signedDistance(let data, _, _): data
      case .throughOperator, .following: throw CancellationError()
      }
    let data = try #require(pointwise as? any ResampledData)
    data.draw(epoch: epoch)
    let count = data.points.count
    let rows = (0..<Int32(count)).map { $0 }
    var coordinates = [Float](repeating: 0, count: 3 * count)
    var span = coordinates.mutableSpan
    data.points.copy(rows[...], into: &span, stride: count)
    points = (0..<count).map { i in
      SIMD3(
        Double(coordinates[i]), Double(coordinates[count + i]), Double(coordinates[2 * count + i]))
    }
    targets = [Float](repeating: 0, count: count)
    var values = targets.mutableSpan
    data.copyTargets(of: rows[...], into: &values, stride: count)
  }
}
