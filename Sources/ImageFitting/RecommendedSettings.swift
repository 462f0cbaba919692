import Networks
import Training

/// Settings of a fit to a picture that were chosen by measurement, as
/// `Documentation/Decisions/0004-default-settings.md` tells.
public struct RecommendedSettings: Sendable, Equatable {
  /// The activation of choice.
  public static let activation = Sine.name

  public var architecture: Architecture
  /// With a batch that the pixels fill, and steps for it.
  public var training: TrainingConfiguration
  /// Of Fourier features, in periods per unit of the coordinates.
  public let fourierScale: Double
  public let grid: GridShape

  /// - Parameters:
  ///   - trainedPixels: how many pixels the fit sees. The first layer's bandwidth grows with their
  ///     density, and the rate with their number where there are fewer than parameters, since a
  ///     network that can store every pixel needs slow steps to be right between them.
  ///   - pointsPerPixel: points of the field that a pixel averages.
  public init(activation: String, trainedPixels: Int, pointsPerPixel: Int = 1) {
    architecture = Architecture(activation: activation)
    training = TrainingConfiguration()
    let pixels = Double(max(trainedPixels, 1))
    // Samples along a side of the square [−1, 1]².
    let side = pixels.squareRoot()
    fourierScale = bounded(0.02 * side, 1...20)
    grid = GridShape(finest: [max(8, Int(side / 2))])
    let scarcity = bounded((pixels / Self.plenty).squareRoot(), 0.5...1)
    // A step of 512 pixels, or of about 2048 points where a pixel has many.
    let batch = bounded(2048 / Double(pointsPerPixel), 32...512)
    training.batch = min(Int(batch), max(trainedPixels, 1))
    training.steps = Self.steps(pixels: pixels)
    training.learningRate = 3e-4 * scarcity
    training.firstLayerRate = 0.25
    switch activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": Float(bounded(0.27 * side, 20...400))]
    case FINER.name:
      architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(
        .fourier, frequencies: 128, scale: fourierScale)
      training.learningRate = 1e-3 * scarcity
      training.firstLayerRate = 1
    case SplitSine.name:
      // A product of two sines has the sum of their frequencies.
      architecture.width = 181
      architecture.firstConstants = ["omega0": Float(bounded(0.14 * side, 10...200))]
    case Gaussian.name:
      architecture.constants = ["sigma0": 10]
      architecture.firstConstants = ["sigma0": Float(bounded(0.2 * side, 10...200))]
      training.learningRate = 1e-3 * scarcity
    case RealGabor.name:
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 5]
      architecture.firstConstants = ["omega0": Float(bounded(0.24 * side, 10...200))]
      training.learningRate = 2e-3 * scarcity
    case ComplexGabor.name:
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 30]
      architecture.firstConstants = ["omega0": Float(bounded(0.16 * side, 10...120)), "sigma0": 20]
      architecture.weightGains = [1, 0.35]
      training.learningRate = 5e-4
    case ComplexGabor2D.name:
      architecture.width = 128
      architecture.constants = ["omega0": 5, "sigma0": 5]
      architecture.firstConstants = ["omega0": Float(bounded(0.24 * side, 10...200))]
      training.learningRate = 2e-3 * scarcity
    default: break
    }
  }

  /// Pixels of a 512 × 512 picture, twice the parameters of the default network.
  private static let plenty = 262_144.0

  /// 40 epochs up to 512 × 512 pixels, and at least 4000 steps; beyond, steps grow with the side.
  private static func steps(pixels: Double) -> Int {
    let atPlenty = 40 * plenty / 512
    let share = pixels / plenty
    return max(4000, Int(atPlenty * (share <= 1 ? share : share.squareRoot())))
  }
}

private func bounded(_ value: Double, _ range: ClosedRange<Double>) -> Double {
  min(max(value, range.lowerBound), range.upperBound)
}
