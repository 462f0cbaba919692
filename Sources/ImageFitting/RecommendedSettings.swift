import Networks
import Training

/// Settings of a fit to a picture that were chosen by measurement, as
/// `Documentation/Decisions/0004-default-settings.md` tells.
public struct RecommendedSettings: Sendable, Equatable {
  public var architecture: Architecture
  public var training: TrainingConfiguration

  /// The activation of choice, and passes over the pixels.
  public static let activation = Sine.name
  public static let epochs = 30

  /// - Parameter trainedPixels: how many pixels the fit sees; the first layer's bandwidth grows with
  ///   their density.
  public init(activation: String, trainedPixels: Int) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    training.batch = 512
    training.learningRate = 7e-4
    // Samples along a side of the square [−1, 1]².
    let side = Double(max(trainedPixels, 1)).squareRoot()
    switch activation {
    case Sine.name:
      architecture.constants = ["omega0": 30]
      architecture.firstConstants = ["omega0": Float(bounded(0.31 * side, 20...400))]
      training.firstLayerRate = 0.25
    case FINER.name:
      architecture.constants = ["omega0": 30]
      architecture.firstBias = 1
      training.firstLayerRate = 0.25
    case ComplexGabor.name:
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 30]
      architecture.firstConstants = ["omega0": Float(bounded(0.16 * side, 10...120)), "sigma0": 20]
      architecture.weightGains = [1, 0.35, 0.35]
      training.learningRate = 2e-3
    default: break
    }
  }

  private func bounded(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max(value, range.lowerBound), range.upperBound)
  }
}
