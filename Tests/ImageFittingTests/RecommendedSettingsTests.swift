import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Testing
import Training

struct RecommendedSettingsTests {
  /// A picture whose columns alternate every `period` pixels.
  private func target(_ aim: Aim, width: Int = 64, height: Int = 64, period: Int) -> FitTarget {
    let samples = (0..<width * height).map { Float(($0 % width / period) % 2) }
    let image = Image(width: width, height: height, channels: 1, samples: samples)
    var target = FitTarget(image, PixelSelection(of: image, mask: nil))
    target.aim = aim
    return target
  }

  private func frequency(_ target: FitTarget) throws -> Float {
    let settings = RecommendedSettings(activation: "sine", for: target)
    return try #require(settings.architecture.firstConstants["omega0"])
  }

  /// What is finer than edges is noise, and needs no more than they do.
  @Test func finerPicturesBeginWithHigherFrequenciesWherePixelsAreMany() throws {
    let frequencies = try [2.0 / 3, 0.5, 0.4, 0.3, 0.1].map { radius in
      try frequency(finePicture(side: 512, radius: radius))
    }
    #expect(frequencies == frequencies.sorted(by: >))
    #expect(frequencies[0] == frequencies[1] && Set(frequencies).count == 4)
  }

  /// A wave of that share of the highest frequency that the samples show.
  private func finePicture(side: Int, radius: Double) -> FitTarget {
    let row: [Float] = (0..<side).map { x in
      let angle: Double = .pi * radius * Double(x)
      return Float(0.5 + 0.4 * cos(angle))
    }
    let samples = (0..<side).flatMap { _ in row }
    let image = Image(
      width: side, height: side, channels: 1, samples: samples, bitDepth: .sixteen)
    return FitTarget(image, PixelSelection(of: image, mask: nil))
  }

  /// A network that can store every pixel reaches up to the samples' own frequencies.
  @Test func fewPixelsWantTheSameFrequenciesWhateverThePicture() throws {
    for side in [32, 64, 128, 256] {
      for radius in [0.02, 0.3, 0.6] {
        let few = try frequency(finePicture(side: side, radius: radius))
        #expect(abs(few / Float(side) - 1.4) < 1e-3)
      }
    }
  }

  @Test func longerRunsStoreMorePixels() throws {
    var target = finePicture(side: 256, radius: 0.3)
    let frequencies = try [2.0, 10, 12, 40].map { passes in
      target.passes = passes
      return try frequency(target)
    }
    #expect(frequencies == frequencies.sorted() && Set(frequencies).count == 4)
    // The default is 40 passes there.
    target.passes = nil
    #expect(try frequency(target) == frequencies[3])
  }

  /// The highest are learned last: without time for them they are noise.
  @Test(arguments: ["sine", "finer", "wire", "split-sine", "gabor"])
  func fewPassesBeginLower(activation: String) {
    for side in [128, 512] {
      var target = finePicture(side: side, radius: 0.5)
      let highest = [0.5, 1, 2, 4].map { passes in
        target.passes = passes
        let architecture = RecommendedSettings(activation: activation, for: target).architecture
        return architecture.firstConstants["omega0"].map { Double($0) }
          ?? architecture.firstBias ?? 0
      }
      #expect(highest == highest.sorted())
      #expect(highest[3] > 1.2 * highest[0], "\(side): \(highest)")
    }
  }

  @Test func manyPassesBeginAsHighAsThePictureIsFine() throws {
    var target = finePicture(side: 512, radius: 0.5)
    let frequencies = try [6.0, 10, 20, 40].map { passes in
      target.passes = passes
      return try frequency(target)
    }
    #expect(Set(frequencies) == [Float(1.7 * pow(0.5, 1.5) * 512)])
  }

