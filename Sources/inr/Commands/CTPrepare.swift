import Compute
import Foundation
import Imaging
import Tomography

extension Command {
  static let ctPrepare = Command(
    CommandSpecification(
      ["ct", "prepare"], summary: "Make sinograms of raw counts, and find the rotation axis.",
      discussion: [
        "Takes dark and flat fields into account and the logarithm: -log((raw - dark) / (flat - dark)). "
          + "Without --flat, the file must hold line integrals already, and only the other steps are "
          + "done. Steps: flat field, air, outliers, stripes, axis.",
        "The axis found by --center auto is printed; give it to the other commands. --json prints the "
          + "curve of the search, too.",
      ],
      operands: [Preparation.raw],
      sections: [
        OptionSection(
          "Preparation",
          [
            Preparation.flat, Preparation.dark, Preparation.frames, Preparation.floor,
            Preparation.airBins, Preparation.outliers, Preparation.stripes,
          ]),
        ScanOptions.section.without([
          "size", "pixel-size", "circle", "fan", "bin-width", "convention", "projector",
        ]).defaults(["center": "the axis is not looked for"]),
        SliceResultOptions.section.without(["reference", "peak"]),
      ],
      examples: [
        .init(
          "inr ct prepare raw.npy --flat flat.npy --dark dark.npy --angles 0:180:181 "
            + "--center auto -o sinogram.npy", "raw counts, and the axis"),
        .init(
          "inr ct prepare raw.npy --flat flat.npy --dark dark.npy --layout views,slices,bins "
            + "--slice 0 --stripes 21", "one slice of a detector's pictures, without rings"),
      ]),
    run: { try Preparation($0).run() })
}

/// One call of `inr ct prepare`.
private struct Preparation {
  static let raw = Operand.required(
    "RAW.npy", help: "Counts [views, bins], or a stack; or line integrals, without --flat.")
  static let flat = Option(
    "flat", .text("a .npy file"), placeholder: "FLAT.npy",
    help: "Counts without the object: [bins], or frames in place of the views of RAW.npy.")
  static let dark = Option(
    "dark", .text("a .npy file"), placeholder: "DARK.npy",
    help: "Counts without light, alike.", default: "0")
  static let frames = Option(
    "frames", .choice(of: FlatFieldCorrection.FrameSummary.self),
    help: "What stands for all frames of a field.", default: "mean")
  static let floor = Option(
    "floor", .number(.range(1e-12..<1)), placeholder: "SHARE",
    help: "The least transmission that is believed; less is taken for it, and counted.",
    default: "1e-4")
  static let airBins = Option(
    "air-bins", .integer(.range(0...1_000_000)), placeholder: "N",
    help: "So many bins at both ends see air in all views, which becomes 0, view by view.",
    default: "0")
  static let outliers = Flag(
    "outliers", help: "Replace single values that stand out of their neighbouring views.")
  static let stripes = Option(
    "stripes", .oddWindow, placeholder: "WINDOW",
    help: "Take out stripes, which make rings, by a median over so many bins, an odd number.",
    default: "stripes stay")

  struct Record: Encodable {
    let raw: String
    let output: String
    let slices: Int
    let views: Int
    let bins: Int
    let clamped: Int
    let outliers: Int
    let center: CenterRecord?
  }

  struct CenterRecord: Encodable {
    struct Point: Encodable {
      let center: Double
      let score: Double
    }
    let center: Double
    let oppositeViews: Double?
    let contrast: Double
    let curve: [Point]
  }

