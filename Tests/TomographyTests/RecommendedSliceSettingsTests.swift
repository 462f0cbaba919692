import Networks
import Testing
import Tomography
import Training

@Suite struct RecommendedSliceSettingsTests {
  private func settings(
    side: Int, size: NetworkSize = NetworkSize(), method: SliceFitConfiguration.Method = .split
  ) -> RecommendedSliceSettings {
    RecommendedSliceSettings(
      activation: Sine.name, size: size, method: method, pixels: side * side, views: 30)
  }

  @Test(arguments: [SliceFitConfiguration.Method.split, .direct])
  func narrowNetworksBeginLowerAndTakeLargerStepsAndDeepOnesSmaller(
    method: SliceFitConfiguration.Method
  ) throws {
    let sizes = [(256, 2), (32, 2), (256, 5)].map { NetworkSize(width: $0, hiddenLayers: $1) }
    let all = sizes.map { settings(side: 256, size: $0, method: method) }
    #expect(all[0] == settings(side: 256, method: method))
    #expect(all.map(\.architecture.width) == [256, 32, 256])
    #expect(all.map(\.architecture.hiddenLayers) == [2, 2, 5])
    let frequencies = try all.map { try #require($0.architecture.firstConstants["omega0"]) }
    #expect(abs(frequencies[1] / frequencies[0] - 0.25) < 1e-3)
    #expect(frequencies[2] == frequencies[0])
    let rates = all.map(\.training.learningRate)
    #expect(abs(rates[1] / rates[0] - 4) < 1e-9)
    #expect(rates[2] < 0.6 * rates[0])
  }

  @Test func moreDetailNeedsHigherFrequenciesSlowerStepsAndMoreOfThem() throws {
    let (small, normal, large) = (settings(side: 64), settings(side: 256), settings(side: 512))
    let frequencies = try [small, normal, large].map {
      try #require($0.architecture.firstConstants["omega0"])
    }
    #expect(frequencies[0] < frequencies[1] && frequencies[1] < frequencies[2])
    #expect(small.training.learningRate == normal.training.learningRate)
    #expect(large.training.learningRate == normal.training.learningRate / 4)
    #expect(normal.training.steps == 7680 && large.training.steps == 2 * 7680)
    #expect(small.training.steps == 4000)
  }

  @Test func aStepThroughTheOperatorTakesAllViews() {
    let direct = settings(side: 512, method: .direct)
    #expect(direct.training.batch == 30 && direct.training.steps == 400)
    #expect(
      direct.training.learningRate == settings(side: 64, method: .direct).training.learningRate)
  }

  private func finest(
    side: Int, supersampling: Int = 1, views: Int, photons: Double? = 1e4
  ) throws -> Int {
    let settings = RecommendedSliceSettings(
      activation: ReLU.name, method: .split, pixels: side * side, supersampling: supersampling,
      views: views, photons: photons)
    // No two vertices of a lattice share an entry.
    let finest = try #require(settings.grid.finest.first)
    #expect(settings.grid.entries >= (finest + 1) * (finest + 1))
    return finest
  }

  @Test(arguments: [20, 60, 180]) func aGridHasAVertexForFourRaysOfTenThousandPhotons(views: Int)
    throws
  {
    let cells = Double(try finest(side: 256, views: views))
    // Rounded to whole cells.
    #expect(abs(4 * cells * cells / Double(views * 256) - 1) < 2 / cells)
    // A ray is as wide as a pixel, however many points a pixel has.
    #expect(try finest(side: 64, views: views) == finest(side: 256, supersampling: 4, views: views))
    // Rays are worth the root of their counts.
    let more = try finest(side: 256, views: views, photons: 1e4 / 16)
    #expect(abs(2 * Double(more) - cells) <= 1)
  }

  @Test func aGridIsNeverFinerThanTheFieldAndWithoutNoiseAsFine() throws {
    #expect(try finest(side: 256, views: 100_000) == 256)
    #expect(try finest(side: 400, views: 30, photons: nil) == 400)
    #expect(try finest(side: 20_000, views: 30, photons: nil) == 4095)
    #expect(try finest(side: 2, views: 1) == 8)
  }

  @Test func muchNoiseIsWhatMakesAGridTheChoice() {
    func prefersGrid(
      _ photons: Double?, views: Int = 60, supersampling: Int = 1,
      method: SliceFitConfiguration.Method = .split
    ) -> Bool {
      RecommendedSliceSettings.prefersGrid(
        method: method, pixels: 65_536, supersampling: supersampling, views: views, photons: photons
      )
    }
    #expect(prefersGrid(1e4) && prefersGrid(1e5) && !prefersGrid(1e6) && !prefersGrid(nil))
    #expect(!prefersGrid(1e4, method: .direct))
    // More views tell more, and so do pixels that are larger.
    #expect(prefersGrid(1e4, views: 256) && !prefersGrid(1e4, views: 257))
    #expect(prefersGrid(1e4, views: 64, supersampling: 4))
    #expect(!prefersGrid(1e4, views: 65, supersampling: 4))
  }
}
