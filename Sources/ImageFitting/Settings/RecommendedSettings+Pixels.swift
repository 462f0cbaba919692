import Foundation
import Networks
import Training

extension RecommendedSettings {
  /// Constants and rates for the aim to have the given pixels as exactly as possible.
  mutating func chooseForPixels(of target: FitTarget, _ scaling: SizeScaling) {
    let passes = target.passes ?? Double(training.steps * training.batch) / Double(target.pixels)
    let waves =
      pictureReach(of: target) * scaling.frequency(samples: target.pixels)
      * pow(min(1, scaling.relativeWidth), 0.25)
    let stored = storedShare(of: target, passes: passes, relativeWidth: scaling.relativeWidth)
    let storage = max(1, pow(stored, 6))
    // Stored pixels come to more digits than rounded factors have.
    if storage > 1 { training.rounding = nil }
    // Where pixels are found rather than stored, many passes find them from smaller weights, and colours
    // from lower frequencies.
    let finding = bounded(2 * (1 - stored), 0...1)
    let calm = pow(min(1, 10 / passes), finding)
    let calmWaves = pow(calm, 0.4 * (1 - 1 / Self.room(ofChannels: target.channels)))
    // In a few passes not even that helps to store.
    let most = Self.haste(passes, of: 10, power: 0.6)
    let reach = bounded(
      waves * storage * calmWaves * Self.haste(passes, of: 6, power: 0.3),
      0.12...max(0.12, 1.4 * most))
    let frequency = Float(bounded(reach * target.side, 10...600))
    // For activations that store pixels no better where they begin higher.
    let pictureFrequency = Float(bounded(max(waves, 0.12) * target.side, 10...600))
    // Where pixels outnumber the parameters, rates must be lower.
    let plenty = bounded((65_536 / Double(target.pixels)).squareRoot(), 0.5...1)
    // What many steps add up to by chance grows as their root, and throws deep networks off.
    let depth = bounded(Double(architecture.hiddenLayers - 2), 0...1)
    let length = pow(min(1, 40 / passes), 0.5 * finding * depth)
    // The output turns as fast with a weight as its waves are short.
    let sineRate = bounded(2.4e-4 / reach, 2e-4...4e-4) * plenty * length
    let gain = max(1, 1.5 * pow(calm, 0.6))
    switch architecture.activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": frequency]
      architecture.weightGains = [1, gain]
      training.learningRate = sineRate
    case SplitSine.name:
      // A product of two sines has the sum of their frequencies.
      architecture.firstConstants = ["omega0": 0.6 * frequency]
      training.learningRate = 5e-4 * plenty
    case FINER.name:
      // The local frequency ω₀ (2 |z| + 1) of a unit grows with its bias.
      architecture.firstBias = Double(bounded(frequency / 30 - 1, 0.5...6))
      architecture.weightGains = [1, gain]
      training.learningRate = min(3e-4 * plenty, sineRate)
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(
        .fourier, frequencies: 128, scale: Double(pictureFrequency) / 31)
      training.learningRate = 1e-3 * plenty
      training.firstLayerRate = 1
    case Gaussian.name:
      architecture.constants = ["sigma0": 10]
      architecture.firstConstants = ["sigma0": pictureFrequency / 3]
      training.learningRate = 1e-3 * plenty
    case RealGabor.name:
      architecture.constants = ["omega0": 10, "sigma0": 5]
      architecture.firstConstants = ["omega0": 0.4 * frequency]
      training.learningRate = 1e-3 * plenty
    case ComplexGabor.name:
      // Of a size of the pre-activations at which a third and more of each layer lives.
      architecture.constants = ["omega0": 10, "sigma0": 15]
      let own = bounded(
        waves * storage * Self.haste(passes, of: 25, power: 0.4), 0.08...max(0.08, most))
      architecture.firstConstants = ["omega0": Float(own * target.side / 2), "sigma0": 5]
      architecture.weightGains = [1, 0.5]
      training.learningRate = min(7e-4 * plenty, 2 * sineRate)
      // More steps in as many epochs: worth 1.4 dB here, and nothing to a sine.
      let rows = training.steps * training.batch
      training.batch = min(training.batch, 256)
      training.steps = rows / training.batch
    case ComplexGabor2D.name:
      architecture.constants = ["omega0": 5, "sigma0": 5]
      architecture.firstConstants = ["omega0": pictureFrequency / 2]
      training.learningRate = 1e-3 * plenty
    default: break
    }
  }

  /// The ω₀ of a first layer that finds the picture's waves soonest, in units of the samples along a side.
  ///
  /// It grows with ``TargetBandwidth/radius``; what is finer than edges is noise, and wants no more.
  private func pictureReach(of target: FitTarget) -> Double {
    // Without a picture to look at, edges: a radius of a half.
    let radius = bounded(target.bandwidth?.radius ?? 0.5, 0.1...0.5)
    return 1.7 * pow(radius, 1.5)
  }

  /// How many of the pixels the network can store, as a share of those that there are; beyond 1, all.
  ///
  /// A network that has parameters and passes enough stores each pixel by itself: the faster, the less
  /// its waves have in common from a pixel to the next, whatever the picture. More than 40 passes store
  /// no more, and a pixel of three channels takes the room of four.
  private func storedShare(of target: FitTarget, passes: Double, relativeWidth: Double) -> Double {
    let room = Self.storedPixels * relativeWidth * relativeWidth
    let pixels = Double(target.pixels) * Self.room(ofChannels: target.channels)
    return room / pixels * min(1, passes / 40).squareRoot()
  }

  /// The room that a pixel takes, in those of one channel.
  private static func room(ofChannels channels: Int) -> Double { pow(Double(channels), 1.3) }

  /// The factor by which frequencies should be lower where there are fewer passes than it takes to learn
  /// the highest.
  private static func haste(_ passes: Double, of enough: Double, power: Double) -> Double {
    min(1, pow(passes / enough, power))
  }

  /// As many as 40 passes store in a network of the usual size, a little more than it has parameters.
  private static let storedPixels = 147_000.0
}

private func bounded(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  min(max(value, range.lowerBound), range.upperBound)
}
