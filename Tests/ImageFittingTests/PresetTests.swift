import ImageFitting
import Networks
import Testing
import Training

struct PresetTests {
  private func settings(_ name: String, pixels: Int = 65_536, activation: String? = nil) throws
    -> RecommendedSettings
  {
    let preset = try #require(Preset.named(name))
    return preset.settings(for: FitTarget(pixels: pixels), activation: activation)
  }

  @Test func namesAreUniqueAndSummariesFitALine() {
    #expect(Set(Preset.all.map(\.name)).count == Preset.all.count)
    for preset in Preset.all {
      #expect(preset.summary.hasSuffix(".") && preset.summary.count <= 160, "\(preset.name)")
      #expect(
        Aim.allCases.allSatisfy { ActivationTable.names.contains(preset.activation(for: $0)) },
        "\(preset.name)")
    }
    #expect(Preset.named("slow") == nil)
  }

  /// The numbers stand in the scripts that `Preset+Table.swift` names.
  @Test(arguments: [
    ("paper-siren", 256, 3, 1e-4, 1.0, 10_000), ("paper-wire", 181, 2, 5e-3, 0.1, 2000),
    ("paper-finer", 256, 3, 5e-4, 0.1, 5000),
  ])
  func aPapersRecipeIsThatOfItsScript(
    name: String, width: Int, hiddenLayers: Int, rate: Double, finalShare: Double, steps: Int
  ) throws {
    let settings = try settings(name)
    let (architecture, training) = (settings.architecture, settings.training)
    #expect(architecture.width == width && architecture.hiddenLayers == hiddenLayers)
    #expect(architecture.firstConstants.isEmpty && architecture.weightGains.isEmpty)
    #expect(architecture.firstBias == nil && training.firstLayerRate == 1)
    #expect(training.learningRate == rate && training.steps == steps)
    #expect(abs(training.schedule.factor(step: steps, of: steps) - finalShare) < 1e-12)
    #expect(training.batch == 65_536)
    #expect(settings.coordinates == .endpoints && settings.outputBias == .drawn)
  }

  @Test func wiresBatchIsAtMost256SquaredAndTheRateFollows() throws {
    let settings = try settings("paper-wire", pixels: 4 * 65_536)
    #expect(settings.training.batch == 65_536 && settings.training.steps == 8000)
    #expect(settings.training.learningRate == 5e-3 / 4)
  }

  @Test func wiresConstantsForNoiseAreThoseOfItsScript() throws {
    let preset = try #require(Preset.named("paper-wire"))
    var target = FitTarget(pixels: 100)
    #expect(preset.settings(for: target).architecture.constants == ["omega0": 20, "sigma0": 30])
    target.isNoisy = true
    #expect(preset.settings(for: target).architecture.constants == ["omega0": 4, "sigma0": 4])
  }

  /// Constants of one activation mean nothing to another, which has those of its own paper.
  @Test func anotherActivationKeepsTheRestOfAPaper() throws {
    let settings = try settings("paper-wire", activation: "gauss")
    #expect(settings.architecture.activation == "gauss")
    #expect(settings.architecture.constants.isEmpty && settings.architecture.width == 181)
    #expect(settings.training.learningRate == 5e-3)
  }

  @Test func anotherActivationHasItsOwnConstantsInAPresetForUsers() throws {
    let (fast, plain) = (
      try settings("fast", activation: "finer"),
      RecommendedSettings(activation: "finer", for: FitTarget(pixels: 65_536))
    )
    #expect(fast.architecture.firstBias == plain.architecture.firstBias)
    #expect(fast.architecture.constants == plain.architecture.constants)
  }
}
