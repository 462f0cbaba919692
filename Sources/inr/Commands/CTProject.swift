import Compute
import Foundation
import Imaging
import Tomography

extension Command {
  static let ctProject = Command(
    CommandSpecification(
      ["ct", "project"], summary: "Compute the sinogram of a slice, with or without noise.",
      discussion: [
        "Line integrals along the rays by Joseph's interpolation (or another: --projector), in slice "
          + "value times length. By default there are as many bins as the slice's longer side has pixels, as "
          + "radon of scikit-image has them."
      ],
      operands: [Projection.slice],
      sections: [
        ScanOptions.section.without(["size", "views", "circle"]),
        OptionSection("Detector", [Projection.bins]), PhotonOptions.section,
        SliceResultOptions.section.without(["reference", "peak", "json"]),
      ],
      examples: [
        .init("inr ct project slice.npy --angles 0:180:90 -o sinogram.npy", "90 views"),
        .init(
          "inr ct project slice.npy --angles 0:180:30 --bins 367 --photons 1e4 --seed 1",
          "few noisy views on a wide detector"),
        .init(
          "inr ct project slice.npy --angles 0:180:90 -o sinogram.png", "a picture of the sinogram"),
      ]),
    run: { try Projection($0).run() })
}

/// One call of `inr ct project`.
private struct Projection {
  static let slice = Operand.required(
    "SLICE.npy",
    help: "A slice [rows, columns], a stack [slices, rows, columns], or a .png, whose white is 1.")
  static let bins = Option(
    "bins", .integer(.range(1...ScanOptions.mostBins - 1)), help: "Bins of the detector.",
    default: "as many as the longer side of the slice needs")

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
    try scanOptions.checkThatNothingIsSearched()
  }

  func run() throws {
    let angles = try scanOptions.requiredAngles(telling: console)
    let file = try CTSliceInput(arguments[Self.slice])
    let wanted = options.slice.map { [$0] } ?? Array(0..<file.sliceCount)
    let output = try CTOutput(
      options, input: file.path, suffix: "sinogram", count: wanted.count)
    let scan = try scanOptions.scan(
      angles: angles,
      binCount: arguments[Self.bins]
        ?? scanOptions.binCount(seeing: max(file.rows, file.columns)))
    try scanOptions.checkDetector(of: scan)
    let grid = try scanOptions.grid(width: file.columns, height: file.rows, of: scan)
    let projector = Projector(
      scan, grid, model: scanOptions.projection, workers: options.workers)
    var sinograms: [Matrix] = []
    for (index, number) in wanted.enumerated() {
      let slice = try file.slice(number)
      if index == 0 { warn(about: slice, scan, grid) }
      let clean = projector.project(slice)
      sinograms.append(
        try photons.noisy(clean, of: file.path, slice: number, telling: console))
    }
    try output.write(
      sinograms: sinograms, isStack: file.isStack && options.slice == nil,
      layout: scanOptions.layout, telling: console)
    console.message(
      "\(output.path): " + (sinograms.count > 1 ? "\(sinograms.count) x " : "")
        + "\(counted(scan.viewCount, "view")) of \(counted(scan.binCount, "bin")) of "
        + "\(decimal(scan.binWidth)), axis at bin \(decimal(scan.center))")
  }

  /// Says so if the default detector does not see all of the slice.
  private func warn(about slice: Matrix, _ scan: ScanGeometry, _ grid: SliceGrid) {
    guard arguments[Self.bins] == nil else { return }
    let inside = grid.circle(radius: grid.inscribedRadius)
    let largest = slice.elements.reduce(0) { max($0, abs($1)) }
    let isCut = zip(slice.elements, inside).contains { abs($0) > 1e-3 * largest && !$1 }
    guard isCut else { return }
    let diagonal = Double(grid.rows * grid.rows + grid.columns * grid.columns).squareRoot()
    console.message(
      "\(arguments[Self.slice]) is not 0 outside its inscribed circle; what lies there leaves the "
        + "detector at some angles: --bins \(scanOptions.binCount(seeing: diagonal)) sees all")
  }
}

extension ScanOptions {
  /// Bins that see a disc of so many pixels across.
  func binCount(seeing pixels: some BinaryInteger) -> Int { binCount(seeing: Double(pixels)) }

  func binCount(seeing pixels: Double) -> Int {
    let share = (pixelSize ?? slicePixelSize) / slicePixelSize
    return max(1, Int(min(pixels * share - 1e-9, Double(Self.mostBins)).rounded(.up)))
  }

  /// Of a detector.
  static let mostBins = 1_000_000

  /// Throws if the detector is too wide, or the machine too small for a sinogram.
  func checkDetector(of scan: ScanGeometry) throws(ScanError) {
    guard scan.binCount < Self.mostBins else {
      throw .tooManyBins(binWidth: binWidth, pixelSize: pixelSize ?? slicePixelSize)
    }
    // Clean, noisy, counts and weights in two precisions.
    let needed = scan.viewCount.multipliedReportingOverflow(by: scan.binCount * 32)
    guard let available = Machine.availableMemory,
      needed.overflow || needed.partialValue >= available
    else { return }
    throw .sinogramMemory(
      views: scan.viewCount, bins: scan.binCount, needed: needed.partialValue,
      available: available)
  }

  /// The angles in radians, which must have been given.
  func requiredAngles(telling console: Console) throws -> [Double] {
    guard let angles = try givenAngles(telling: console) else {
      throw arguments.error(
        .missingOperand(
          name: "--angles", help: "give the views to compute, e.g. --angles 0:180:90"))
    }
    return angles
  }

  /// Throws if `--center auto` was given to a command that makes sinograms.
  func checkThatNothingIsSearched() throws(UsageError) {
    guard center == .automatic else { return }
    throw arguments.wrongValue(
      of: Self.center,
      expected: "the number of a bin: there is no sinogram yet to search in")
  }
}

extension PhotonOptions {
  /// What the detector sees of a sinogram; each slice of a stack has its own noise.
  ///
  /// - Parameter name: what was projected.
  func noisy(
    _ sinogram: Matrix, of name: String, slice: Int, telling console: Console
  ) throws(ScanError) -> Matrix {
    guard let noise else { return sinogram }
    if let (view, bin) = noise.overflow(in: sinogram) {
      throw .tooNegative(path: name, view: view, bin: bin, value: sinogram[view, bin])
    }
    let measured = noise.applied(to: sinogram, seed: seed &+ UInt64(slice))
    console.message(
      "noise of \(decimal(noise.photons)) photons at "
        + "\(decimal(measured.attenuationFactor)) attenuation per unit"
        + (measured.clampedCount > 0
          ? "; \(counted(measured.clampedCount, "ray")) with less than \(decimal(noise.floor)) photons "
            + "taken for that" : ""))
    return measured.sinogram
  }
}
