import Compute
import Foundation
import Imaging
import Testing

/// What wrong scans get: one line that says what was found, what was expected and what to do.
struct CTBadInputEndToEndTests {
  /// Good and bad files of all kinds.
  private func workspace() throws -> Workspace {
    let workspace = try CTWorkspace.make()
    try CTWorkspace.addStack(to: workspace)
    let good = try workspace.array("sinogram.npy").elements
    func write(_ name: String, _ shape: [Int], _ elements: [Float]) throws {
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    func changed(_ value: Float) -> [Float] {
      var copy = good
      copy[5 * 32 + 17] = value
      return copy
    }
    try write("nan.npy", [24, 32], changed(.nan))
    try write("inf.npy", [24, 32], changed(.infinity))
    try write("turned.npy", [32, 24], good)
    try write("line.npy", [768], good)
    try write("empty.npy", [0, 32], [])
    try write("small.npy", [8, 8], [Float](repeating: 1, count: 64))
    try write("flat0.npy", [32, 32], [Float](repeating: 0, count: 1024))
    try write("negative.npy", [32, 32], [Float](repeating: -1000, count: 1024))
    try write("ones.npy", [1, 32], [Float](repeating: 1, count: 32))
    try write("counts.npy", [24, 32], changed(-500).map { $0 + 100 })
    try write("flats.npy", [1, 32], [Float](repeating: 200, count: 32))
    try write("wide.npy", [1, 40], [Float](repeating: 200, count: 40))
    try write("huge.npy", [24, 32], [Float](repeating: 3e38, count: 768))
    try workspace.write("0\n1\n2\n", to: "three.txt")
    try workspace.write("0\nx\n", to: "words.txt")
    try workspace.write(try workspace.data("sinogram.npy").dropLast(3), to: "cut.npy")
    try workspace.write(Data("PK\u{3}\u{4}....".utf8), to: "a.npz")
    return workspace
  }

  private static let angles = "--angles 0:180:24"

  @Test(arguments: [
    WrongCall("missing.npy \(angles)", 1, "missing.npy: there is no such file"),
    WrongCall("cut.npy \(angles)", 1, "cut.npy does not hold what its header says"),
    WrongCall("a.npz \(angles)", 1, "a zip archive (.npz?)", "numpy.load('a.npz')['NAME']"),
    WrongCall("three.txt \(angles)", 1, "three.txt is not a .npy file"),
    WrongCall("line.npy \(angles)", 1, "shape [768], expected [views, bins]", "--layout"),
    WrongCall("empty.npy \(angles)", 1, "shape [0, 32], which has no view"),
    WrongCall("nan.npy \(angles)", 1, "nan.npy: view 5, bin 17 is nan, expected numbers"),
    WrongCall("inf.npy \(angles)", 1, "inf.npy: view 5, bin 17 is inf"),
    WrongCall("huge.npy \(angles)", 1, "huge.npy: fbp made values that are too large"),
    WrongCall("sinogram.npy", 2, "--angles is missing", "24 views of 32 bins", "0:180:24"),
    WrongCall(
      "sinogram.npy --angles 0:180:25", 1, "found 25 angles for 24 views of 32 bins",
      "expected one a view", "correct --angles"),
    WrongCall(
      "turned.npy \(angles)", 1, "found 24 angles for 32 views of 24 bins",
      "it looks transposed: give --layout bins,views"),
    WrongCall(
      "sinogram.npy \(angles) --layout bins,views", 1, "24 angles for 32 views",
      "give --layout views,bins"),
    WrongCall("sinogram.npy --angles three.txt", 1, "found 3 angles for 24 views"),
    WrongCall("sinogram.npy --angles words.txt", 1, "words.txt: line 2 has \"x\""),
    WrongCall("sinogram.npy --angles missing.txt", 1, "missing.txt: there is no such file"),
    WrongCall("sinogram.npy --angles 0:180:0", 2, "--angles", "START:STOP:COUNT"),
    WrongCall("sinogram.npy \(angles) --views 24:", 2, "--views", "some of the 24 views"),
    WrongCall("sinogram.npy \(angles) --center 32", 2, "--center", "the bins 0 to 31"),
    WrongCall("sinogram.npy \(angles) --fan 20,10", 2, "--fan", "which is larger"),
    WrongCall("sinogram.npy \(angles) --fan 10,20", 1, "reaches 11.3", "the source at 10"),
    WrongCall("sinogram.npy \(angles) --size 900000", 1, "900000 x 900000 pixels need about"),
    WrongCall("sinogram.npy \(angles) --slice 1", 1, "found no slice 1, expected 0"),
    WrongCall("stack.npy \(angles) --slice 2", 1, "found no slice 2, expected 0 to 1"),
    WrongCall("stack.npy \(angles) -o a.png", 1, "a.png cannot hold 2 slices", "--slice"),
    WrongCall("sinogram.npy \(angles) -o a.jpg", 1, "a.jpg: the ending does not say"),
    WrongCall("sinogram.npy \(angles) -o no/a.npy", 1, "no/a.npy", "there is no folder no"),
    WrongCall("sinogram.npy \(angles) --window 0,1", 2, "--window: only a picture has one"),
    WrongCall("sinogram.npy \(angles) -o a.png --window 1,1", 2, "--window", "two different"),
    WrongCall("sinogram.npy \(angles) --peak 1", 2, "--peak has no effect without --reference"),
    WrongCall(
      "sinogram.npy \(angles) --reference small.npy", 1, "small.npy has the shape [8, 8]",
      "the result [32, 32]", "the same size"),
    WrongCall(
      "stack.npy \(angles) --reference slice.npy", 1, "slice.npy has the shape [1, 32, 32]",
      "the result [2, 32, 32]"),
    WrongCall("sinogram.npy \(angles) --reference nan.npy", 1, "nan.npy has the shape [24, 32]"),
    WrongCall("ones.npy --angles 0:180:1 --center auto", 1, "axis cannot be found", "1 views"),
  ])
  func aScanThatCannotBeReconstructedIsNamed(call: WrongCall) throws {
    let workspace = try workspace()
    // The truncation hint of `ones.npy` comes before the error.
    let words = ["ct", "fbp"] + call.words + ["-q"]
    try expectRefusal(of: words, with: call.code, naming: call.parts, in: workspace)
  }

  @Test(arguments: [
    WrongCall("sirt sinogram.npy \(angles) --relaxation 2", 2, "--relaxation", "below 2"),
    WrongCall("sirt sinogram.npy \(angles) --iterations 0", 2, "--iterations", #""0""#),
    WrongCall(
      "cgls sinogram.npy \(angles) --nonnegative --allow-negative", 2,
      "--nonnegative and --allow-negative exclude each other"),
    WrongCall("tv sinogram.npy \(angles) --lambda 0", 2, "--lambda", "a positive number"),
    WrongCall(
      "tv sinogram.npy \(angles) --lambda 1 --noise-level 1", 2, "--noise-level", "was given"),
    WrongCall("tv sinogram.npy \(angles) --views :2 -q", 1, "found 2 views", "give --lambda"),
    WrongCall("project slice.npy", 2, "--angles is missing", "e.g. --angles 0:180:90"),
    WrongCall("project line.npy \(angles)", 1, "shape [768], expected [rows, columns]"),
    WrongCall("project slice.npy \(angles) --center auto", 2, "no sinogram yet"),
    WrongCall("project slice.npy \(angles) --photons 0", 2, "--photons", "positive"),
    WrongCall("project slice.npy \(angles) --photons 1e16", 2, "--photons", "up to 1e15"),
    WrongCall(
      "project negative.npy \(angles) --photons 1e4 -q", 1,
      "negative.npy: the line integral of view 0, bin",
      "shift the slice"),
    WrongCall(
      "project slice.npy \(angles) --pixel-size 1e17", 1, "see all pixels of 1", "in one unit",
      "--bins"),
    WrongCall(
      "phantom --sinogram s.npy \(angles) --bin-width 1e-9 --pixel-size 1", 1, "in one unit"),
    WrongCall("project slice.npy \(angles) --electronic-noise 3", 2, "without --photons"),
    WrongCall(
      "project slice.npy \(angles) --photons 9 --attenuation 1 --peak-attenuation 1", 2,
      "--attenuation and --peak-attenuation exclude"),
    WrongCall("phantom --name shep-logan", 2, "did you mean shepp-logan"),
    WrongCall("phantom \(angles)", 2, "--angles has no effect without --sinogram"),
    WrongCall("phantom --sinogram s.npy", 2, "--angles is missing"),
    WrongCall("phantom --radius 0.5", 2, "only the phantom disc has one"),
    WrongCall("phantom -o a.npy --sinogram a.npy \(angles)", 2, "cannot hold both"),
    WrongCall("prepare counts.npy --dark flats.npy", 2, "--dark has no effect without --flat"),
    WrongCall(
      "prepare counts.npy --flat flats.npy", 1, "counts.npy, slice 0: found -", "view 5, bin 17",
      "far below the dark field"),
    WrongCall("prepare nan.npy --flat flats.npy", 1, "nan.npy: view 5, bin 17 is nan"),
    WrongCall(
      "prepare sinogram.npy --flat wide.npy", 1, "wide.npy holds an array of shape [1, 40]",
      "expected [32] or [frames, 32]"),
    WrongCall("prepare sinogram.npy --flat flats.npy --dark flats.npy", 1, "no", "more light"),
    WrongCall("prepare sinogram.npy --center 3", 2, "--center", "auto; an axis that is known"),
    WrongCall("project slice.png \(angles)", 1, "slice.png: there is no such file"),
    WrongCall("prepare sinogram.npy --stripes 4", 2, "--stripes", "an odd number"),
    WrongCall("prepare sinogram.npy --air-bins 16", 1, "more than twice the 16"),
    WrongCall("prepare sinogram.npy --center auto", 2, "--center auto", "--angles"),
    WrongCall("prepare sinogram.npy \(angles) --center auto --views :4", 1, "at least 8 views"),
    WrongCall("fbq sinogram.npy", 2, #"found "fbq""#, "did you mean fbp"),
  ])
  func aCallThatMeansNothingIsNamed(call: WrongCall) throws {
    try expectRefusal(
      of: ["ct"] + call.words, with: call.code, naming: call.parts, in: try workspace())
  }

  @Test func aReferenceWithoutAPeakIsNamed() throws {
    let workspace = try workspace()
    let outcome = try workspace.run(
      ["ct", "fbp", "sinogram.npy", "--angles", "0:180:24", "--reference", "flat0.npy", "-q"])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("flat0.npy has the same value everywhere"))
    // The slice itself is good, and was made.
    #expect(workspace.exists("sinogram-fbp.npy"))
  }

  // MARK: What can be meant

  @Test(arguments: [
    ("--angles 0:180:24 --radians", "they look like degrees, then leave --radians out"),
    ("--angles 0:3.14159:24", "if they are radians, add --radians"),
  ])
  func anglesInTheOtherUnitAreSuspected(options: String, hint: String) throws {
    let workspace = try CTWorkspace.make()
    #expect(try workspace.ct("fbp sinogram.npy \(options)").errors.contains(hint))
  }

  @Test func rightAnglesAreNotSuspected() throws {
    let workspace = try CTWorkspace.make()
    for options in ["0:180:24", "0:360:24", "0:3.14159:24 --radians", "290:293.1:24 --radians"] {
      let outcome = try workspace.ct("fbp sinogram.npy --angles \(options)")
      #expect(!outcome.errors.contains("look like"), "\(options): \(outcome.errors)")
      #expect(!outcome.errors.contains("if they are"), "\(options): \(outcome.errors)")
    }
  }

  @Test func dataThatAreNoLineIntegralsAreSuspected() throws {
    let workspace = try workspace()
    let good = try workspace.array("sinogram.npy")
    func hint(_ change: (Float) -> Float) throws -> String {
      try NumpyArray(shape: good.shape, elements: good.elements.map(change))
        .write(to: workspace.file("changed.npy"))
      return try workspace.ct("fbp changed.npy --angles 0:180:24").errors
    }
    #expect(try hint { exp(-$0 / 10) }.contains("as transmissions do"))
    #expect(try hint { 3e4 * exp(-$0 / 10) }.contains("prepare them with inr ct prepare"))
    #expect(try hint { $0 + 10 }.contains("24 of 24 views do not fall to zero"))
    #expect(try !hint { $0 }.contains("changed.npy: the values"))
    #expect(try !hint { $0 }.contains("do not fall"))
  }

  @Test func arraysOfAllKindsAreRead() throws {
    let workspace = try CTWorkspace.make()
    let good = try workspace.array("sinogram.npy")
    func write(_ name: String, _ type: String, _ fortran: String, _ bytes: [UInt8]) throws {
      let header = "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': (24, 32), }\n"
      let length = header.utf8.count
      try workspace.write(
        Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0]) + Data(header.utf8)
          + Data(bytes), to: name)
    }
    func bytes(_ pattern: UInt64) -> [UInt8] {
      (0..<8).reversed().map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
    }
    try write("big.npy", ">f8", "False", good.elements.flatMap { bytes(Double($0).bitPattern) })
    let columnwise = (0..<32).flatMap { bin in (0..<24).map { good.elements[$0 * 32 + bin] } }
    try write(
      "fortran.npy", "<f8", "True", columnwise.flatMap { bytes(Double($0).bitPattern).reversed() })
    _ = try workspace.ct("fbp sinogram.npy --angles 0:180:24 -o good.npy")
    for name in ["big", "fortran"] {
      _ = try workspace.ct("fbp \(name).npy --angles 0:180:24 -o out.npy")
      #expect(try workspace.array("out.npy") == workspace.array("good.npy"), "\(name)")
    }
  }
}
