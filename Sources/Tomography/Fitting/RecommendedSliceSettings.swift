import Networks
import Training

/// Settings of a fit to a sinogram that were chosen by measurement, as
/// `Documentation/Decisions/0009-fits-to-sinograms.md` tells.
public struct RecommendedSliceSettings: Sendable, Equatable {
  /// The activation of choice.
  public static let activation = Sine.name

  public var architecture: Architecture
  public var training: TrainingConfiguration
  /// Of Fourier features, in periods per unit of the coordinates.
  public let fourierScale: Double

  /// - Parameters:
  ///   - pixels: of the slice, or points of the field where a pixel has several.
  public init(activation: String, method: SliceFitConfiguration.Method, pixels: Int, views: Int) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    let side = Double(max(pixels, 1)).squareRoot()
    fourierScale = min(max(0.02 * side, 1), 20)
    switch activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": Float(min(max(0.4 * side, 20), 400))]
    case FINER.name: architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name:
      architecture.features = Architecture.Features(.fourier, frequencies: 128, scale: fourierScale)
    default: break
    }
    training.firstLayerRate = 0.25
    switch method {
    case .split:
      training.batch = min(512, max(pixels, 1))
      training.learningRate = 4e-4
      training.steps = 60 * max(1, pixels / training.batch)
    case .direct:
      training.batch = max(views, 1)
      training.learningRate = 5e-4
      training.steps = 400
    }
  }
}
