import Networks
import Testing
import Tomography
import Training

@Suite struct RecommendedSliceSettingsTests {
  private func settings(side: Int, method: SliceFitConfiguration.Method = .split)
    -> RecommendedSliceSettings
  {
    RecommendedSliceSettings(
      activation: Sine.name, method: method, pixels: side * side, views: 30)
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
}
