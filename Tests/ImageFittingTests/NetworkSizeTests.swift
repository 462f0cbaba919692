import Compute
import ImageFitting
import Networks
import Testing
import Training

struct NetworkSizeTests {
  private func target(_ aim: Aim, side: Int = 128) -> FitTarget {
    var target = FitTarget(pixels: side * side)
    target.aim = aim
    return target
  }

  private func settings(width: Int? = nil, hiddenLayers: Int? = nil, _ target: FitTarget)
    -> RecommendedSettings
  {
    RecommendedSettings(
      activation: Sine.name, size: NetworkSize(width: width, hiddenLayers: hiddenLayers),
      for: target)
  }

  private func frequency(_ settings: RecommendedSettings) throws -> Float {
    try #require(settings.architecture.firstConstants["omega0"])
  }

  @Test(arguments: ActivationTable.names, Aim.allCases)
  func theUsualSizeMayBeNamed(activation: String, aim: Aim) {
    for side in [64, 512, 2048] {
      let usual = RecommendedSettings(activation: activation, for: target(aim, side: side))
      let size = NetworkSize(
        width: usual.architecture.width, hiddenLayers: usual.architecture.hiddenLayers)
      let named = RecommendedSettings(
        activation: activation, size: size, for: target(aim, side: side))
      #expect(named == usual)
    }
  }

  @Test(arguments: Aim.allCases)
  func theNetworkHasTheSizeThatItIsMadeFor(aim: Aim) {
    let architecture = settings(width: 40, hiddenLayers: 5, target(aim)).architecture
    #expect(architecture.width == 40 && architecture.hiddenLayers == 5)
    let network = architecture.makeNetwork(inputs: 2, outputs: 3, seed: 0)
    #expect(NetworkSize(of: network) == NetworkSize(width: 40, hiddenLayers: 5))
  }

  /// It takes as many parameters as pixels to store them.
  @Test func narrowNetworksFindWavesWhereWideOnesStorePixels() throws {
    let target = target(.fit)
    let frequencies = try [16, 32, 64, 96, 128].map { width in
      try frequency(settings(width: width, target)) / 128
    }
    #expect(frequencies == frequencies.sorted() && Set(frequencies).count == 4)
    #expect(frequencies[0] < 0.2 && frequencies[2] < 0.6)
    #expect(frequencies[3] == 1.4 && frequencies[4] == 1.4)
  }

  @Test func fewUnitsHaveFewerFrequenciesThanManyPixels() throws {
    for aim in Aim.allCases {
      let narrow = try frequency(settings(width: 32, target(aim, side: 512)))
      let usual = try frequency(settings(target(aim, side: 512)))
      #expect(narrow < 0.3 * usual, "\(aim)")
    }
  }

  @Test(arguments: Aim.allCases)
  func narrowNetworksTakeLargerSteps(aim: Aim) {
    let rates = [32, 64, 128, 256].map { width in
      settings(width: width, target(aim, side: 512)).training.learningRate
    }
    #expect(rates == rates.sorted(by: >) && Set(rates).count == 4)
    // Nobody has tried still larger ones.
    #expect(settings(width: 4, target(aim, side: 512)).training.learningRate == rates[0])
  }

  @Test(arguments: Aim.allCases)
  func deepNetworksTakeSmallerSteps(aim: Aim) {
    let rates = [1, 2, 3, 4, 6, 8].map { layers in
      settings(hiddenLayers: layers, target(aim)).training.learningRate
    }
    #expect(Set(rates[...2]).count == 1)
    #expect(rates[2...].sorted(by: >) == Array(rates[2...]) && Set(rates).count == 4)
  }

  @Test(arguments: ["relu", "leaky-relu", "soft-relu"])
  func rampsBearAsLargeStepsInDeepNetworks(activation: String) {
    let rates = [2, 7].map { layers in
      RecommendedSettings(
        activation: activation, size: NetworkSize(hiddenLayers: layers), for: target(.fit)
      ).training.learningRate
    }
    #expect(rates[0] == rates[1])
  }

  /// Tables store the pixels, whatever stands behind them.
  @Test func whatStandsBehindAGridIsAsForTheUsualNetwork() {
    let preset = Preset.named("fast")
    let small = preset?.settings(for: target(.fit), size: NetworkSize(width: 32))
    #expect(small?.training == preset?.settings(for: target(.fit)).training)
    #expect(small?.training.rounding == nil)
  }
}
