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

  public init(activation: String) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    training.batch = 2048
    training.steps = 60 * 128
    training.learningRate = 5e-4
    training.firstLayerRate = 0.25
    switch activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": 60]
    case FINER.name: architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name:
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
  }
}
