import Testing
import Tomography
import inr

/// How scans are described on the command line.
struct ScanOptionsTests {
  private static func parse(_ words: [String]) throws(UsageError) -> ScanOptions {
    let specification = CommandSpecification(
      ["scan"], summary: "Scan.", sections: [ScanOptions.section])
    let program = Program(
      version: "0", summary: "", commands: [Command(specification) { _ in }])
    guard case .run(_, let arguments) = try program.parse(["scan"] + words) else {
      preconditionFailure("\(words) asks for something else than a run")
    }
    return try ScanOptions(arguments)
  }

  private static func parse(_ words: String...) throws(UsageError) -> ScanOptions {
    try parse(words)
  }

  @Test func whatIsNotGivenIsScikitImagesConvention() throws {
    let options = try Self.parse()
    #expect(options.angles == nil && options.center == nil && options.size == nil)
    #expect(options.layout == .viewsBins && options.convention == .scikitImage)
    #expect(options.beam == .parallel && options.binWidth == 1 && options.pixelSize == nil)
    #expect(options.views == nil && !options.usesRadians && !options.isCircle)
  }

  @Test(
    arguments: [
      ("0:180:90", .range(start: 0, stop: 180, count: 90, includesStop: false)),
      ("0:180:100:inclusive", .range(start: 0, stop: 180, count: 100, includesStop: true)),
      ("-9.5:1e1:1", .range(start: -9.5, stop: 10, count: 1, includesStop: false)),
      ("180:0:3", .range(start: 180, stop: 0, count: 3, includesStop: false)),
      ("theta.npy", .file("theta.npy")), ("a/b:c.TXT", .file("a/b:c.TXT")),
      ("x.csv", .file("x.csv")),
    ] as [(String, AngleChoice)])
  func anglesAreARangeOrAFile(text: String, choice: AngleChoice) throws {
    #expect(try Self.parse("--angles=\(text)").angles == choice)
  }

  @Test(arguments: [
    "--angles=90", "--angles=0:180", "--angles=0:180:0", "--angles=0:180:1.5", "--angles=0:inf:5",
    "--angles=0:180:9:exclusive", "--angles=0:180:9:inclusive:1", "--angles=a:b:3",
    "--layout=views", "--layout=views,views", "--center=middle", "--center=nan", "--bin-width=0",
    "--pixel-size=-1", "--size=0", "--size=3x", "--size=3x4x5", "--fan=5", "--fan=5,0",
    "--fan=5,4", "--views=3", "--views=::0", "--views=-1:", "--views=0:1:1:1", "--views=a:b",
    "--convention=matlab", "--projector=strip",
  ])
  func aValueThatMeansNothingIsRefused(word: String) {
    #expect(throws: UsageError.self) { try Self.parse(word) }
  }

  @Test func valuesReachTheirPlaces() throws {
    let options = try Self.parse(
      "--angles", "0:3.14:9", "--radians", "--layout", "bins,angles", "--convention", "astra",
      "--center", "296.1", "--bin-width", "0.2", "--pixel-size", "0.1", "--size", "435x326",
      "--fan", "410.66,553.74", "--views", "1::2", "--circle")
    #expect(options.layout == .binsViews && options.convention == .astra && options.usesRadians)
    #expect(options.center == .bin(296.1) && options.binWidth == 0.2 && options.pixelSize == 0.1)
    #expect(options.size == PixelSize(width: 435, height: 326) && options.isCircle)
    #expect(options.beam == .fan(sourceToOrigin: 410.66, sourceToDetector: 553.74))
    #expect(try Self.parse("--size", "256").size == PixelSize(width: 256, height: 256))
    #expect(try Self.parse("--center", "auto").center == .automatic)
  }

  @Test(arguments: [
    ("views,bins", SinogramFile.Layout.viewsBins), ("angles,bins", .viewsBins),
    ("bins,views", .binsViews), ("bins,angles", .binsViews),
    ("views,slices,bins", .viewsSlicesBins), ("angles,slices,bins", .viewsSlicesBins),
  ])
  func viewsMayBeCalledAngles(text: String, layout: SinogramFile.Layout) throws {
    #expect(try Self.parse("--layout", text).layout == layout)
  }

  @Test(arguments: [
    ("0::2", [0, 2, 4, 6]), ("1::3", [1, 4]), (":3", [0, 1, 2]), ("2:4", [2, 3]),
    ("5:", [5, 6]), (":", [0, 1, 2, 3, 4, 5, 6]), ("0:100:6", [0, 6]), ("7:", []), ("3:1", []),
  ])
  func viewsAreASliceOfPython(text: String, indices: [Int]) throws {
    #expect(try Self.parse("--views", text).views?.indices(of: 7) == indices)
  }

  @Test func theAxisOfAFanBeamIsNotSearchedFor() {
    #expect(throws: UsageError.self) { try Self.parse("--fan", "5,10", "--center", "auto") }
  }

  @Test func theProjectorIsChosenForParallelBeamsOnly() throws {
    #expect(try Self.parse().projection == .joseph)
    #expect(try Self.parse("--projector", "rotation").projection == .rotation)
    #expect(try Self.parse("--projector", "joseph", "--fan", "5,10").projection == .joseph)
    #expect(throws: UsageError.self) { try Self.parse("--projector", "rotation", "--fan", "5,10") }
  }
}
