import Compute
import Foundation
import Imaging
import Testing
import Tomography

/// A folder with a small phantom `slice.npy`, and 24 views of it in `sinogram.npy`.
enum CTWorkspace {
  static let angles = "0:180:24"
  static let size = 32

  static func make() throws -> Workspace {
    let workspace = try Workspace()
    let outcome = try workspace.run(
      "ct", "phantom", "--size", "\(size)", "-o", "slice.npy", "--sinogram", "sinogram.npy",
      "--angles", angles)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    return workspace
  }

  /// The sinogram twice, the second time doubled.
  static func addStack(to workspace: Workspace) throws {
    let one = try NumpyArray.read(workspace.file("sinogram.npy"))
    try NumpyArray(
      shape: [2] + one.shape, elements: one.elements + one.elements.map { 2 * $0 }
    ).write(to: workspace.file("stack.npy"))
  }
}

extension Workspace {
  /// Runs `inr ct` with a call that must succeed.
  func ct(
    _ call: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> BuiltProgram.Outcome {
    let outcome = try run(["ct"] + call.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 0, "\(call): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  func array(_ name: String) throws -> NumpyArray { try NumpyArray.read(file(name)) }

  func psnr(_ call: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Double {
    let json = try jsonObject(
      try ct(call + " --reference slice.npy --json", sourceLocation: sourceLocation))
    let measures = try #require(json["measures"] as? [String: Any])
    return try #require(measures["psnr"] as? Double)
  }
}

/// The largest difference of two arrays.
func largestDifference(_ one: NumpyArray, _ other: NumpyArray) -> Float {
  guard one.shape == other.shape else { return .infinity }
  return zip(one.elements, other.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// What the commands make of a good sinogram.
struct CTReconstructionEndToEndTests {
  @Test func everyMethodRecoversThePhantom() throws {
    let workspace = try CTWorkspace.make()
    let call = "sinogram.npy --angles \(CTWorkspace.angles)"
    // Fewer views than pixels across, so no method is exact; each is far above a slice of zeros,
    // which has 11.7 dB, and the methods that know that nothing is negative are the best.
    let fbp = try workspace.psnr("fbp \(call)")
    let cgls = try workspace.psnr("cgls \(call) --iterations 10")
    let sirt = try workspace.psnr("sirt \(call) --iterations 60")
    let tv = try workspace.psnr("tv \(call) --iterations 60 --lambda 0.5")
    #expect(fbp > 18 && cgls > 18)
    #expect(sirt > fbp + 1 && tv > fbp + 1)
    for name in ["fbp", "cgls", "sirt", "tv"] {
      #expect(try workspace.array("sinogram-\(name).npy").shape == [32, 32])
    }
    #expect(try workspace.array("sinogram-sirt.npy").elements.min() ?? -1 >= 0)
    #expect(try workspace.array("sinogram-cgls.npy").elements.min() ?? 0 < 0)
  }

  @Test func flagsDecideWhetherASliceIsNegative() throws {
    let workspace = try CTWorkspace.make()
    let call = "sinogram.npy --angles \(CTWorkspace.angles) --iterations 5 -o out.npy"
    for (method, isNegative) in [
      ("sirt \(call) --allow-negative", true), ("cgls \(call) --nonnegative", false),
      ("tv \(call) --lambda 0.1 --allow-negative", true),
    ] {
      _ = try workspace.ct(method)
      #expect(
        (try workspace.array("out.npy").elements.min() ?? 0 < 0) == isNegative, "\(method)")
    }
  }

  @Test func fbpIsThatOfTheLibrary() throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct(
      "fbp sinogram.npy --angles \(CTWorkspace.angles) --filter hann --frequency-scale 0.8 "
        + "--size 20x24 --center 15.5 --pixel-size 1.5 --bin-width 2 -o out.npy")
    let scan = ScanGeometry(
      angles: ScanGeometry.angles(from: 0, to: .pi, count: 24), binCount: 32, binWidth: 2,
      center: 15.5)
    let grid = SliceGrid(rows: 24, columns: 20, pixelSize: 1.5)
    let sinogram = try SinogramFile(workspace.file("sinogram.npy")).sinogram()
    let expected = FilteredBackprojection(scan, grid, window: .hann, frequencyScale: 0.8)
      .reconstruct(sinogram)
    let found = try workspace.array("out.npy")
    #expect(found.shape == [24, 20] && expected.elements.contains { $0 > 0.1 })
    // Angles in degrees become radians with a rounding of 1e-16 of them.
    let array = NumpyArray(shape: [24, 20], elements: expected.elements)
    #expect(largestDifference(found, array) < 1e-5)
  }

  @Test func theAdjointIsThatOfProjection() throws {
    let workspace = try CTWorkspace.make()
    let angles = "--angles \(CTWorkspace.angles)"
    _ = try workspace.ct("project slice.npy \(angles) -o p.npy")
    _ = try workspace.ct("backproject sinogram.npy \(angles) -o b.npy")
    func dot(_ one: String, _ other: String) throws -> Double {
      zip(try workspace.array(one).elements, try workspace.array(other).elements)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (forward, adjoint) = (try dot("p.npy", "sinogram.npy"), try dot("slice.npy", "b.npy"))
    #expect(forward > 100)
    #expect(abs(forward - adjoint) < 1e-5 * forward)
  }

  @Test func anglesInAFileOrInRadiansAreTheSameAngles() throws {
    let workspace = try CTWorkspace.make()
    let degrees = (0..<24).map { 7.5 * Double($0) }
    try workspace.write(degrees.map { "\($0)\n" }.joined(), to: "a.txt")
    try workspace.write("theta\n" + degrees.map { "\($0 * .pi / 180)\n" }.joined(), to: "r.csv")
    try NumpyArray(shape: [24], elements: degrees.map { Float($0) })
      .write(to: workspace.file("a.npy"))
    var slices: [NumpyArray] = []
    for angles in [CTWorkspace.angles, "a.txt", "a.npy", "r.csv --radians", "0:172.5:24:inclusive"]
    {
      let outcome = try workspace.ct("fbp sinogram.npy --angles \(angles) -o out.npy")
      #expect(!outcome.errors.contains("radians"))
      slices.append(try workspace.array("out.npy"))
    }
    for slice in slices.dropFirst() { #expect(largestDifference(slice, slices[0]) < 1e-5) }
  }

  @Test func someViewsAreTheScanOfTheseViews() throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct("fbp sinogram.npy --angles 0:180:24 --views 0::2 -o half.npy")
    let all = try workspace.array("sinogram.npy")
    let kept = (0..<12).flatMap { all.elements[$0 * 64..<$0 * 64 + 32] }
    try NumpyArray(shape: [12, 32], elements: Array(kept)).write(to: workspace.file("kept.npy"))
    _ = try workspace.ct("fbp kept.npy --angles 0:180:12 -o direct.npy")
    #expect(try workspace.array("half.npy") == workspace.array("direct.npy"))
    _ = try workspace.ct("fbp sinogram.npy --angles 0:180:24 --views 3:4 -o one.npy")
    #expect(try workspace.array("one.npy").elements.contains { $0 != 0 })
  }

  @Test(arguments: ["fbp", "backproject", "sirt", "cgls", "tv --lambda 1"])
  func oneViewRuns(method: String) throws {
    let workspace = try CTWorkspace.make()
    let words = method.split(separator: " ").map(String.init)
    _ = try workspace.ct(
      "\(words[0]) sinogram.npy --angles 0:180:24 --views :1 -o out.npy "
        + words.dropFirst().joined(separator: " "))
    #expect(try workspace.array("out.npy").elements.contains { $0 != 0 })
  }

  @Test(arguments: ["fbp", "sirt --allow-negative --iterations 3"])
  func aCircleIsZeroOutside(method: String) throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct("\(method) sinogram.npy --angles 0:180:24 -o open.npy")
    _ = try workspace.ct("\(method) sinogram.npy --angles 0:180:24 --circle -o circle.npy")
    let inside = SliceGrid(rows: 32, columns: 32).circle(radius: 16)
    let outside = inside.indices.filter { !inside[$0] }
    let (open, circle) = (try workspace.array("open.npy"), try workspace.array("circle.npy"))
    #expect(outside.contains { open.elements[$0] != 0 })
    #expect(outside.allSatisfy { circle.elements[$0] == 0 })
    #expect(inside.indices.contains { inside[$0] && circle.elements[$0] > 0.1 })
  }

  // MARK: Stacks and layouts

  @Test func aStackIsReconstructedSliceBySlice() throws {
    let workspace = try CTWorkspace.make()
    try CTWorkspace.addStack(to: workspace)
    let angles = "--angles \(CTWorkspace.angles)"
    _ = try workspace.ct("fbp sinogram.npy \(angles) -o single.npy")
    _ = try workspace.ct("fbp stack.npy \(angles) -o both.npy")
    let single = try workspace.array("single.npy").elements
    let both = try workspace.array("both.npy")
    #expect(both.shape == [2, 32, 32])
    #expect(Array(both.elements.prefix(1024)) == single)
    // Doubling is exact in floating point.
    #expect(Array(both.elements.suffix(1024)) == single.map { 2 * $0 })
    _ = try workspace.ct("fbp stack.npy \(angles) --slice 1 -o second.npy")
    let second = try workspace.array("second.npy")
    #expect(second.shape == [32, 32] && second.elements == Array(both.elements.suffix(1024)))
    // Of a stack of references, the slice with the same number is the one.
    let judged = try workspace.ct(
      "fbp stack.npy \(angles) --slice 1 --reference both.npy --peak 1 -o second.npy")
    #expect(judged.output.hasPrefix("PSNR  999.0000 dB (peak 1)\n"), "\(judged.output)")
    let outcome = try workspace.ct(
      "cgls stack.npy \(angles) --reference both.npy --iterations 3 --json -o c.npy")
    #expect(try jsonObject(outcome)["slices"] as? Int == 2)
  }

  @Test func aTransposedFileIsReadAsItsLayoutSays() throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct("project slice.npy --angles 0:180:24 -o v.npy")
    _ = try workspace.ct("project slice.npy --angles 0:180:24 --layout bins,views -o b.npy")
    #expect(try workspace.array("b.npy").shape == [32, 24])
    _ = try workspace.ct("fbp v.npy --angles 0:180:24 -o 1.npy")
    _ = try workspace.ct("fbp b.npy --angles 0:180:24 --layout bins,angles -o 2.npy")
    #expect(try workspace.array("1.npy") == workspace.array("2.npy"))
  }

  // MARK: Results

  @Test func measuresArePrintedWithTheirPeak() throws {
    let workspace = try CTWorkspace.make()
    let call = "fbp sinogram.npy --angles \(CTWorkspace.angles) --reference slice.npy"
    let outcome = try workspace.ct(call)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].wholeMatch(of: /PSNR  \d+\.\d{4} dB \(peak 1\)/) != nil, "\(lines)")
    #expect(lines[1].wholeMatch(of: /SSIM  0\.\d{6} \(data range 1\)/) != nil, "\(lines)")
    #expect(lines[2].hasPrefix("RMSE  0.0"))
    let other = try workspace.ct(call + " --peak 2")
    #expect(other.output.contains("(peak 2)") && other.output.contains("(data range 2)"))
  }

  @Test func aPictureHasTheWindowThatIsSaid() throws {
    let workspace = try CTWorkspace.make()
    let call = "fbp sinogram.npy --angles \(CTWorkspace.angles)"
    _ = try workspace.ct(call + " -o slice-of-numbers.npy")
    let outcome = try workspace.ct(call + " -o out.png --window 0,0.5")
    #expect(outcome.errors.contains("out.png: black is 0, white 0.5\n"))
    let (picture, values) = (
      try Image.read(workspace.file("out.png")), try workspace.array("slice-of-numbers.npy")
    )
    #expect(picture.bitDepth == .sixteen && picture.width == 32)
    for (sample, value) in zip(picture.samples, values.elements) {
      #expect(abs(sample - min(max(2 * value, 0), 1)) < 1 / 65535)
    }
    let automatic = try workspace.ct(call + " -o out.png")
    #expect(automatic.errors.contains("out.png: black is -0."))
  }

  @Test func nothingIsSaidInQuiet() throws {
    let workspace = try CTWorkspace.make()
    let outcome = try workspace.ct("sirt sinogram.npy --angles 0:180:24 --iterations 2 -q")
    #expect(outcome.errors.isEmpty && outcome.output.isEmpty)
    #expect(workspace.exists("sinogram-sirt.npy"))
  }

  @Test func lambdaIsFoundWithoutTheTruth() throws {
    let workspace = try CTWorkspace.make()
    let outcome = try workspace.ct("tv sinogram.npy --angles 0:180:24 --iterations 40 --json")
    let lambda = try #require(try jsonObject(outcome)["lambda"] as? Double)
    #expect(lambda > 0 && outcome.errors.contains("error on the views held out"))
    let fixed = try workspace.ct(
      "tv sinogram.npy --angles 0:180:24 --noise-level 0.5 --iterations 40 --json")
    let residual = try #require(try jsonObject(fixed)["residual"] as? Double)
    // The residual that was asked for; λ is interpolated between rungs.
    #expect(abs(residual - 0.5) < 0.2, "\(residual)")
  }

  @Test func ctrlCLeavesTheSliceSoFar() throws {
    let workspace = try CTWorkspace.make()
    let outcome = try BuiltProgram.shell(
      "$inr ct sirt sinogram.npy --angles 0:180:24 --iterations 1000000 --json -o out.npy & "
        + "sleep 0.7; kill -INT $!; wait $!; echo code $?", in: workspace.path)
    #expect(outcome.output.hasSuffix("code 0\n"), "\(outcome)")
    #expect(outcome.output.contains("\"is_interrupted\" : true"))
    #expect(try workspace.array("out.npy").elements.max() ?? 0 > 0.1)
  }
}
