import Foundation
import Imaging
import Testing

/// `inr fit image --blocks`, and what is drawn and told of its models.
struct FitBlocksEndToEndTests {
  /// With a picture of 70 x 45 pixels that has detail.
  private func workspace(channels: Int = 3) throws -> Workspace {
    let workspace = try Workspace()
    let samples = (0..<70 * 45 * channels).map { i in
      let (pixel, c) = (i / channels, i % channels)
      let (x, y) = (Double(pixel % 70), Double(pixel / 70))
      return Float(0.5 + 0.35 * sin(0.012 * x * x + 0.1 * y + Double(c)))
    }
    try Image(width: 70, height: 45, channels: channels, samples: samples)
      .write(to: workspace.file("big.png"))
    return workspace
  }

  private static let call = [
    "fit", "image", "big.png", "--blocks", "8", "--target-psnr", "36", "--threads", "2", "-o",
    "run",
  ]

  @Test func aFitWritesWhatItPromises() throws {
    let workspace = try workspace()
    let outcome = try workspace.run(Self.call + ["--strip-rows", "8", "--json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("big.png: 70 x 45 pixels, 3 channels\n"))
    let metrics = try jsonObject(outcome)
    let psnr = try #require(metrics["psnr"] as? Double)
    #expect(
      psnr >= 36 && metrics["missed"] as? Int == 0 && metrics["stop"] as? String == "finished")
    let files = try FileManager.default.contentsOfDirectory(atPath: workspace.file("run"))
    #expect(
      Set(files) == ["model.safetensors", "reconstruction.png", "history.csv", "run.json"])
    let compared = try workspace.run("compare", "big.png", "run/reconstruction.png", "--json")
    let judged = try #require(try jsonObject(compared)["psnr"] as? Double)
    #expect(abs(judged - psnr) < 0.1)
    let record = try workspace.json("run/run.json")
    #expect((record["metrics"] as? [String: Any])?["psnr"] as? Double == psnr)
    #expect((record["configuration"] as? [String: Any])?["size"] as? Int == 8)
    let lines = try workspace.text("run/history.csv").split(separator: "\n")
    #expect(lines[0] == "level,width,height,blocks,networks,reached,steps,seconds,psnr")
    #expect(lines.count == 6 && lines[1].hasPrefix("4,5,3,1,") && lines[5].hasPrefix("0,70,45,54,"))
  }

  @Test func stripsAndThreadsDoNotChangeTheModel() throws {
    let workspace = try workspace()
    #expect(try workspace.run(Self.call + ["-q"]).exitCode == 0)
    let model = try workspace.data("run/model.safetensors")
    let words = Self.call.map { $0 == "run" ? "other" : $0 == "2" ? "3" : $0 }
    #expect(try workspace.run(words + ["-q", "--strip-rows", "1"]).exitCode == 0)
    #expect(try workspace.data("other/model.safetensors") == model)
  }

