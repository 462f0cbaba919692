import Foundation
import Imaging
import Testing

/// Constants that are left to the program, and the line that tells them.
struct AutomaticConstantsEndToEndTests {
  private func architecture(
    _ workspace: Workspace, _ words: String..., length: [String] = ["--steps", "2"]
  ) throws -> [String: Any] {
    let outcome = try workspace.run(
      ["fit", "image", "picture.png", "-q", "-o", "run", "--threads", "1"] + length + words)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let record = try workspace.json("run/run.json")
    let configuration = try #require(record["configuration"] as? [String: Any])
    return try #require(configuration["architecture"] as? [String: Any])
  }

  private func first(_ architecture: [String: Any]) -> [String: Double]? {
    architecture["first_constants"] as? [String: Double]
  }

  @Test func autoIsWhatIsTakenWhenNothingIsGiven() throws {
    let workspace = try Workspace(channels: 1)
    let plain = try architecture(workspace)
    let asked = try architecture(workspace, "--omega0", "auto", "--first-omega0", "auto")
    #expect(plain as NSDictionary == asked as NSDictionary)
    #expect(try #require(first(plain)?["omega0"]) >= 10)
  }

  /// Factors of hidden layers leave the last one alone where there is no other.
  @Test func aNetworkWithoutHiddenLayersHasTheWeightsOfItsPaper() throws {
    let workspace = try Workspace(channels: 1)
    func gains(_ words: [String]) throws -> [Double] {
      let architecture = try architecture(
        workspace, length: ["--epochs", "40", "--target-psnr", "1", "--aim", "fit"] + words)
      return try #require(architecture["weight_gains"] as? [Double])
    }
    #expect(try gains([]).count == 2)
    #expect(try gains(["--hidden-layers", "0"]).allSatisfy { $0 == 1 })
    #expect(try gains(["--hidden-layers", "0", "--weight-gain", "1.5"]).isEmpty)
    #expect(try gains(["--hidden-layers", "0", "--weight-gain", "2,1.5"]) == [2, 1.5])
  }

  private func waves(side: Int) -> Image {
    let samples = (0..<side * side).map { i in
      let (x, y) = (Double(i % side) / Double(side), Double(i / side) / Double(side))
      return Float(0.5 + 0.4 * sin(300 * x) * cos(330 * y))
    }
    return Image(width: side, height: side, channels: 1, samples: samples, bitDepth: .sixteen)
  }

  /// A run of so many passes, which ends at once.
  private func passes(_ count: Int) -> [String] {
    ["--epochs", "\(count)", "--target-psnr", "1"]
  }

  /// 40 passes can store so many pixels; one does not even get to the picture's waves.
  @Test func theLengthOfTheRunCounts() throws {
    let workspace = try Workspace(channels: 1)
    try waves(side: 256).write(to: workspace.file("picture.png"))
    func frequency(_ length: [String]) throws -> Double {
      try #require(first(try architecture(workspace, length: length))?["omega0"])
    }
    #expect(abs(try frequency(passes(40)) - 1.4 * 256) < 0.1)
    let (six, one) = try (frequency(passes(6)), frequency(passes(1)))
    #expect(one < 0.9 * six && six < 200)
    // About three passes, were it not for the target.
    let timed = try frequency(["--time-limit", "3", "--target-psnr", "1"])
    #expect(one < timed && timed < six)
    let whole = try frequency(["--steps", "1", "--batch", "full"])
    #expect(whole == one)
  }

  /// A network that is too narrow to store pixels begins with the picture's waves.
  @Test func theSizeOfTheNetworkCounts() throws {
    let workspace = try Workspace(channels: 1)
    try waves(side: 128).write(to: workspace.file("picture.png"))
    func frequency(_ words: String...) throws -> Double {
      let length = passes(40) + words
      return try #require(first(try architecture(workspace, length: length))?["omega0"])
    }
    #expect(abs(try frequency() - 1.4 * 128) < 0.1)
    let narrow = try frequency("--width", "32")
    #expect(narrow < 0.4 * 128)
    #expect(
      try frequency("--width", "32", "--preset", "balanced", "--activation", "sine") == narrow)
    #expect(try frequency("--width", "32", "--hidden-layers", "5") == narrow)
  }

  /// A constant of all layers would hold for the first, too, if that were not left to the program.
  @Test func autoOfTheFirstLayerStandsBesideANumberForTheOthers() throws {
    let workspace = try Workspace(channels: 1)
    let plain = try architecture(workspace)
    let both = try architecture(workspace, "--omega0", "17", "--first-omega0", "auto")
    #expect(both["constants"] as? [String: Double] == ["omega0": 17])
    #expect(first(both) == first(plain))
    #expect(first(try architecture(workspace, "--omega0", "17")) == [:])
  }

  @Test func autoOverridesAPreset() throws {
    let workspace = try Workspace(channels: 1)
    let plain = try architecture(workspace, "--activation", "wire")
    let preset = try architecture(
      workspace, "--preset", "paper-wire", "--sigma0", "auto", "--first-sigma0", "auto")
    let (constants, own) = (
      try #require(preset["constants"] as? [String: Double]),
      try #require(plain["constants"] as? [String: Double])
    )
    #expect(constants["omega0"] == 20 && constants["sigma0"] == own["sigma0"])
    #expect(first(preset) == first(plain)?.filter { $0.key == "sigma0" })
  }

  @Test(arguments: ["--omega0 auto", "--first-sigma0 auto"])
  func aConstantThatTheActivationLacksIsRefused(words: String) throws {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(
      ["fit", "image", "picture.png", "--activation", "relu"]
        + words.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 2 && outcome.errors.contains("relu has no constant"))
  }

  @Test func whereThereIsNothingToChooseFromAutoIsRefused() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit()
    let model = "run/model.safetensors"
    let rendered = try workspace.run("render", model, "--omega0", "auto", "-o", "again.png")
    #expect(rendered.exitCode == 2)
    #expect(rendered.errors.contains("--omega0 auto: only a fit has a picture"))
    let fitted = try workspace.run(
      "fit", "image", "picture.png", "--init-from", model, "--first-omega0", "auto")
    #expect(fitted.exitCode == 2)
    #expect(fitted.errors.contains("--first-omega0 auto: the constants are those of the model"))
    let wrong = try workspace.run("fit", "image", "picture.png", "--omega0", "automatic")
    #expect(wrong.exitCode == 2 && wrong.errors.contains(", or auto"))
  }

  @Test func oneLineTellsWhatWasChosenAndWhy() throws {
    let workspace = try Workspace(channels: 1)
    let told = try workspace.fit().errors.split(separator: "\n")
    let line = try #require(
      told.first { $0.hasPrefix("aim fit of a picture as fine as waves of ") })
    #expect(line.contains("first omega0 ") && line.contains("rate "))
  }

  /// The second picture is the first one, drawn with twice as many pixels a side: its radius is half
  /// as large, and frequencies go as the side times the radius to the power of 1.5.
  @Test func thePictureDrawnTwiceAsLargeHasFrequenciesLowerByTheRootOfTwo() throws {
    let workspace = try Workspace()
    func frequency(side: Int) throws -> Double {
      try waves(side: side).write(to: workspace.file("picture.png"))
      return try #require(
        first(try architecture(workspace, "--aim", "fit", length: passes(6)))?["omega0"])
    }
    let ratio = try frequency(side: 512) / frequency(side: 256)
    #expect(abs(ratio - 0.5.squareRoot()) < 0.05)
  }
}
