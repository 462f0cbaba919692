import Compute
import Networks
import Training

/// Settings of a fit to a picture that were chosen by measurement, as
/// `Documentation/Decisions/0004-default-settings.md` and `0016-automatic-constants.md` tell.
public struct RecommendedSettings: Sendable, Equatable {
  /// The activation of choice.
  public static let activation = Sine.name

  public var architecture: Architecture
  /// With a batch that the pixels fill, and steps for it.
  public var training: TrainingConfiguration
  /// Of Fourier features, in periods per unit of the coordinates.
  public let fourierScale: Double
  public var grid: GridShape

  public var coordinates = PixelCoordinates.pixelCentres
  public var outputBias = OutputBias.mean

  /// Settings for a picture of which no more than the size is known, to be right between its pixels.
  ///
  /// - Parameters:
  ///   - trainedPixels: how many pixels the fit sees.
  ///   - pointsPerPixel: points of the field that a pixel averages.
  public init(activation: String, trainedPixels: Int, pointsPerPixel: Int = 1) {
    var target = FitTarget(pixels: trainedPixels)
    target.pointsPerPixel = pointsPerPixel
    target.aim = .generalise
    self.init(activation: activation, for: target)
  }

  /// The first layer's bandwidth grows with the density of the pixels, and the rate with their
  /// number where there are fewer than parameters, since a network that can store every pixel needs
  /// slow steps to be right between them.
  public init(activation: String, size: NetworkSize = NetworkSize(), for target: FitTarget) {
    architecture = Architecture(activation: activation)
    architecture.width = Self.usualWidth(of: activation)
    let scaling = architecture.resize(to: size)
    architecture.coordinateGains = target.coordinateGains
    training = TrainingConfiguration()
    fourierScale = Self.fourierScale(for: target)
    grid = Self.grid(for: target)
    // A step of 512 pixels, or of about 2048 points where a pixel has many.
    let batch = bounded(2048 / Double(target.pointsPerPixel), 32...512)
    training.batch = min(Int(batch), target.pixels)
    training.steps = Self.steps(for: target)
    training.firstLayerRate = 0.25
    training.rounding = .recommended
    switch target.aim {
    case .fit: chooseForPixels(of: target, scaling)
    case .generalise: chooseForTheField(of: target, scaling)
    }
    training.learningRate *= scaling.rate
  }

  /// Units of a hidden layer with which networks have about as many parameters: a complex unit counts
  /// twice, and so does one with two maps.
  private static func usualWidth(of activation: String) -> Int {
    switch activation {
    case SplitSine.name, RealGabor.name, ComplexGabor.name: 181
    case ComplexGabor2D.name: 128
    default: 256
    }
  }

  /// Constants and rates for the aim to be right between the pixels.
  private mutating func chooseForTheField(of target: FitTarget, _ scaling: SizeScaling) {
    let side = target.side * scaling.frequency(samples: target.pixels)
    let scarcity = bounded((Double(target.pixels) / Self.plenty).squareRoot(), 0.6...1)
    training.learningRate = 3e-4 * scarcity
    switch architecture.activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": Float(bounded(0.4 * side, 20...400))]
    case FINER.name:
      architecture.firstBias = 1
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(
        .fourier, frequencies: 128, scale: fourierScale)
      training.learningRate = 1e-3 * scarcity
      training.firstLayerRate = 1
    case SplitSine.name:
      // A product of two sines has the sum of their frequencies.
      architecture.firstConstants = ["omega0": Float(bounded(0.14 * side, 10...200))]
    case Gaussian.name:
      architecture.constants = ["sigma0": 10]
      architecture.firstConstants = ["sigma0": Float(bounded(0.2 * side, 10...200))]
      training.learningRate = 1e-3 * scarcity
    case RealGabor.name:
      architecture.constants = ["omega0": 10, "sigma0": 5]
      architecture.firstConstants = ["omega0": Float(bounded(0.24 * side, 10...200))]
      training.learningRate = 2e-3 * scarcity
    case ComplexGabor.name:
      architecture.constants = ["omega0": 10, "sigma0": 30]
      architecture.firstConstants = ["omega0": Float(bounded(0.16 * side, 10...120)), "sigma0": 20]
      architecture.weightGains = [1, 0.35]
      training.learningRate = 5e-4
    case ComplexGabor2D.name:
      architecture.constants = ["omega0": 5, "sigma0": 5]
      architecture.firstConstants = ["omega0": Float(bounded(0.24 * side, 10...200))]
      training.learningRate = 2e-3 * scarcity
    default: break
    }
  }

  static func fourierScale(for target: FitTarget) -> Double { bounded(0.02 * target.side, 1...20) }

  /// Pixels of a 512 × 512 picture, twice the parameters of the default network.
  private static let plenty = 262_144.0

  /// 40 epochs up to 512 × 512 pixels, 20 to be right between them, where more only add error; beyond,
  /// steps grow with the side. Small pictures have more epochs.
  private static func steps(for target: FitTarget) -> Int {
    let (epochs, least) = target.aim == .fit ? (40.0, 4000) : (20.0, 1000)
    let atPlenty = epochs * plenty / 512
    let share = Double(target.pixels) / plenty
    return max(least, Int(atPlenty * (share <= 1 ? share : share.squareRoot())))
  }
}

func bounded(_ value: Double, _ range: ClosedRange<Double>) -> Double {
  min(max(value, range.lowerBound), range.upperBound)
}