  /// What is found rather than stored is found from smaller weights, and colours from lower frequencies.
  @Test func manyPassesBeginCalmlyWherePixelsAreNotStored() throws {
    for (side, channels) in [(512, 1), (256, 3)] {
      var target = finePicture(side: side, radius: 0.5)
      target.channels = channels
      let settings = [10.0, 20, 40, 160].map { passes in
        target.passes = passes
        return RecommendedSettings(activation: "sine", for: target).architecture
      }
      let frequencies = settings.map { $0.firstConstants["omega0"] ?? 0 }
      let gains = settings.map { $0.weightGains[1] }
      #expect(frequencies == frequencies.sorted(by: >))
      #expect(Set(frequencies).count == (channels == 1 ? 1 : 4))
      #expect(gains[0] == 1.5 && gains == gains.sorted(by: >) && gains[3] == 1)
    }
    var stored = finePicture(side: 128, radius: 0.5)
    stored.passes = 160
    let settings = RecommendedSettings(activation: "sine", for: stored).architecture
    #expect(settings.weightGains == [1, 1.5])
  }

  /// Chance throws deep networks off in long runs.
  @Test func longRunsOfDeepNetworksHaveLowerRates() {
    func rate(layers: Int, passes: Double) -> Double {
      var target = finePicture(side: 512, radius: 0.5)
      (target.channels, target.passes) = (3, passes)
      let size = NetworkSize(hiddenLayers: layers)
      return RecommendedSettings(activation: "sine", size: size, for: target).training.learningRate
    }
    #expect(rate(layers: 2, passes: 40) == rate(layers: 2, passes: 160))
    #expect(rate(layers: 3, passes: 20) == rate(layers: 3, passes: 40))
    #expect(abs(rate(layers: 3, passes: 160) / rate(layers: 3, passes: 40) - 0.5) < 1e-9)
  }

  /// 256 x 256 gray pixels are stored in 40 passes; of three channels, they are not.
  @Test func coloursTakeMoreRoomThanGray() throws {
    var target = finePicture(side: 256, radius: 0.3)
    let gray = try frequency(target)
    target.channels = 3
    #expect(abs(gray / 256 - 1.4) < 1e-3)
    #expect(try frequency(target) < 0.5 * 256)
  }

  /// 6e10 operations a second and core, or 9e10 with rounded factors; six a parameter and point.
  @Test func aTimeIsWorthPassesByTheSizesOfPictureAndNetwork() {
    var architecture = Architecture(activation: "sine")
    (architecture.width, architecture.hiddenLayers) = (100, 1)
    let target = FitTarget(pixels: 40_000)
    let passes = target.passes(in: 3, by: architecture, threads: 2)
    #expect(abs(passes - 3 * 2 * 6e10 / (6 * 10_300 * 40_000)) < 1e-9)
    #expect(target.passes(in: 6, by: architecture, threads: 1) == passes)
    let rounded = target.passes(in: 2, by: architecture, rounding: .bfloat16, threads: 2)
    #expect(abs(rounded - passes) < 1e-9)
  }

  /// Rounded factors end at some 60 dB, which pictures that are not stored do not come to.
  @Test func factorsAreRoundedUnlessPixelsAreStored() {
    func rounding(side: Int, _ aim: Aim, passes: Double? = nil) -> FactorRounding? {
      var target = FitTarget(pixels: side * side)
      (target.aim, target.passes) = (aim, passes)
      return RecommendedSettings(activation: Sine.name, for: target).training.rounding
    }
    #expect(rounding(side: 512, .generalise) == .recommended)
    #expect(rounding(side: 128, .generalise) == .recommended)
    #expect(rounding(side: 512, .fit) == .recommended)
    #expect(rounding(side: 128, .fit) == nil)
    #expect(rounding(side: 256, .fit, passes: 40) == nil)
    #expect(rounding(side: 256, .fit, passes: 2) == .recommended)
  }

  @Test func higherFrequenciesWantLowerRates() {
    var target = finePicture(side: 256, radius: 0.5)
    let settings = [5.0, 10, 40].map { passes in
      target.passes = passes
      return RecommendedSettings(activation: "sine", for: target)
    }
    let frequencies = settings.map { $0.architecture.firstConstants["omega0"] ?? 0 }
    let rates = settings.map(\.training.learningRate)
    #expect(frequencies == frequencies.sorted() && Set(frequencies).count == 3)
    #expect(rates == rates.sorted(by: >) && Set(rates).count == 3)
  }