  let arguments: ParsedArguments
  let scanOptions: ScanOptions
  let options: SliceResultOptions
  let console: Console

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    scanOptions = try ScanOptions(arguments)
    options = try SliceResultOptions(arguments)
    console = Console(options.isQuiet ? .quiet : .normal)
    for option in [Self.dark.specification, Self.frames.specification, Self.floor.specification]
    where arguments.texts[option.name] != nil && !arguments.isGiven(Self.flat) {
      throw arguments.error(.missingCompanion(option: "--\(option.name)", needs: "--flat"))
    }
    if case .bin = scanOptions.center {
      throw arguments.wrongValue(
        of: ScanOptions.center,
        expected: "auto; an axis that is known goes to the commands that reconstruct")
    }
  }

  func run() throws {
    let path = arguments[Self.raw]
    if let output = options.output { _ = try CTOutput(output) }
    let raw = try SinogramFile(path, layout: scanOptions.layout)
    let angles = try scanOptions.optionalAngles(of: raw, telling: console)
    let views = try scanOptions.chosenViews(of: raw)
    let wanted = options.slice.map { [$0] } ?? Array(0..<raw.sliceCount)
    let output = try CTOutput(options, input: path, suffix: "prepared", count: wanted.count)
    let fields = try Fields(arguments, raw: raw)
    var (sinograms, clamped, outliers) = ([Matrix](), 0, 0)
    for slice in wanted {
      let counts = ScanData.keeping(views, of: try raw.sinogram(slice))
      let prepared = try prepare(counts, slice, fields)
      sinograms.append(prepared.sinogram)
      clamped += prepared.clamped
      outliers += prepared.outliers
    }
    let center = try findCenter(
      in: sinograms[sinograms.count / 2], angles: angles.map { all in views.map { all[$0] } })
    try output.write(
      sinograms: sinograms, isStack: raw.isStack && options.slice == nil,
      layout: scanOptions.layout, telling: console)
    try report(
      Record(
        raw: path, output: output.path, slices: sinograms.count, views: views.count,
        bins: raw.binCount, clamped: clamped, outliers: outliers, center: center))
  }

  // MARK: Steps

  /// The flat and dark fields, whose frames stand where the raw file has its views.
  private struct Fields {
    let flat: FieldFile?
    let dark: FieldFile?

    init(_ arguments: ParsedArguments, raw: SinogramFile) throws {
      flat = try arguments[Preparation.flat].map { try FieldFile($0, of: raw) }
      dark = try arguments[Preparation.dark].map { try FieldFile($0, of: raw) }
    }
  }

  private func prepare(
    _ counts: Matrix, _ slice: Int, _ fields: Fields
  ) throws -> (sinogram: Matrix, clamped: Int, outliers: Int) {
    let path = arguments[Self.raw]
    var (sinogram, clamped, outliers) = (counts, 0, 0)
    let airBins = arguments[Self.airBins] ?? 0
    do {
      if let flat = fields.flat {
        let flats = try flat.frames(slice)
        let darks = try fields.dark?.frames(slice) ?? Matrix(rows: 1, columns: flats.columns)
        let correction = try FlatFieldCorrection(
          flats: flats, darks: darks, summary: arguments[Self.frames] ?? .mean,
          floor: arguments[Self.floor] ?? 1e-4, airBins: airBins)
        let result = try correction.apply(to: counts)
        (sinogram, clamped) = (result.sinogram, result.clampedCount)
      } else if airBins > 0 {
        sinogram = try AirOffset.line(bins: airBins).removed(from: sinogram)
      }
    } catch let error as PreparationError {
      throw PreparationFailure(path: path, slice: slice, reason: error)
    }
    if arguments[Self.outliers] {
      let result = OutlierRemoval().removingZingers(from: sinogram, workers: options.workers)
      (sinogram, outliers) = (result.sinogram, result.replacedCount)
    }
    if let window = arguments[Self.stripes] {
      sinogram = StripeRemoval(window: window).apply(to: sinogram, workers: options.workers)
    }
    return (sinogram, clamped, outliers)
  }

  private func findCenter(in sinogram: Matrix, angles: [Double]?) throws -> CenterRecord? {
    guard scanOptions.center == .automatic else { return nil }
    guard let angles else {
      throw arguments.error(
        .missingCompanion(option: "--center auto", needs: "--angles"))
    }
    let scan = ScanGeometry(angles: angles, binCount: sinogram.columns)
    do {
      let result = try CenterSearch(workers: options.workers).find(in: sinogram, of: scan)
      return CenterRecord(result)
    } catch {
      throw ScanError.noCenter(path: arguments[Self.raw], reason: "\(error)")
    }
  }

  private func report(_ record: Record) throws {
    console.message(
      "\(record.output): " + (record.slices > 1 ? "\(record.slices) x " : "")
        + "\(counted(record.views, "view")) of \(counted(record.bins, "bin"))"
        + (record.clamped > 0
          ? "; \(counted(record.clamped, "value")) below the floor taken for it" : "")
        + (record.outliers > 0 ? "; \(counted(record.outliers, "outlier")) replaced" : ""))
    if options.printsJSON {
      try StandardOutput.write(try jsonText(record) + "\n")
    } else if let center = record.center {
      try StandardOutput.write(center.text)
    }
  }
}

