import Compute
import Foundation
import Imaging
import Networks
import Testing

/// What `inr render` and `inr compare` make of a model and its picture.
struct RenderEndToEndTests {
  /// With the model of a small fit.
  private func fitted(_ options: String..., channels: Int = 1) throws -> Workspace {
    let workspace = try Workspace(channels: channels)
    try workspace.fit(options)
    try workspace.write(try workspace.data("run/model.safetensors"), to: "model.safetensors")
    return workspace
  }

  private func render(_ words: String, to output: String, in workspace: Workspace) throws -> Image {
    let outcome = try workspace.run(
      ["render", "model.safetensors", "-o", output]
        + words.split(separator: " ").map(String.init))
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let image = try Image.read(workspace.file(output))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors == "\(output): \(image.width) x \(image.height) pixels\n")
    return image
  }

  @Test(arguments: [
    ("", 16, 12), ("--scale 2.5", 40, 30), ("--scale 0.25", 4, 3), ("--size 7x31", 7, 31),
    ("--size 1x1", 1, 1), ("--rectangle 3,2,5,4", 5, 4), ("--scale 3 --rectangle 47,0,1,36", 1, 36),
  ])
  func thePictureHasTheSizeAskedFor(options: String, width: Int, height: Int) throws {
    let image = try render(options, to: "out.png", in: try fitted())
    #expect(image.width == width && image.height == height)
  }

  @Test(arguments: ["", "--coordinates endpoints"])
  func aRectangleIsACropOfTheWhole(coordinates: String) throws {
    let workspace = try fitted(channels: 3)
    let whole = try render("--size 50x41 " + coordinates, to: "whole.npy", in: workspace)
    let part = try render(
      "--size 50x41 --rectangle 13,5,29,31 " + coordinates, to: "part.npy", in: workspace)
    let crop = whole.cropped(rows: 5..<36, columns: 13..<42)
    #expect(part.samples == crop.samples)
    #expect(Set(part.samples).count > 100)
  }

  @Test func endpointsAreTheCornersOfPixelCentresSeenLarge() throws {
    let workspace = try fitted()
    let corners = try render("--size 2x2 --coordinates endpoints", to: "a.npy", in: workspace)
    // The outermost of 100 000 pixel centres lie 1e-5 from the ends.
    let near = try render(
      "--size 100000x100000 --rectangle 0,0,1,1", to: "b.npy", in: workspace)
    #expect(abs(corners.samples[0] - near.samples[0]) < 1e-3)
  }

  @Test func aRangeBecomesBlackToWhite() throws {
    let workspace = try fitted()
    let plain = try render("", to: "a.npy", in: workspace)
    let shaded = try render("--range -1,1", to: "b.npy", in: workspace)
    #expect(shaded.samples == plain.samples.map { ($0 + 1) / 2 })
  }

  @Test func swappedAxesTransposeThePicture() throws {
    let workspace = try fitted()
    let plain = try render("--size 9x9", to: "a.npy", in: workspace)
    let swapped = try render("--size 9x9 --axes yx", to: "b.npy", in: workspace)
    #expect(swapped[2, 7, 0] == plain[7, 2, 0] && plain[2, 7, 0] != plain[7, 2, 0])
  }

  @Test(arguments: [Image.BitDepth.eight, .sixteen])
  func theBitsAreThoseAskedFor(depth: Image.BitDepth) throws {
    let workspace = try fitted()
    let image = try render("--bit-depth \(depth.rawValue)", to: "out.png", in: workspace)
    #expect(image.bitDepth == depth)
    let exact = try render("", to: "out.npy", in: workspace)
    let step: Float = depth == .eight ? 1 / 255 : 1 / 65535
    for (sample, value) in zip(image.samples, exact.samples) {
      // Half a step for rounding, and 2⁻²³ for the numbers themselves.
      #expect(abs(sample - min(max(value, 0), 1)) <= 0.5 * step + 1.2e-7)
    }
  }

  @Test func withoutANameThePictureStandsBesideTheModel() throws {
    let workspace = try fitted()
    #expect(try workspace.run("render", "run/model.safetensors").exitCode == 0)
    #expect(workspace.exists("run/model.png"))
  }

  @Test func comparingIsExact() throws {
    let workspace = try fitted()
    let same = try workspace.run("compare", "picture.png", "picture.png")
    #expect(same.output == "PSNR  inf dB\nSSIM  1.000000\n" && same.errors.isEmpty)
    let json = try jsonObject(try workspace.run("compare", "picture.png", "picture.png", "--json"))
    #expect(json["identical"] as? Bool == true && json["psnr"] as? Double == 999)
    // A difference of 0.1 everywhere has a mean square of 0.01.
    for (name, value) in [("a.npy", Float(0.25)), ("b.npy", 0.35)] {
      try Image(width: 12, height: 12, channels: 1, filledWith: value)
        .write(to: workspace.file(name))
    }
    let apart = try workspace.run("compare", "a.npy", "b.npy")
    #expect(apart.output.hasPrefix("PSNR  20.0000 dB\n"))
  }

  // MARK: Refusals

  @Test(arguments: [
    WrongCall("missing", 1, "missing: there is no such file"),
    WrongCall("run", 1, "run is a folder"),
    WrongCall("picture.png -o a.png", 1, "picture.png", "header"),
    WrongCall("model.safetensors -o a.jpg", 1, "a.jpg", "use .png or .npy"),
    WrongCall("model.safetensors -o run", 1, "run", "use .png or .npy"),
    WrongCall("model.safetensors -o missing/a.png", 1, "missing/a.png", "no folder missing"),
    WrongCall("model.safetensors -o picture.png/a.png", 1, "picture.png/a.png", "is a file"),
    WrongCall("model.safetensors --activation relu", 1, "sine", "relu was asked for"),
    WrongCall("model.safetensors --prefix other", 1, "model.safetensors holds no network"),
    WrongCall("model.safetensors --size 0x5", 2, "--size", #""0x5""#, "e.g. 1024x768"),
    WrongCall("model.safetensors --size 8", 2, "--size", #""8""#),
    WrongCall("model.safetensors --size 1000001x1", 2, "--size", #""1000001x1""#),
    WrongCall("model.safetensors --size 1000000x1000000", 1, "too many", "--rectangle"),
    WrongCall("model.safetensors --size 8x8 --scale 2", 2, "--size and --scale"),
    WrongCall("model.safetensors --scale 1e30", 2, "--scale", #""1e30""#, "1 to 1000000"),
    WrongCall("model.safetensors --scale 1e-9", 2, "--scale", #""1e-9""#),
    WrongCall("model.safetensors --rectangle 0,0,17,1", 2, "--rectangle", "16 x 12"),
    WrongCall("model.safetensors --rectangle 9e18,0,9e18,1", 2, "--rectangle", "16 x 12"),
    WrongCall("model.safetensors --rectangle 0,0,0,1", 2, "--rectangle"),
    WrongCall("model.safetensors --rectangle 1,2,3", 2, "--rectangle", "4 numbers"),
    WrongCall("model.safetensors --range 1,1", 2, "--range", #""1,1""#, "different"),
    WrongCall("model.safetensors --bit-depth 12", 2, "--bit-depth", #""12""#, "8, 16"),
    WrongCall("model.safetensors picture.png", 2, #""picture.png""#, "no operand but MODEL"),
    WrongCall("", 2, "MODEL|MESH is missing"),
  ])
  func whatCannotBeRenderedIsNamed(call: WrongCall) throws {
    try expectRefusal(
      of: ["render"] + call.words, with: call.code, naming: call.parts, in: try fitted())
  }

  private static let hasLittleMemory = (Machine.availableMemory ?? .max) < 100_000_000_000

  @Test(.enabled(if: hasLittleMemory)) func aRenderingThatTheMachineHasNoMemoryForIsRefused() throws
  {
    try expectRefusal(
      of: ["render", "model.safetensors", "--size", "46340x46340"], with: 1,
      naming: ["46340 x 46340", "the machine has", "--rectangle"], in: try fitted(channels: 4))
  }

  /// A network whose values are no numbers, or that is no picture.
  @Test func aModelThatIsNoPictureIsNamed() throws {
    let workspace = try Workspace()
    func write(_ name: String, inputs: Int, outputs: Int, weight: Float) throws {
      let map = LinearMap(
        weight: Matrix(
          rows: outputs, columns: inputs,
          elements: [Float](repeating: weight, count: inputs * outputs)),
        bias: [Float](repeating: 0, count: outputs))
      try Model(network: try Network(inputs: inputs, layers: [Layer(map)]))
        .write(to: workspace.file(name))
    }
    try write("solid", inputs: 3, outputs: 1, weight: 1)
    try write("many", inputs: 2, outputs: 5, weight: 1)
    try write("broken", inputs: 2, outputs: 1, weight: .nan)
    for (name, parts) in [
      ("solid", ["solid:", "3 coordinates and 1 value,", "expected 2 coordinates"]),
      ("many", ["many:", "2 coordinates and 5 values,", "1 to 4 values"]),
      ("broken", ["broken:", "column 0, row 0 is nan"]),
    ] {
      try expectRefusal(of: ["render", name], with: 1, naming: parts, in: workspace)
    }
  }
}
