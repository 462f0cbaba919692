import Networks
import ShapeFitting
import Testing
import Training

struct RecommendedShapeSettingsTests {
  private func settings(_ activation: String, width: Int? = nil, hiddenLayers: Int? = nil)
    -> RecommendedShapeSettings
  {
    RecommendedShapeSettings(
      activation: activation, size: NetworkSize(width: width, hiddenLayers: hiddenLayers),
      target: .sdf)
  }

  @Test(arguments: ActivationTable.names)
  func theUsualSizeMayBeNamed(activation: String) {
    let usual = settings(activation)
    #expect(settings(activation, width: usual.architecture.width, hiddenLayers: 2) == usual)
  }

  @Test(arguments: ActivationTable.names)
  func narrowNetworksTakeLargerSteps(activation: String) {
    let usual = settings(activation)
    let narrow = settings(activation, width: usual.architecture.width / 8)
    #expect(narrow.architecture.width == usual.architecture.width / 8)
    // Widths of 181 units have no eighth.
    let factor = narrow.training.learningRate / usual.training.learningRate
    #expect(3.9...4.0001 ~= factor, "\(factor)")
  }

  @Test func deepNetworksOfWavesTakeSmallerSteps() {
    for (activation, isThrownOff) in [("sine", true), ("relu", false)] {
      let rates = [3, 6].map { settings(activation, hiddenLayers: $0).training.learningRate }
      #expect((rates[1] < 0.4 * rates[0]) == isThrownOff)
      #expect((rates[1] == rates[0]) != isThrownOff)
    }
  }
}