  /// Between the pixels, neither the picture nor the length of the run counts.
  @Test func theLengthOfARunChangesNothingBetweenThePixels() {
    var target = target(.generalise, period: 2)
    let usual = RecommendedSettings(activation: "sine", for: target)
    target.passes = 3
    #expect(RecommendedSettings(activation: "sine", for: target) == usual)
    #expect(usual.architecture.firstConstants == ["omega0": 0.4 * 64])
    #expect(usual.training.learningRate == 0.6 * 3e-4)
  }

  @Test func theSameDetailPerPixelWantsFrequenciesInProportionToTheSide() throws {
    let (small, large) = (
      try frequency(target(.fit, width: 128, height: 128, period: 1)),
      try frequency(target(.fit, width: 256, height: 256, period: 1))
    )
    #expect(abs(large / small - 2) < 0.02)
  }

  @Test func aimingAtThePixelsTakesHigherFrequenciesThanAimingBetweenThem() throws {
    #expect(try frequency(target(.fit, period: 1)) > frequency(target(.generalise, period: 1)))
  }

  /// Frequencies per pixel are equal when those per side are as the sides.
  @Test func widePicturesHaveFrequenciesInProportionToTheirSides() {
    let wide = RecommendedSettings(
      activation: "sine", for: target(.fit, width: 128, height: 32, period: 1))
    let gains = wide.architecture.coordinateGains
    #expect(gains == [2, 0.5])
    let square = RecommendedSettings(activation: "sine", for: target(.fit, period: 1))
    #expect(square.architecture.coordinateGains.isEmpty)
  }

  /// WIRE's batches are smaller than others', its epochs are as many.
  @Test func everyActivationTrainsAsManyEpochs() {
    let rows = Set(
      ["sine", "finer", "wire"].map { name in
        let training = RecommendedSettings(activation: name, for: target(.fit, period: 2)).training
        return training.steps * training.batch
      })
    #expect(rows.count == 1)
  }

  @Test(arguments: ActivationTable.names, Aim.allCases)
  func everyActivationHasSettingsThatMakeANetwork(name: String, aim: Aim) {
    let settings = RecommendedSettings(activation: name, for: target(aim, period: 2))
    let known = ActivationTable.all.first { $0.name == name }?.constants.map(\.name) ?? []
    let architecture = settings.architecture
    #expect(architecture.constants.keys.allSatisfy(known.contains))
    #expect(architecture.firstConstants.keys.allSatisfy(known.contains))
    #expect(settings.training.learningRate > 0 && [256, 512].contains(settings.training.batch))
    #expect(architecture.makeNetwork(inputs: 2, outputs: 1, seed: 0).outputs == 1)
  }

  /// As many numbers as values, up to a vertex for each pixel; half of them to be right in between.
  @Test(arguments: [(Aim.fit, 1.0), (.generalise, 0.5)])
  func gridsGrowWithThePicture(aim: Aim, share: Double) throws {
    for (width, height) in [(128, 128), (512, 256), (1024, 1024)] {
      var target = target(aim, width: width, height: height, period: 2)
      var settings = RecommendedSettings(activation: "relu", for: target)
      settings.takeGrid(for: target)
      let grid = try #require(settings.architecture.features.grid)
      #expect(grid.finest == [width, height].map { Int(Double($0) * share) })
      let numbers = Double(grid.parameterCount(inputs: 2)) / Double(width * height)
      #expect(aim == .fit ? 0.9...2.3 ~= numbers : 0.4...3 ~= numbers, "\(numbers)")
      #expect(settings.training.steps * settings.training.batch >= 10 * width * height)
      target.channels = 3
      let colours = RecommendedSettings(activation: "relu", for: target).grid
      #expect(colours.features == (aim == .fit ? 4 : 1))
    }
  }
}
