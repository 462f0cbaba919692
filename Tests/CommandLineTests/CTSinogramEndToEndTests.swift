import Compute
import Foundation
import Imaging
import Testing
import Tomography

/// Sinograms that are made: of phantoms, of slices, and of raw counts.
struct CTSinogramEndToEndTests {
  // MARK: Phantoms and projections

  @Test(arguments: ["shepp-logan", "modified-shepp-logan", "disc"])
  func aPhantomIsThatOfItsName(name: String) throws {
    let workspace = try Workspace()
    let outcome = try workspace.ct("phantom --name \(name) --size 16")
    #expect(outcome.output.isEmpty && outcome.errors == "\(name).npy: 16 x 16 pixels of 1\n")
    let phantom: EllipsePhantom =
      switch name {
      case "disc": .disc(radius: 0.8)
      case "shepp-logan": .sheppLogan
      default: .modifiedSheppLogan
      }
    let expected = phantom.rasterized(on: SliceGrid(rows: 16, columns: 16))
    #expect(expected.elements.contains { $0 > 0.5 })
    #expect(try workspace.array("\(name).npy").elements == expected.elements)
  }

  @Test func aPhantomsSinogramIsExactAndNotThatOfItsPixels() throws {
    let workspace = try Workspace()
    let options = "--angles 0:180:3 --bins 9 --bin-width 4 --center 4.5"
    _ = try workspace.ct(
      "phantom --name disc --radius 0.75 --size 32 --pixel-size 1 -o slice.npy --sinogram s.npy "
        + options)
    let sinogram = try workspace.array("s.npy")
    #expect(sinogram.shape == [3, 9])
    // Chords of a circle of radius 0.75 · 16.
    for (i, value) in sinogram.elements.enumerated() {
      let s = (Double(i % 9) - 4.5) * 4
      let chord = 2 * max(0, 144 - s * s).squareRoot()
      #expect(abs(Double(value) - chord) < 1e-4)
    }
  }

  @Test func aSliceIsProjectedAndReconstructedByTurningIt() throws {
    let workspace = try CTWorkspace.make()
    let options = "--angles 0:180:7 --projector rotation"
    _ = try workspace.ct("project slice.npy \(options) -o turned.npy")
    _ = try workspace.ct("backproject turned.npy \(options) -o spread.npy")
    let scan = ScanGeometry(angles: ScanGeometry.angles(from: 0, to: .pi, count: 7), binCount: 32)
    let projector = Projector(scan, SliceGrid(rows: 32, columns: 32), model: .rotation)
    let sinogram = projector.project(try SliceFile(workspace.file("slice.npy")).slice())
    #expect(try workspace.array("turned.npy").elements == sinogram.elements)
    let spread = try workspace.array("spread.npy")
    #expect(spread.elements == projector.backproject(sinogram).elements)
    for method in ["sirt", "cgls", "tv --lambda 0.1"] {
      _ = try workspace.ct("\(method) turned.npy \(options) --iterations 3 -o one.npy")
      _ = try workspace.ct("\(method) turned.npy --angles 0:180:7 --iterations 3 -o other.npy")
      let (one, other) = (try workspace.array("one.npy"), try workspace.array("other.npy"))
      #expect(largestDifference(one, other) > 1e-6)
    }
  }

  /// The residual that a fit reports is that of the same projections as the sinogram's.
  @Test func aNetworkIsFittedToATurnedSlice() throws {
    let workspace = try CTWorkspace.make()
    let options = "--angles 0:180:7 --projector rotation"
    _ = try workspace.ct("project slice.npy \(options) -o turned.npy")
    let call = "fit ct turned.npy \(options) --steps 60 --width 16 --tv 0 --json -o run"
    let outcome = try workspace.run(call.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    _ = try workspace.ct("project run/slice.npy \(options) -o again.npy")
    let (given, again) = (try workspace.array("turned.npy"), try workspace.array("again.npy"))
    let sum = zip(given.elements, again.elements).reduce(0.0) { sum, pair in
      sum + Double((pair.0 - pair.1) * (pair.0 - pair.1))
    }
    let residual = try #require(try jsonObject(outcome)["residual"] as? Double)
    let expected = (sum / Double(given.elements.count)).squareRoot()
    #expect(abs(residual - expected) < 1e-3 * expected)

    let refused = try workspace.run(
      "fit ct turned.npy \(options) --supersample 2".split(separator: " ").map(String.init))
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("--projector rotation and --supersample exclude each other"))
  }

