import Compute
import Foundation
import Imaging
import Networks
import Testing

/// What `inr fit image` writes and tells, whatever is fitted and however.
struct FitImageEndToEndTests {
  private static let resultFiles: Set = [
    "model.safetensors", "reconstruction.png", "comparison.png", "history.csv", "history.svg",
    "run.json",
  ]

  // MARK: Results

  @Test func theResultsAgreeWithOneAnother() throws {
    let workspace = try Workspace(channels: 3, bitDepth: .sixteen)
    let outcome = try workspace.fit("--json", "--quiet", "--seed", "3", "--steps", "450")
    #expect(outcome.errors.isEmpty)
    let printed = try jsonObject(outcome)
    #expect(
      workspace.contents == Set(["picture.png", "run"] + Self.resultFiles.map { "run/\($0)" }))

    let record = try workspace.json("run/run.json")
    let metrics = try #require(record["metrics"] as? [String: Any])
    #expect(metrics as NSDictionary == printed as NSDictionary)
    for name in ["psnr", "ssim", "seconds", "steps", "rows_per_second"] {
      #expect(metrics[name] is NSNumber, "\(name)")
    }
    #expect(metrics["steps"] as? Int == 450 && metrics["stop"] as? String == "finished")
    #expect(record["seed"] as? Int == 3 && record["version"] is String)
    #expect(record["machine"] is [String: Any])
    let configuration = try #require(record["configuration"] as? [String: Any])
    #expect((configuration["training"] as? [String: Any])?["steps"] as? Int == 450)
    #expect((configuration["architecture"] as? [String: Any])?["width"] as? Int == 12)

