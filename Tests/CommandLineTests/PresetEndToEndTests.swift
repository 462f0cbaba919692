import Foundation
import Testing

/// Presets, and what is given beside them.
struct PresetEndToEndTests {
  private func configuration(_ words: [String]) throws -> [String: Any] {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(
      ["fit", "image", "picture.png", "-q", "-o", "run", "--threads", "1"] + words)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return try #require(try workspace.json("run/run.json")["configuration"] as? [String: Any])
  }

  @Test func aPresetIsRecordedWithTheNumbersThatItStandsFor() throws {
    let configuration = try configuration(["--preset", "paper-siren", "--steps", "2"])
    #expect(configuration["preset"] as? String == "paper-siren")
    #expect(configuration["output_bias"] as? String == "drawn")
    #expect(configuration["coordinates"] as? String == "endpoints")
    let architecture = try #require(configuration["architecture"] as? [String: Any])
    #expect(architecture["hidden_layers"] as? Int == 3)
    let training = try #require(configuration["training"] as? [String: Any])
    #expect(training["batch"] as? Int == 192 && training["learning_rate"] as? Double == 1e-4)
  }

  @Test func whatIsGivenOverridesThePreset() throws {
    let configuration = try configuration([
      "--preset", "paper-finer", "--epochs", "2", "--batch", "64", "--learning-rate", "1e-3",
      "--width", "8", "--hidden-layers", "1", "--omega0", "7", "--coordinates", "pixel-centres",
      "--schedule", "cosine", "--activation", "sine",
    ])
    #expect(configuration["coordinates"] as? String == "pixel-centres")
    let architecture = try #require(configuration["architecture"] as? [String: Any])
    #expect(architecture["activation"] as? String == "sine")
    #expect(architecture["width"] as? Int == 8 && architecture["hidden_layers"] as? Int == 1)
    #expect(architecture["constants"] as? [String: Double] == ["omega0": 7])
    let training = try #require(configuration["training"] as? [String: Any])
    #expect(training["steps"] as? Int == 6 && training["batch"] as? Int == 64)
    #expect(training["learning_rate"] as? Double == 1e-3)
    #expect((training["schedule"] as? [String: Any])?["shape"] as? String == "cosine")
  }

  /// What the papers' scripts do is done in single precision, and so is what needs many digits.
  @Test(arguments: [
    (["--precision", "bfloat16"], "bfloat16"), (["--precision", "single"], nil),
    (["--preset", "paper-siren"], nil),
    (["--target-psnr", "60", "--aim", "generalise"], nil), (["--optimizer", "kfac"], nil),
    (["--optimizer", "kfac", "--precision", "bfloat16"], "bfloat16"),
  ])
  func theRunRecordsHowItsFactorsAreRounded(words: [String], rounding: String?) throws {
    let configuration = try configuration(["--steps", "2"] + words)
    let training = try #require(configuration["training"] as? [String: Any])
    #expect(training["rounding"] as? String == rounding)
  }

