import Networks
import Training

extension RecommendedSettings {
  /// Constants and rates for the aim to have the given pixels as exactly as possible.
  ///
  /// The finer a picture, the higher the first layer's frequencies: the share of the samples' highest
  /// frequency that they should span grows in proportion with ``TargetBandwidth/radius``.
  mutating func chooseForPixels(of target: FitTarget) {
    // Without a picture to look at, edges: a radius of a half.
    let reach = bounded(1.35 * (target.bandwidth?.radius ?? 0.5), 0.12...0.75)
    let frequency = Float(bounded(reach * target.side, 10...600))
    // Where pixels outnumber the parameters, rates must be lower.
    let plenty = bounded((65_536 / Double(target.pixels)).squareRoot(), 0.5...1)
    switch architecture.activation {
    case Sine.name:
      architecture.firstConstants = ["omega0": frequency]
      architecture.weightGains = [1, 1.5]
      training.learningRate = 5e-4 * plenty
    case SplitSine.name:
      architecture.width = 181
      // A product of two sines has the sum of their frequencies.
      architecture.firstConstants = ["omega0": 0.6 * frequency]
      training.learningRate = 5e-4 * plenty
    case FINER.name:
      // The local frequency ω₀ (2 |z| + 1) of a unit grows with its bias.
      architecture.firstBias = Double(bounded(frequency / 30 - 1, 0.5...6))
      architecture.weightGains = [1, 1.5]
      training.learningRate = 3e-4 * plenty
    case ReLU.name, LeakyReLU.name, SoftReLU.name:
      architecture.features = Architecture.Features(
        .fourier, frequencies: 128, scale: Double(frequency) / 31)
      training.learningRate = 1e-3 * plenty
      training.firstLayerRate = 1
    case Gaussian.name:
      architecture.constants = ["sigma0": 10]
      architecture.firstConstants = ["sigma0": frequency / 3]
      training.learningRate = 1e-3 * plenty
    case RealGabor.name:
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 5]
      architecture.firstConstants = ["omega0": 0.4 * frequency]
      training.learningRate = 1e-3 * plenty
    case ComplexGabor.name:
      // Of a size of the pre-activations at which a third and more of each layer lives.
      architecture.width = 181
      architecture.constants = ["omega0": 10, "sigma0": 15]
      architecture.firstConstants = ["omega0": frequency / 2, "sigma0": 5]
      architecture.weightGains = [1, 0.5]
      training.learningRate = 7e-4 * plenty
      // More steps in as many epochs: worth 1.4 dB here, and nothing to a sine.
      let rows = training.steps * training.batch
      training.batch = min(training.batch, 256)
      training.steps = rows / training.batch
    case ComplexGabor2D.name:
      architecture.width = 128
      architecture.constants = ["omega0": 5, "sigma0": 5]
      architecture.firstConstants = ["omega0": frequency / 2]
      training.learningRate = 1e-3 * plenty
    default: break
    }
  }
}

private func bounded(_ value: Float, _ range: ClosedRange<Float>) -> Float {
  min(max(value, range.lowerBound), range.upperBound)
}