    // 16 bits round a sample by at most 2⁻¹⁷, far less than the error of the fit.
    let compared = try jsonObject(
      try workspace.run("compare", "picture.png", "run/reconstruction.png", "--json"))
    for name in ["psnr", "ssim"] {
      let (told, found) = (metrics[name] as? Double ?? 0, compared[name] as? Double ?? 1)
      #expect(abs(told - found) < 1e-3, "\(name)")
    }
    #expect(try #require(metrics["psnr"] as? Double) > 18)
  }

  @Test func theHistoryGoesForwardToTheLastStep() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit("--steps", "450")
    let lines = try workspace.text("run/history.csv").split(separator: "\n")
    #expect(lines.first == "step,seconds,loss,psnr")
    let rows = lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
    #expect(rows.count >= 200 && rows.allSatisfy { $0.count == 4 })
    #expect(rows.last?.first == 450)
    for (row, next) in zip(rows, rows.dropFirst()) {
      #expect(row[0] < next[0] && row[1] <= next[1])
      #expect(abs(row[3] + 10 * log10(row[2])) < 1e-4)  // four digits are written
    }
    #expect(try workspace.text("run/history.svg").hasPrefix("<svg"))
  }

  @Test func messagesGoToStandardErrorUnlessTheRunIsQuiet() throws {
    let workspace = try Workspace(channels: 1)
    let told = try workspace.fit()
    #expect(told.output.isEmpty)
    #expect(told.errors.contains("picture.png: 16 x 12 pixels, 1 channel\n"))
    #expect(told.errors.contains("sine 2-12-12-1, "))
    #expect(told.errors.contains("40 steps of 192 on 2 threads"))
    #expect(told.errors.contains("PSNR ") && told.errors.hasSuffix("results in run\n"))
    let quiet = try workspace.fit("-q")
    #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  /// Without -o, outputs/NAME.
  @Test func theOutputFolderIsNamedAfterThePicture() throws {
    let workspace = try Workspace(channels: 1)
    let outcome = try workspace.run(
      "fit", "image", "picture.png", "--steps", "2", "--width", "8", "-q")
    #expect(outcome.exitCode == 0)
    #expect(workspace.exists("outputs/picture/model.safetensors"))
  }

  // MARK: What can be fitted

  @Test(arguments: [(1, 1), (1, 7), (7, 1), (2, 3)], [1, 4])
  func theSmallestPicturesAreFittedRenderedAndCompared(side: (Int, Int), channels: Int) throws {
    let workspace = try Workspace()
    try Workspace.picture(width: side.0, height: side.1, channels: channels)
      .write(to: workspace.file("picture.png"))
    let metrics = try jsonObject(try workspace.fit("--json", "--steps", "300"))
    #expect(try #require(metrics["psnr"] as? Double) > 20 && metrics["ssim"] == nil)
    let rendered = try workspace.run(
      "render", "run/model.safetensors", "--scale", "3", "-o", "large.png")
    #expect(rendered.exitCode == 0)
    let large = try Image.read(workspace.file("large.png"))
    #expect(large.width == 3 * side.0 && large.height == 3 * side.1)
    #expect(large.channels == channels)
    let compared = try workspace.run("compare", "picture.png", "run/reconstruction.png")
    #expect(compared.exitCode == 0)
    #expect(compared.output.contains("SSIM  not defined for so small a picture"))
  }

  @Test(arguments: ["gray1", "gray16", "gray-alpha8", "palette4-transparent", "rgb8", "rgba16"])
  func picturesOfAnyKindAreFitted(kind: String) throws {
    let workspace = try Workspace()
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ImagingTests/Fixtures/pngs/\(kind).png").path
    try workspace.fit([], picture: path)
    let (picture, fitted) = (
      try Image.read(path), try Image.read(workspace.file("run/reconstruction.png"))
    )
    #expect(fitted.channels == picture.channels && fitted.bitDepth == picture.bitDepth)
    #expect(fitted.width == picture.width && fitted.height == picture.height)
  }

  // MARK: Every option

  @Test(arguments: [
    "--activation relu", "--activation leaky-relu --slope 0.1", "--activation sine --omega0 20",
    "--activation soft-relu --beta 0.9 --first-beta 0.3",
    "--activation finer", "--activation gauss --sigma0 5", "--activation gabor",
    "--activation wire --first-omega0 5 --first-sigma0 3", "--activation wire2d",
    "--encoding positional", "--encoding positional --frequencies 3 --activation relu",
    "--encoding fourier --frequencies 9 --fourier-scale 2", "--train-constants",
    "--activation wire --train-constants", "--weight-gain 1.5", "--weight-gain 1,2,0.5",
    "--first-omega0 12", "--first-bias 0.5", "--freeze-first-layer", "--first-layer-rate 2",
    "--coordinates endpoints", "--batch full", "--batch 7", "--hidden-layers 0", "--threads 3",
    "--downsample 3", "--downsample 3 --coordinates endpoints", "--downsample 2 --batch full",
    "--mask mask.png", "--noise photons=30,readout=2", "--hold-out 0.75", "--hold-out 0.3",
    "--schedule cosine --warm-up 0.1", "--schedule exponential --final-rate-ratio 0.5",
    "--schedule constant --weight-decay 0.01", "--beta1 0.8 --beta2 0.9 --epsilon 1e-6",
    "--optimizer adam", "--optimizer soap --precondition-every 3 --beta2 0.9 --weight-decay 0.01",
    "--optimizer soap --train-constants", "--optimizer soap --downsample 2", "--optimizer kfac",
    "--optimizer kfac --precondition-every 2 --damping 0.1 --learning-rate 0.5 --batch full",
    "--optimizer kfac --activation wire2d --freeze-first-layer",
  ])
  func whateverIsFittedTheModelRendersTheReconstruction(options: String) throws {
    let workspace = try Workspace(channels: 2)
    let mask = (0..<192).map { Float($0 % 3 == 0 ? 0 : 1) }
    try Image(width: 16, height: 12, channels: 1, samples: mask)
      .write(to: workspace.file("mask.png"))
    try workspace.fit(options.split(separator: " ").map(String.init))
    let rendered = try workspace.run("render", "run/model.safetensors", "-o", "again.png")
    #expect(rendered.exitCode == 0, "\(rendered.errors)")
    let (again, first) = (
      try workspace.data("again.png"), try workspace.data("run/reconstruction.png")
    )
    #expect(again == first)
  }

  @Test func hiddenPixelsAreReported() throws {
    let workspace = try Workspace(channels: 1)
    try Image(
      width: 16, height: 12, channels: 1,
      samples: (0..<192).map { $0 % 16 < 4 ? Float(0) : 1 }
    ).write(to: workspace.file("mask.png"))
    // The mask leaves 12 of 16 columns; three quarters leave every second row and column.
    for (option, seen) in [("--mask=mask.png", 144), ("--hold-out=0.75", 48)] {
      let outcome = try workspace.fit(option, "--json")
      #expect(outcome.errors.contains(", \(seen) of them seen"))
      let metrics = try jsonObject(outcome)
      #expect(metrics["psnr_trained"] is Double && metrics["psnr_held_out"] is Double)
    }
  }

  @Test func aNoisyPictureIsJudgedByTheCleanOne() throws {
    let workspace = try Workspace(channels: 1)
    let metrics = try jsonObject(try workspace.fit("--noise", "photons=30,readout=2", "--json"))
    // The noise of 30 photons and 2 of readout: variance (15 + 4)/30² or 17 dB at half white.
    #expect(abs(try #require(metrics["psnr_input"] as? Double) - 17) < 2)
    #expect(metrics["psnr_noisy"] is Double)
  }

  @Test func aFinerFieldIsWrittenWhole() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit("--downsample", "3")
    let fine = try Image.read(workspace.file("run/reconstruction.png"))
    #expect(fine.width == 48 && fine.height == 36)
  }

  @Test func aRunEndsWhereItShould() throws {
    let workspace = try Workspace(channels: 1)
    func metrics(_ words: String...) throws -> [String: Any] {
      try jsonObject(try workspace.fit(words + ["--json"]))
    }
    let counted = try metrics("--epochs", "3", "--batch", "24")
    #expect(counted["steps"] as? Int == 24 && counted["epochs"] as? Double == 3)
    let satisfied = try metrics("--target-psnr", "18", "--steps", "20000")
    #expect(satisfied["stop"] as? String == "target-reached")
    #expect(try #require(satisfied["steps"] as? Int) < 20_000)
    #expect(try #require(satisfied["psnr"] as? Double) >= 18)
    #expect(!workspace.exists("run/checkpoint.safetensors"))
    let limited = try metrics("--time-limit", "0.05", "--steps", "1000000000")
    #expect(limited["stop"] as? String == "time-limit")
    #expect(workspace.exists("run/checkpoint.safetensors"))
    let resumed = try workspace.run("fit", "image", "--resume", "run", "--time-limit", "0.05")
    #expect(resumed.exitCode == 0 && resumed.errors.contains("going on after step "))
  }

  @Test func aTimeAloneIsTheLengthOfTheRun() throws {
    let workspace = try Workspace(channels: 1)
    let words = ["fit", "image", "picture.png", "-o", "run", "--width", "8"]
    let outcome = try workspace.run(words + ["--json", "--time-limit", "0.05"])
    #expect(outcome.exitCode == 0 && outcome.errors.contains("steps for 0.05 s of "))
    let metrics = try jsonObject(outcome)
    #expect(metrics["stop"] as? String == "finished")
    #expect(try #require(metrics["seconds"] as? Double) >= 0.05)
    #expect(!workspace.exists("run/checkpoint.safetensors"))
    let tracked = ["--track", "regions", "--activation", "relu", "--encoding", "none"]
    for other in [tracked, ["--warm-up", "20"]] {
      let refused = try workspace.run(words + ["--time-limit", "0.05"] + other)
      #expect(refused.exitCode == 2)
      #expect(refused.errors.contains(other[0]) && refused.errors.contains("--time-limit"))
    }
  }

  // MARK: Networks

  /// At this rate a run leaves its parameters as they are.
  private let standingStill = ["--steps", "1", "--learning-rate", "1e-30"]

  private func weights(_ workspace: Workspace) throws -> [[Float]] {
    try workspace.model().network.layers.map { $0.maps[0].weight.elements }
  }

  @Test func aGainMultipliesTheWeightsOfItsLayer() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit(standingStill + ["--weight-gain", "1"])
    let plain = try weights(workspace)
    try workspace.fit(standingStill + ["--weight-gain", "1,2"])
    let gained = try weights(workspace)
    #expect(gained[0] == plain[0])
    #expect(gained[1] == plain[1].map { 2 * $0 })
  }

  @Test func aFrozenLayerStaysAsItWasDrawn() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit(standingStill)
    let drawn = try weights(workspace)
    try workspace.fit("--freeze-first-layer")
    let trained = try weights(workspace)
    #expect(trained[0] == drawn[0] && trained[1] != drawn[1])
  }

  @Test func constantsMoveOnlyWhenTheyAreTrained() throws {
    let workspace = try Workspace(channels: 1)
    let options = ["--omega0", "20", "--first-omega0", "10"]
    func constants() throws -> [Float?] {
      try workspace.model().network.layers.map { $0.activation?.values.first }
    }
    try workspace.fit(options)
    #expect(try constants() == [10, 20, nil])
    try workspace.fit(options + ["--train-constants"])
    let trained = try constants()
    #expect(trained[0] != 10 && trained[1] != 20)
  }

  @Test func aRunGoesOnFromAnInitialModel() throws {
    let workspace = try Workspace(channels: 1)
    try workspace.fit("--coordinates", "endpoints", "--activation", "gauss")
    let first = try workspace.model()
    try workspace.fit(standingStill + ["--init-from", "run/model.safetensors", "-o", "run"])
    let second = try workspace.model()
    #expect(second.network.activationName == "gauss" && second.coordinates == .endpoints)
    for (layer, other) in zip(second.network.layers, first.network.layers) {
      #expect(layer.maps[0].weight == other.maps[0].weight)
    }
    try expectRefusal(
      of: [
        "fit", "image", "picture.png", "--init-from", "run/model.safetensors", "--omega0", "3",
      ], with: 2, naming: ["--omega0", "gauss"], in: workspace)
    try Workspace.picture(channels: 3).write(to: workspace.file("rgb.png"))
    try expectRefusal(
      of: ["fit", "image", "rgb.png", "--init-from", "run/model.safetensors"], with: 1,
      naming: ["run/model.safetensors", "2 coordinates and 1 value", "3 values"], in: workspace)
  }
}