extension Preparation.CenterRecord {
  fileprivate init(_ result: CenterSearch.Result) {
    center = result.center
    oppositeViews = result.oppositeViews
    contrast = result.contrast
    curve = (result.coarseCurve + result.fineCurve)
      .sorted { ($0.center, $0.score) < ($1.center, $1.score) }
      .map { Point(center: $0.center, score: $0.score) }
  }

  fileprivate var text: String {
    "center          \(String(format: "%.2f", center))\n"
      + (oppositeViews.map { "opposite views  \(String(format: "%.2f", $0))\n" } ?? "")
  }
}

/// Raw data that cannot be prepared, with its file.
struct PreparationFailure: Error, CustomStringConvertible {
  let path: String
  let slice: Int
  let reason: PreparationError

  var description: String { "\(path), slice \(slice): \(reason)" }
}

/// A file of flat or dark fields.
private struct FieldFile {
  private let path: String
  private let raw: SinogramFile
  /// `nil` where the fields are at hand.
  private let file: SinogramFile?
  /// Frames `[frames, bins]` for all slices; or, where a detector's pictures are stored, one frame of
  /// each slice.
  private let fields: Matrix?
  private let isPicture: Bool

  init(_ path: String, of raw: SinogramFile) throws {
    self.path = path
    self.raw = raw
    let shape = try NumpyFile(path).shape
    isPicture = shape.count == 2 && raw.layout == .viewsSlicesBins
    if isPicture || shape.count == 1
      || shape.count == 2 && (raw.isStack || raw.layout == .viewsBins)
    {
      let array = try NumpyArray.read(path)
      let bins = shape[shape.count - 1]
      fields = Matrix(
        rows: shape.count == 1 ? 1 : shape[0], columns: bins, elements: array.elements)
      file = nil
      guard bins == raw.binCount, !isPicture || shape[0] == raw.sliceCount else {
        throw mismatch(shape)
      }
    } else {
      let frames = try SinogramFile(path, layout: raw.layout)
      file = frames
      fields = nil
      guard frames.binCount == raw.binCount, frames.sliceCount == raw.sliceCount else {
        throw mismatch(shape)
      }
    }
  }

  private func mismatch(_ shape: [Int]) -> ScanFileError {
    let (bins, slices) = (raw.binCount, raw.sliceCount)
    let alternatives =
      switch raw.layout {
      case .viewsBins where raw.isStack:
        "[\(bins)], [frames, \(bins)] or [\(slices), frames, \(bins)]"
      case .binsViews where raw.isStack:
        "[\(bins)], [frames, \(bins)] or [\(slices), \(bins), frames]"
      case .viewsBins: "[\(bins)] or [frames, \(bins)]"
      case .binsViews: "[\(bins)] or [\(bins), frames]"
      case .viewsSlicesBins: "[\(bins)], [\(slices), \(bins)] or [frames, \(slices), \(bins)]"
      }
    return .wrongShape(
      path: path, found: shape, expected: alternatives,
      advice: "fields belong to the same bins as \(raw.path)")
  }

  /// `[frames, bins]` of a slice.
  func frames(_ slice: Int) throws -> Matrix {
    if let fields { return isPicture ? ScanData.keeping([slice], of: fields) : fields }
    return try file?.sinogram(slice) ?? Matrix(rows: 0, columns: raw.binCount)
  }
}

extension ValueReader where Value == Int {
  /// An odd number of bins.
  fileprivate static var oddWindow: ValueReader {
    ValueReader(placeholder: "N", expectation: "an odd number of at least 3, e.g. 21") { text in
      Int(text).flatMap { $0 >= 3 && $0 % 2 == 1 && $0 < 1_000_000 ? $0 : nil }
    }
  }
}