  @Test func aProjectionIsThatOfTheLibrary() throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct(
      "project slice.npy --angles 0:360:7 --fan 100,150 --bins 40 --bin-width 1.5 --pixel-size 0.5 "
        + "--convention astra -o fan.npy")
    let scan = ScanGeometry(
      beam: .fan(sourceToOrigin: 100, sourceToDetector: 150),
      angles: ScanGeometry.angles(from: 0, to: 2 * .pi, count: 7), binCount: 40, binWidth: 1.5,
      convention: .astra)
    let grid = SliceGrid(rows: 32, columns: 32, pixelSize: 0.5, convention: .astra)
    let slice = try SliceFile(workspace.file("slice.npy")).slice()
    let expected = Projector(scan, grid).project(slice)
    let found = try workspace.array("fan.npy")
    #expect(found.elements.contains { $0 > 1 })
    let array = NumpyArray(shape: [7, 40], elements: expected.elements)
    #expect(largestDifference(found, array) < 1e-4)
  }

  @Test func theDefaultDetectorSeesTheInscribedCircle() throws {
    let workspace = try Workspace()
    let square = NumpyArray(shape: [6, 8], elements: [Float](repeating: 1, count: 48))
    try square.write(to: workspace.file("square.npy"))
    let outcome = try workspace.ct("project square.npy --angles 0:180:4")
    #expect(try workspace.array("square-sinogram.npy").shape == [4, 8])
    #expect(outcome.errors.contains("not 0 outside its inscribed circle"))
    #expect(outcome.errors.contains("--bins 10 sees all"))
    let fine = try workspace.ct(
      "project square.npy --angles 0:180:4 --bin-width 0.5 --pixel-size 1")
    #expect(try workspace.array("square-sinogram.npy").shape == [4, 16])
    #expect(fine.errors.contains("--bins 20 sees all"))
    let wide = try workspace.ct("project square.npy --angles 0:180:4 --bins 10")
    #expect(!wide.errors.contains("circle"))
  }

  @Test func aStackOfSlicesBecomesAStackOfSinograms() throws {
    let workspace = try CTWorkspace.make()
    let slice = try workspace.array("slice.npy")
    try NumpyArray(shape: [2, 32, 32], elements: slice.elements.map { 2 * $0 } + slice.elements)
      .write(to: workspace.file("stack.npy"))
    _ = try workspace.ct("project slice.npy --angles 0:180:5 -o one.npy")
    _ = try workspace.ct("project stack.npy --angles 0:180:5 -o both.npy")
    let (one, both) = (try workspace.array("one.npy"), try workspace.array("both.npy"))
    #expect(both.shape == [2, 5, 32])
    #expect(both.elements == one.elements.map { 2 * $0 } + one.elements)
    _ = try workspace.ct(
      "project stack.npy --angles 0:180:5 --layout views,slices,bins -o p.npy")
    #expect(try workspace.array("p.npy").shape == [5, 2, 32])
    _ = try workspace.ct("project stack.npy --angles 0:180:5 --slice 1 -o second.npy")
    #expect(try workspace.array("second.npy") == one)
  }

  @Test func aPictureIsASlice() throws {
    let workspace = try CTWorkspace.make()
    _ = try workspace.ct("phantom --size 32 -o slice.png --window 0,1")
    _ = try workspace.ct("project slice.png --angles 0:180:5 -o p.npy")
    _ = try workspace.ct("project slice.npy --angles 0:180:5 -o n.npy")
    // 16 bits a pixel, and rays of at most 32 pixels: 32 / 2 / 65535.
    let (picture, numbers) = (try workspace.array("p.npy"), try workspace.array("n.npy"))
    #expect(largestDifference(picture, numbers) < 3e-4)
    #expect(numbers.elements.contains { $0 > 1 })
  }

  @Test func slicesOfAStackHaveNoiseOfTheirOwn() throws {
    let workspace = try CTWorkspace.make()
    let slice = try workspace.array("slice.npy")
    try NumpyArray(shape: [2, 32, 32], elements: slice.elements + slice.elements)
      .write(to: workspace.file("stack.npy"))
    _ = try workspace.ct("project stack.npy --angles 0:180:5 --photons 1e4 -o n.npy")
    let both = try workspace.array("n.npy").elements
    #expect(both.prefix(160) != both.suffix(160))
    _ = try workspace.ct("project stack.npy --angles 0:180:5 --photons 1e4 --slice 1 -o n.npy")
    #expect(try workspace.array("n.npy").elements[...] == both.suffix(160))
  }

  @Test func noiseComesFromTheSeedAndShrinksWithThePhotons() throws {
    let workspace = try CTWorkspace.make()
    func noise(_ words: String) throws -> NumpyArray {
      _ = try workspace.ct("project slice.npy --angles 0:180:24 -o n.npy \(words)")
      return try workspace.array("n.npy")
    }
    let clean = try noise("")
    func deviation(_ words: String) throws -> Double {
      let noisy = try noise(words)
      let squares = zip(noisy.elements, clean.elements).map { pow(Double($0.0 - $0.1), 2) }
      return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }
    #expect(try noise("--photons 1e4 --seed 1") == noise("--photons 1e4 --seed 1"))
    #expect(try noise("--photons 1e4 --seed 1") != noise("--photons 1e4 --seed 2"))
    let (few, many) = (try deviation("--photons 1e4"), try deviation("--photons 1e6"))
    // Noise falls with the root of the photons; 768 samples of it are known to 3 %.
    #expect(abs(few / many - 10) < 1)
    #expect(try deviation("--photons 1e4 --electronic-noise 100") > 1.2 * few)
    #expect(try deviation("--photons 1e4 --peak-attenuation 8") != few)
    #expect(try deviation("--photons 1e6 --attenuation 0.1") > 0)
  }

  // MARK: Raw data

  /// Counts of `sinogram.npy` with uneven light, and a dark current.
  private func addCounts(to workspace: Workspace) throws -> [Float] {
    let attenuations = try workspace.array("sinogram.npy").elements.map { $0 / 10 }
    let light = (0..<32).map { 20000 + 100 * Float($0) }
    let counts = attenuations.enumerated().map { i, p in 50 + light[i % 32] * exp(-p) }
    func write(_ name: String, _ shape: [Int], _ elements: [Float]) throws {
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    try write("raw.npy", [24, 32], counts)
    try write("flat.npy", [2, 32], light.map { $0 + 40 } + light.map { $0 + 60 })
    try write("dark.npy", [32], [Float](repeating: 50, count: 32))
    return attenuations
  }

  @Test func countsBecomeLineIntegrals() throws {
    let workspace = try CTWorkspace.make()
    let attenuations = try addCounts(to: workspace)
    _ = try workspace.ct("prepare raw.npy --flat flat.npy --dark dark.npy")
    let prepared = try workspace.array("raw-prepared.npy")
    #expect(prepared.shape == [24, 32])
    // Counts of 2e4 in single precision are known to 1e-7 of them.
    for (found, expected) in zip(prepared.elements, attenuations) {
      #expect(abs(found - expected) < 1e-5)
    }
  }

  @Test func fieldsAreFoundInEveryLayout() throws {
    let workspace = try CTWorkspace.make()
    let attenuations = try addCounts(to: workspace)
    let raw = try workspace.array("raw.npy").elements
    let flat = try workspace.array("flat.npy").elements
    func write(_ name: String, _ shape: [Int], _ elements: [Float]) throws {
      try NumpyArray(shape: shape, elements: elements).write(to: workspace.file(name))
    }
    // The same slice twice, as a detector's pictures: each line of bins stands there twice.
    func doubled(_ lines: [Float]) -> [Float] {
      (0..<lines.count / 32).flatMap { line in
        let bins = lines[line * 32..<line * 32 + 32]
        return bins + bins
      }
    }
    try write("pictures.npy", [24, 2, 32], doubled(raw))
    try write("flats.npy", [2, 2, 32], doubled(flat))
    try write("picture.npy", [2, 32], doubled([Float](repeating: 50, count: 32)))
    _ = try workspace.ct(
      "prepare pictures.npy --flat flats.npy --dark picture.npy --layout views,slices,bins -o p.npy"
    )
    let prepared = try workspace.array("p.npy")
    #expect(prepared.shape == [24, 2, 32])
    let expected = doubled(attenuations)
    for (a, b) in zip(prepared.elements, expected) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func theAxisIsFoundAndPrinted() throws {
    let workspace = try Workspace()
    // A disc off the axis, which lies 3 bins from where it is by default.
    _ = try workspace.ct(
      "phantom --size 96 -o slice.npy --sinogram s.npy --angles 0:180:90 --center 51 --bins 96")
    let text = try workspace.ct("prepare s.npy --angles 0:180:90 --center auto")
    #expect(text.output.hasPrefix("center "), "\(text.output)")
    let json = try jsonObject(
      try workspace.ct("prepare s.npy --angles 0:180:90 --center auto --json"))
    let center = try #require(json["center"] as? [String: Any])
    let found = try #require(center["center"] as? Double)
    #expect(abs(found - 51) < 0.5, "\(found)")
    #expect((center["curve"] as? [Any])?.count ?? 0 > 10)
    let fbp = try jsonObject(
      try workspace.ct("fbp s.npy --angles 0:180:90 --center auto --json"))
    #expect(fbp["center"] as? Double == found)
  }

  @Test func airBecomesZeroAndSparksAndStripesGo() throws {
    let workspace = try CTWorkspace.make()
    let clean = try workspace.array("sinogram.npy").elements
    /// The errors of a spoilt sinogram, before and after its preparation.
    func errors(
      _ options: String, spoil: (_ sinogram: inout [Float]) -> Void
    ) throws -> (before: [Float], after: [Float], record: [String: Any]) {
      var spoilt = clean
      spoil(&spoilt)
      try NumpyArray(shape: [24, 32], elements: spoilt).write(to: workspace.file("spoilt.npy"))
      let outcome = try workspace.ct("prepare spoilt.npy -o p.npy --json \(options)")
      func error(_ values: [Float]) -> [Float] { zip(values, clean).map { abs($0 - $1) } }
      return (error(spoilt), error(try workspace.array("p.npy").elements), try jsonObject(outcome))
    }

    let air = try errors("--air-bins 1") { for i in $0.indices { $0[i] += 5 } }
    #expect(air.after.max() ?? 9 < 0.1)

    let spark = 7 * 32 + 20
    let sparks = try errors("--outliers") { $0[spark] += 100 }
    #expect(sparks.before[spark] == 100 && sparks.after[spark] < 3)
    #expect(sparks.record["outliers"] as? Int ?? 0 >= 1)

    let stripe = (0..<24).map { $0 * 32 + 16 }
    let stripes = try errors("--stripes 5") { sinogram in for i in stripe { sinogram[i] += 3 } }
    let left = stripe.reduce(0) { $0 + stripes.after[$1] } / 24
    #expect(left < 1.5, "\(left) of 3")
  }
}
