import Compute
import Networks
import Training

/// Settings of a fit to a solid that were chosen by measurement, as
/// `Documentation/Decisions/0011-fits-to-solids.md` tells.
public struct RecommendedShapeSettings: Sendable, Equatable {
  /// The activation of choice.
  public static let activation = Sine.name

  public var architecture: Architecture
  public var training: TrainingConfiguration
  /// Of Fourier features, in periods per unit of the coordinates.
  public let fourierScale = 3.0
  public let grid = GridShape(coarsest: 8, finest: [128], entries: 1 << 16)
  /// The share of the points that is near the surface.
  public let nearShare: Double

  /// What a shape is fitted as: of voxels it is known which are full, of a mesh how far away it is.
  public static func target(of shape: String) -> ShapeField.Target {
    ShapeFitConfiguration.isVolume(shape) ? .occupancy : .sdf
  }

  public init(activation: String, size: NetworkSize = NetworkSize(), target: ShapeField.Target) {
    nearShare = target == .occupancy ? 0.5 : 0.8
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    training.batch = 2048
    training.steps = 60 * 128
    training.learningRate = 5e-4
    training.firstLayerRate = 0.25
    training.rounding = .recommended
    switch activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": 60]
      // At twice this rate the noise of the batches makes the weights grow, and with them false specks.
      if target == .occupancy { training.learningRate = 2.5e-4 }
    case FINER.name: architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(.positional, frequencies: 8, scale: 0)
      training.learningRate = 1e-3
      training.firstLayerRate = 1
    case Gaussian.name:
      architecture.constants = ["sigma0": 10]
      training.learningRate = 1e-3
    case RealGabor.name:
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 5]
      training.learningRate = 2e-3
    case ComplexGabor.name:
      architecture.width = 181
      // The constants of WIRE's own fits to occupancies.
      architecture.constants = ["omega0": 10, "sigma0": 40]
      architecture.weightGains = [1, 0.35]
      training.learningRate = 1e-3
    case ComplexGabor2D.name:
      architecture.width = 128
      architecture.constants = ["omega0": 5, "sigma0": 5]
      training.learningRate = 2e-3
    default: break
    }
    training.learningRate *= architecture.resize(to: size).rate
  }

  /// A network behind a grid in place of one that takes coordinates.
  public mutating func takeGrid() {
    architecture = Architecture(grid, activation: architecture.activation)
    training.learnTables()
  }
}