  @Test(arguments: [
    ([], "fit"), (["--hold-out", "0.3"], "generalise"), (["--downsample", "2"], "generalise"),
    (["--noise", "photons=30"], "generalise"), (["--hold-out", "0.3", "--aim", "fit"], "fit"),
    (["--aim", "generalise"], "generalise"),
  ])
  func theAimIsWhatTheRunIsAskedAbout(words: [String], aim: String) throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit(words)
    let record = try workspace.json("run/run.json")
    #expect((record["configuration"] as? [String: Any])?["aim"] as? String == aim)
  }

  /// A grid for the pixels; between them, and with another activation, the network of the defaults.
  @Test(arguments: [
    (["--preset", "balanced"], "relu", "grid"),
    (["--preset", "balanced", "--aim", "generalise"], "sine", "none"),
    (["--preset", "fast", "--aim", "generalise"], "relu", "grid"),
    (["--preset", "fast", "--activation", "finer"], "finer", "none"),
    (["--encoding", "grid"], "relu", "grid"),
    (["--preset", "fast", "--encoding", "fourier"], "relu", "fourier"),
    (["--preset", "best", "--activation", "sine", "--encoding", "grid"], "sine", "grid"),
  ])
  func aGridStandsWhereItIsBest(words: [String], activation: String, encoding: String) throws {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(
      ["fit", "image", "picture.png", "-q", "-o", "run", "--steps", "2"] + words)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let configuration = try workspace.json("run/run.json")["configuration"] as? [String: Any]
    let architecture = try #require(configuration?["architecture"] as? [String: Any])
    #expect(architecture["activation"] as? String == activation)
    #expect((architecture["features"] as? [String: Any])?["kind"] as? String == encoding)
    // With the grid come its rates, and without it they stay away.
    let training = configuration?["training"] as? [String: Any]
    let rate = try #require(training?["learning_rate"] as? Double)
    #expect((rate >= 0.01) == (encoding == "grid"), "\(rate)")
  }

  @Test func aGridsShapeMustFitThePictureAndTheEncoding() throws {
    let workspace = try Workspace(channels: 1)
    for (words, text) in [
      (
        ["--preset", "fast", "--grid-finest", "4,5,6"],
        "expected one number, or 2, one for each axis"
      ),
      (["--grid-levels", "4"], "the network has the encoding none; only grid has it"),
      (
        ["--init-from", "m.safetensors", "--grid-levels", "4"],
        "the network is as that model has it"
      ),
    ] {
      let outcome = try workspace.run(["fit", "image", "picture.png"] + words)
      #expect(outcome.exitCode == 2 && outcome.errors.contains(text), "\(outcome.errors)")
    }
  }

  /// A model that was fitted behind a grid is trained on at a grid's rates.
  @Test func aModelWithAGridGoesOnAtItsRates() throws {
    let workspace = try Workspace(channels: 1)
    let first = try workspace.run(
      ["fit", "image", "picture.png", "-q", "-o", "first", "--steps", "2", "--preset", "fast"])
    try #require(first.exitCode == 0, "\(first.errors)")
    let outcome = try workspace.run([
      "fit", "image", "picture.png", "-q", "-o", "run", "--steps", "2", "--init-from",
      "first/model.safetensors",
    ])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let configuration = try workspace.json("run/run.json")["configuration"] as? [String: Any]
    let training = configuration?["training"] as? [String: Any]
    #expect(training?["learning_rate"] as? Double == 0.02)
  }

  @Test func theShapeOfAGridCanBeGivenBesideAPreset() throws {
    let configuration = try configuration([
      "--preset", "fast", "--steps", "2", "--grid-levels", "3", "--grid-finest", "9,7",
      "--grid-entries", "5", "--grid-coarsest", "2", "--grid-features", "1",
    ])
    let features = (configuration["architecture"] as? [String: Any])?["features"] as? [String: Any]
    let grid = try #require(features?["grid"] as? [String: Any])
    #expect(grid["levels"] as? Int == 3 && grid["finest"] as? [Int] == [9, 7])
    #expect(grid["entries"] as? Int == 32 && grid["coarsest"] as? Int == 2)
    #expect(grid["features"] as? Int == 1)
  }

  @Test func anUnknownPresetIsRefusedWithTheNamesOfAll() throws {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(["fit", "image", "picture.png", "--preset", "quick"])
    #expect(outcome.exitCode == 2)
    let names = "fast, balanced, best, paper-siren, paper-wire, paper-finer"
    #expect(
      outcome.errors.contains(#"--preset: found "quick", expected one of \#(names)"#),
      "\(outcome.errors)")
  }

  @Test func theHelpExplainsEachPreset() throws {
    let help = try Workspace().run(["help", "fit", "image"]).output
    for name in ["fast", "balanced", "best", "paper-siren", "paper-wire", "paper-finer"] {
      #expect(help.contains("\n  \(name) "))
    }
  }
}