  @Test func aModelIsDrawnAndDescribed() throws {
    let workspace = try workspace()
    #expect(try workspace.run(Self.call).exitCode == 0)
    func draw(_ name: String, _ words: String...) throws -> Image {
      let outcome = try workspace.run(["render", "run/model.safetensors", "-o", name] + words)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      return try Image.read(workspace.file(name))
    }
    #expect(
      try draw("a.png") == (try Image.read(workspace.file("run/reconstruction.png"))))
    let whole = try draw("b.npy", "--scale", "3")
    let part = try draw("c.npy", "--scale", "3", "--rectangle", "100,31,60,50")
    #expect(part == whole.cropped(rows: 31..<81, columns: 100..<160))
    let small = try draw("d.png", "--size", "35x23")
    #expect(small.width == 35 && small.height == 23)
    let info = try workspace.run("info", "run/model.safetensors")
    #expect(info.output.contains("picture     70 x 45 pixels, 3 channels of 8 bits\n"))
    #expect(info.output.contains("level 0     70 x 45 pixels: "))
    let facts = try jsonObject(try workspace.run("info", "run/model.safetensors", "--json"))
    #expect((facts["levels"] as? [Any])?.count == 5 && facts["block_size"] as? Int == 8)
  }

  @Test func aFitThatIsStoppedGoesOnToTheSameBytes() throws {
    let workspace = try workspace()
    #expect(try workspace.run(Self.call + ["--strip-rows", "8"]).exitCode == 0)
    let model = try workspace.data("run/model.safetensors")
    try FileManager.default.removeItem(atPath: workspace.file("run"))
    // A limit that is over at once: a strip each time.
    let stopped = try workspace.run(Self.call + ["--strip-rows", "8", "--time-limit", "1e-9"])
    #expect(stopped.errors.contains("to go on: inr fit image --resume run\n"))
    var calls = 0
    while workspace.exists("run/blocks-checkpoint.safetensors"), calls < 4 {
      calls += 1
      #expect(try workspace.run("render", "run/model.safetensors").exitCode == 0)
      let outcome = try workspace.run("fit", "image", "--resume", "run", "--time-limit", "1e-9")
      #expect(outcome.exitCode == 0 && outcome.errors.contains("going on after "))
    }
    #expect(calls == 4)
    let outcome = try workspace.run("fit", "image", "--resume", "run", "--threads", "1")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(!workspace.exists("run/blocks-checkpoint.safetensors"))
    #expect(try workspace.data("run/model.safetensors") == model)
  }

  /// `--resume` goes on with the last run in a folder, of whichever kind it was.
  @Test func aRunTakesThePlaceOfOneOfTheOtherKind() throws {
    let workspace = try workspace()
    let (blocks, one) = ("run/blocks-checkpoint.safetensors", "run/checkpoint.safetensors")
    func resumed() throws -> String {
      try workspace.run("fit", "image", "--resume", "run", "--time-limit", "1e-9").errors
    }
    #expect(try workspace.run(Self.call + ["--time-limit", "1e-9"]).exitCode == 0)
    #expect(workspace.exists(blocks))
    try workspace.fit(["--time-limit", "0.01", "--steps", "100000000"], picture: "big.png")
    #expect(workspace.exists(one) && !workspace.exists(blocks))
    #expect(try resumed().contains("going on after step"))
    #expect(try workspace.run(Self.call + ["--time-limit", "1e-9"]).exitCode == 0)
    #expect(workspace.exists(blocks) && !workspace.exists(one))
    #expect(try resumed().contains("of the blocks"))
  }

  @Test func whatCannotBeFittedIsNamed() throws {
    let workspace = try workspace()
    try workspace.write("GIF89a", to: "a.gif")
    try Image(width: 4, height: 4, channels: 1, filledWith: 0).write(to: workspace.file("a.npy"))
    try workspace.write(try workspace.data("big.png").dropLast(40), to: "cut.png")
    func refuse(_ words: String..., code: Int32, naming parts: String...) throws {
      try expectRefusal(
        of: ["fit", "image"] + words + ["--threads", "1"], with: code, naming: parts, in: workspace)
    }
    try refuse("none.png", "--blocks", "16", code: 1, naming: "none.png: there is no such file")
    try refuse("a.gif", "--blocks", "16", code: 1, naming: "a.gif is no picture", "a GIF file")
    try refuse("a.npy", "--blocks", "16", code: 1, naming: "a.npy is a .npy file", "to PNG")
    try refuse("cut.png", "--blocks", "16", code: 1, naming: "cut.png is a broken PNG", "cut short")
    try refuse("big.png", "--blocks", "2", code: 2, naming: "--blocks", "4 to 128")
    try refuse(
      "big.png", "--blocks", "16", "--activation", "wire", code: 2,
      naming: "--activation: blocks have networks and a training of their own")
    try refuse("big.png", "--block-units", "4", code: 2, naming: "--block-units", "--blocks")
    try refuse("big.png", "--strip-rows", "4", code: 2, naming: "--strip-rows", "--blocks")
    try refuse("--blocks", "16", code: 2, naming: "PICTURE")
  }

  @Test func otherCommandsSayThatTheyNeedOneNetwork() throws {
    let workspace = try workspace()
    #expect(try workspace.run(Self.call).exitCode == 0)
    try workspace.write(try workspace.data("run/model.safetensors"), to: "m.safetensors")
    try expectRefusal(
      of: ["contour", "m.safetensors"], with: 1,
      naming: ["m.safetensors holds a picture in blocks", "inr render and inr info"],
      in: workspace)
    try expectRefusal(
      of: ["render", "m.safetensors", "--size", "1000000x1000000", "-o", "m.npy"], with: 1,
      naming: ["1000000 x 1000000 pixels are too many", "--rectangle"], in: workspace)
    try expectRefusal(
      of: ["render", "m.safetensors", "--coordinates", "endpoints"], with: 2,
      naming: ["--coordinates", "a model of blocks knows its own"], in: workspace)
  }
}
