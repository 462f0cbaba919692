import Compute
import Foundation
import Imaging
import Tomography

extension Command {
  static let ctPhantom = Command(
    CommandSpecification(
      ["ct", "phantom"],
      summary: "Draw a phantom, and compute its sinogram by exact line integrals.",
      discussion: [
        "The sinogram does not come from the pixels but from the ellipses, so that a reconstruction "
          + "from it does not invert its own discretisation. The phantom fills the circle inscribed in "
          + "the slice."
      ],
      sections: [
        OptionSection(
          "Phantom",
          [
            PhantomRun.name, ScanOptions.size, ScanOptions.pixelSize, PhantomRun.radius,
            PhantomRun.supersampling,
          ]
        ).defaults(["size": "256"]),
        OptionSection("Sinogram", [PhantomRun.sinogram, PhantomRun.bins, PhantomRun.rays]),
        ScanOptions.section.without(["size", "pixel-size", "views", "circle", "projector"]),
        PhotonOptions.section,
        SliceResultOptions.section.without(["slice", "reference", "peak", "json"])
          .defaults(["output": "the phantom's name with .npy"]),
      ],
      examples: [
        .init("inr ct phantom --size 256 -o slice.npy", "Shepp and Logan's head"),
        .init(
          "inr ct phantom -o slice.npy --sinogram sinogram.npy --angles 0:180:60 --photons 1e4",
          "with 60 noisy views of it"),
        .init("inr ct phantom --name disc --radius 0.8 -o disc.png", "a disc, as a picture"),
      ]),
    run: { try PhantomRun($0).run() })
}

/// One call of `inr ct phantom`.
private struct PhantomRun {
  enum Name: String, CaseIterable, Sendable {
    case sheppLogan = "shepp-logan"
    case modifiedSheppLogan = "modified-shepp-logan"
    case disc
  }

  static let name = Option(
    "name", .choice(of: Name.self),
    help:
      "Shepp and Logan's head with its faint contrasts or with modified ones that can be seen; or "
      + "a disc of value 1.", default: "modified-shepp-logan")
  static let radius = Option(
    "radius", .number(.positiveUpTo1), placeholder: "SHARE",
    help: "Radius of the disc as a share of half the slice's side.", default: "0.8")
  static let supersampling = Option(
    "supersampling", .integer(.range(1...64)), placeholder: "K",
    help: "A pixel is the mean of K x K points.", default: "4")
  static let sinogram = Option(
    "sinogram", .text("a .npy or .png file"), placeholder: "SINOGRAM.npy",
    help: "Where the sinogram goes; needs --angles.")
  static let bins = Option(
    "bins", .integer(.range(1...ScanOptions.mostBins - 1)), help: "Bins of the detector.",
    default: "as many as the longer side of the slice needs")
  static let rays = Option(
    "rays", .integer(.range(1...1024)), placeholder: "K",
    help: "A bin is the mean of K rays spread over its width.", default: "1")

  let arguments: ParsedArguments
  let scanOptions: ScanOptions
  let photons: PhotonOptions
  let options: SliceResultOptions
  let console: Console

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    scanOptions = try ScanOptions(arguments)
    photons = try PhotonOptions(arguments)
    options = try SliceResultOptions(arguments)
    console = Console(options.isQuiet ? .quiet : .normal)
    try check()
  }

  private func check() throws(UsageError) {
    try scanOptions.checkThatNothingIsSearched()
    for option in [
      ScanOptions.angles.specification, Self.bins.specification,
      Self.rays.specification, PhotonOptions.photons.specification,
    ]
    where arguments.texts[option.name] != nil && !arguments.isGiven(Self.sinogram) {
      throw arguments.error(
        .missingCompanion(option: "--\(option.name)", needs: "--sinogram"))
    }
    if name != .disc, arguments.isGiven(Self.radius) {
      throw arguments.error(
        .notApplicable(option: "--radius", reason: "only the phantom disc has one"))
    }
    if let path = arguments[Self.sinogram], path == options.output {
      throw arguments.error(
        .conflict("--output", "--sinogram", reason: "\(quoted(path)) cannot hold both"))
    }
  }

  private var name: Name { arguments[Self.name] ?? .modifiedSheppLogan }

  private var phantom: EllipsePhantom {
    switch name {
    case .sheppLogan: .sheppLogan
    case .modifiedSheppLogan: .modifiedSheppLogan
    case .disc: .disc(radius: arguments[Self.radius] ?? 0.8)
    }
  }

  func run() throws {
    let output = try CTOutput(options.output ?? "\(name.rawValue).npy", window: options.window)
    let sinogramOutput = try arguments[Self.sinogram].map { try CTOutput($0) }
    let size = scanOptions.size ?? PixelSize(width: 256, height: 256)
    let scan = try scanOptions.scan(
      angles: sinogramOutput == nil ? [] : try scanOptions.requiredAngles(telling: console),
      binCount: arguments[Self.bins] ?? scanOptions.binCount(seeing: max(size.width, size.height)))
    if sinogramOutput != nil { try scanOptions.checkDetector(of: scan) }
    let grid = try scanOptions.grid(width: size.width, height: size.height, of: scan)
    let slice = phantom.rasterized(
      on: grid, supersampling: arguments[Self.supersampling] ?? 4, workers: options.workers)
    try output.write(slices: [slice], isStack: false, telling: console)
    console.message(
      "\(output.path): \(size.width) x \(size.height) pixels of \(decimal(grid.pixelSize))")
    guard let sinogramOutput else { return }
    let clean = phantom.sinogram(
      of: scan, radius: EllipsePhantom.radius(filling: grid),
      raysPerBin: arguments[Self.rays] ?? 1, workers: options.workers)
    try sinogramOutput.write(
      sinograms: [try photons.noisy(clean, of: name.rawValue, slice: 0, telling: console)],
      isStack: false,
      layout: scanOptions.layout, telling: console)
    console.message(
      "\(sinogramOutput.path): \(counted(scan.viewCount, "view")) of "
        + "\(counted(scan.binCount, "bin")), axis at bin \(decimal(scan.center))")
  }
}
