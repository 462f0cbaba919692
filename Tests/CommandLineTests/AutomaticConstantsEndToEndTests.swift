import Foundation
import Imaging
import Testing

/// Constants that are left to the program, and the line that tells them.
struct AutomaticConstantsEndToEndTests {
  private func architecture(_ workspace: Workspace, _ words: String...) throws -> [String: Any] {
    let outcome = try workspace.run(
      ["fit", "image", "picture.png", "-q", "-o", "run", "--threads", "1", "--steps", "2"] + words)
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

  /// A run of 40 passes can store so many pixels, one of a few steps cannot.
  @Test func theLengthOfTheRunCounts() throws {
    let workspace = try Workspace(channels: 1)
    try Workspace.picture(width: 256, height: 256).write(to: workspace.file("picture.png"))
    let short = try architecture(workspace)
    let outcome = try workspace.run(
      "fit", "image", "picture.png", "-q", "-o", "run", "--epochs", "40", "--target-psnr", "1")
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let record = try workspace.json("run/run.json")
    let configuration = try #require(record["configuration"] as? [String: Any])
    let long = try #require(configuration["architecture"] as? [String: Any])
    #expect(try #require(first(short)?["omega0"]) < 100)
    #expect(abs(try #require(first(long)?["omega0"]) - 1.4 * 256) < 0.1)
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
  @Test func morePixelsOfTheSamePictureHardlyChangeItsFrequency() throws {
    let workspace = try Workspace()
    func frequency(side: Int) throws -> Double {
      let samples = (0..<side * side).map { i in
        let (x, y) = (Double(i % side) / Double(side), Double(i / side) / Double(side))
        return Float(0.5 + 0.4 * sin(100 * x) * cos(110 * y))
      }
      try Image(width: side, height: side, channels: 1, samples: samples, bitDepth: .sixteen)
        .write(to: workspace.file("picture.png"))
      return try #require(
        first(try architecture(workspace, "--aim", "fit", "--batch", "64"))?["omega0"])
    }
    let ratio = try frequency(side: 160) / frequency(side: 80)
    #expect(abs(ratio - 0.5.squareRoot()) < 0.05)
  }
}
