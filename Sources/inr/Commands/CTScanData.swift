import Compute
import Foundation
import Tomography

/// A sinogram's file, the scan that made it, and the slice that is wanted of it.
package struct ScanData: Sendable {
  package let file: SinogramFile
  /// The views that are used, in radians.
  package let scan: ScanGeometry
  package let grid: SliceGrid
  /// The numbers of these views in the file.
  package let views: [Int]
  /// Whether each pixel, row by row, may differ from zero; `nil` where all may.
  package let mask: [Bool]?
  /// How the axis was found, where that was asked.
  package let centerSearch: CenterSearch.Result?

  /// The sinogram `[views, bins]` of one slice, of the views that are used.
  package func sinogram(_ slice: Int = 0) throws -> Matrix {
    Self.keeping(views, of: try file.sinogram(slice))
  }

  static func keeping(_ views: [Int], of sinogram: Matrix) -> Matrix {
    guard views.count != sinogram.rows else { return sinogram }
    let bins = sinogram.columns
    let rows = views.flatMap { sinogram.elements[$0 * bins..<($0 + 1) * bins] }
    return Matrix(rows: views.count, columns: bins, elements: rows)
  }

  /// One line for people.
  package var summary: String {
    let beam =
      switch scan.beam {
      case .parallel: ""
      case .fan: " of a fan beam"
      }
    return "\(file.path): "
      + (file.isStack ? "\(counted(file.sliceCount, "slice")), " : "")
      + "\(counted(scan.viewCount, "view"))\(beam) of \(counted(scan.binCount, "bin")), axis at bin "
      + "\(decimal(scan.center)); slice of \(grid.columns) x \(grid.rows) pixels of "
      + decimal(grid.pixelSize)
  }
}

/// A number with at most three places behind the point, or four digits where it is small.
func decimal(_ value: Double) -> String {
  if abs(value) < 1e-12 { return "0" }
  if abs(value) < 0.1 { return String(format: "%.4g", value) }
  let text = String(format: "%.3f", value)
  guard text.contains(".") else { return text }
  return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
}

extension ScanOptions {
  /// Opens a sinogram's file, and puts together what is known of its scan.
  ///
  /// - Parameters:
  ///   - slice: the one that `--center auto` looks at; by default the middle one of a stack.
  ///   - console: hears what looks wrong but can be meant.
  package func open(
    _ path: String, slice: Int? = nil, workers: Workers = Workers(), telling console: Console
  ) throws -> ScanData {
    let file = try SinogramFile(path, layout: layout)
    let all = try angles(of: file, telling: console)
    let chosen = try chosenViews(of: file)
    var scan = try scan(angles: chosen.map { all[$0] }, binCount: file.binCount)
    let sinogram = ScanData.keeping(chosen, of: try file.sinogram(slice ?? file.sliceCount / 2))
    for hint in SinogramHint.hints(for: sinogram) { console.message("\(path): \(hint)") }
    var search: CenterSearch.Result?
    if center == .automatic {
      do {
        let result = try CenterSearch(workers: workers).find(in: sinogram, of: scan)
        scan.center = result.center
        search = result
      } catch { throw ScanError.noCenter(path: path, reason: "\(error)") }
    }
    let grid = try grid(for: scan)
    return ScanData(
      file: file, scan: scan, grid: grid, views: chosen,
      mask: isCircle ? grid.circle(radius: grid.inscribedRadius) : nil, centerSearch: search)
  }

  /// The numbers of the views that are used.
  func chosenViews(of file: SinogramFile) throws(UsageError) -> [Int] {
    let chosen = views?.indices(of: file.viewCount) ?? Array(0..<file.viewCount)
    guard !chosen.isEmpty else {
      throw arguments.wrongValue(
        of: Self.views,
        expected: "some of the \(counted(file.viewCount, "view")) of \(file.path)")
    }
    return chosen
  }

  // MARK: Scan

  /// The scan of these angles, with the axis where the options have it; where it is to be searched
  /// for, as the convention has it.
  func scan(angles: [Double], binCount: Int) throws -> ScanGeometry {
    let scan = ScanGeometry(
      beam: beam, angles: angles, binCount: binCount, binWidth: binWidth, convention: convention)
    guard case .bin(let bin) = center else { return scan }
    guard bin > -1, bin < Double(binCount) else {
      throw arguments.wrongValue(of: Self.center, expected: "one of the bins 0 to \(binCount - 1)")
    }
    return ScanGeometry(
      beam: beam, angles: angles, binCount: binCount, binWidth: binWidth, center: bin)
  }

  /// The pixels of the slice.
  func grid(for scan: ScanGeometry) throws -> SliceGrid {
    try grid(
      width: size?.width ?? scan.binCount, height: size?.height ?? scan.binCount, of: scan)
  }

  func grid(width: Int, height: Int, of scan: ScanGeometry) throws -> SliceGrid {
    let grid = SliceGrid(
      rows: height, columns: width,
      pixelSize: pixelSize ?? slicePixelSize, convention: convention)
    // The slice, its sinogram's share and what the methods keep of both.
    let needed = grid.pixelCount.multipliedReportingOverflow(by: 64)
    if let available = Machine.availableMemory, needed.overflow || needed.partialValue >= available
    {
      throw ScanError.memory(
        width: width, height: height, needed: needed.partialValue, available: available)
    }
    if case .fan(let sourceToOrigin, _) = beam {
      let corner =
        [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)].map {
          let (x, y) = grid.position(row: $0.0, column: $0.1)
          return (x * x + y * y).squareRoot()
        }.max() ?? 0
      guard corner < sourceToOrigin else {
        throw ScanError.sourceInside(
          width: width, height: height, pixelSize: grid.pixelSize, reach: corner,
          source: sourceToOrigin)
      }
    }
    return grid
  }

  // MARK: Angles

  /// The angles that were given, in radians; `nil` where none were.
  func givenAngles(telling console: Console) throws -> [Double]? {
    let values: [Double]
    switch angles {
    case nil: return nil
    case .range(let start, let stop, let count, let includesStop):
      values = ScanGeometry.angles(from: start, to: stop, count: count, includingStop: includesStop)
    case .file(let path): values = try AngleFile.read(path)
    }
    if let warning = unitWarning(values) { console.message(warning) }
    return usesRadians ? values : values.map { $0 * .pi / 180 }
  }

  private func angles(of file: SinogramFile, telling console: Console) throws -> [Double] {
    guard let angles = try optionalAngles(of: file, telling: console) else {
      throw arguments.error(
        .missingOperand(
          name: "--angles",
          help: "\(file.path) has \(counted(file.viewCount, "view")) of "
            + "\(counted(file.binCount, "bin")); give their angles, e.g. --angles "
            + "0:180:\(file.viewCount)"))
    }
    return angles
  }

  /// The angles that were given for the views of a file, in radians.
  func optionalAngles(of file: SinogramFile, telling console: Console) throws -> [Double]? {
    guard let angles = try givenAngles(telling: console) else { return nil }
    guard angles.count == file.viewCount else {
      throw ScanError.wrongAngleCount(
        path: file.path, angles: angles.count, views: file.viewCount, bins: file.binCount,
        layout: layout)
    }
    return angles
  }

  /// What is suspicious of the angles in the unit that was chosen.
  private func unitWarning(_ angles: [Double]) -> String? {
    guard let low = angles.min(), let high = angles.max() else { return nil }
    let (span, turn) = (high - low, 2 * Double.pi * 1.001)
    if usesRadians, span > turn {
      return
        "--radians: the angles reach from \(decimal(low)) to \(decimal(high)), more than a turn "
        + "of 6.283; they look like degrees, then leave --radians out"
    }
    if !usesRadians, angles.count > 2, span > 0, span <= turn {
      return "--angles: the angles reach from \(decimal(low)) to \(decimal(high)) degrees only; if "
        + "they are radians, add --radians"
    }
    return nil
  }
}

/// A sinogram and options that do not go together.
package enum ScanError: Error, Equatable, CustomStringConvertible {
  case wrongAngleCount(
    path: String, angles: Int, views: Int, bins: Int, layout: SinogramFile.Layout)
  case noCenter(path: String, reason: String)
  case sourceInside(width: Int, height: Int, pixelSize: Double, reach: Double, source: Double)
  case memory(width: Int, height: Int, needed: Int, available: Int)
  case sinogramMemory(views: Int, bins: Int, needed: Int, available: Int)
  case tooManyBins(binWidth: Double, pixelSize: Double)
  case tooNegative(path: String, view: Int, bin: Int, value: Float)
  case wrongReference(path: String, found: [Int], expected: [Int])
  case emptyReference(path: String)
  case overflow(path: String, method: String)
  case lambdaUnknown(views: Int)
  case stackAsPicture(path: String, count: Int)

  package var description: String {
    switch self {
    case .wrongAngleCount(let path, let angles, let views, let bins, let layout):
      "\(path): found \(counted(angles, "angle")) for \(counted(views, "view")) of "
        + "\(counted(bins, "bin")), expected one a view; "
        + (angles == bins
          ? "it looks transposed: give --layout \(layout == .binsViews ? "views,bins" : "bins,views")"
          : "correct --angles, or the axes with --layout")
    case .noCenter(let path, let reason): "\(path): the rotation axis cannot be found: \(reason)"
    case .sourceInside(let width, let height, let pixelSize, let reach, let source):
      "a slice of \(width) x \(height) pixels of \(decimal(pixelSize)) reaches \(decimal(reach)) from "
        + "the axis, and so to the source at \(decimal(source)); expected less: give the lengths of "
        + "--fan, --bin-width and --pixel-size in one unit, or a smaller --size"
    case .memory(let width, let height, let needed, let available):
      "slices of \(width) x \(height) pixels need about \(needed / 1_000_000) MB, the machine has "
        + "\(available / 1_000_000) MB left; take a smaller --size, or fewer slices with --slice"
    case .sinogramMemory(let views, let bins, let needed, let available):
      "a sinogram of \(counted(views, "view")) of \(counted(bins, "bin")) needs about "
        + "\(needed / 1_000_000) MB, the machine has \(available / 1_000_000) MB left; take fewer "
        + "--angles or --bins"
    case .tooManyBins(let binWidth, let pixelSize):
      "bins of \(decimal(binWidth)) that see all pixels of \(decimal(pixelSize)) would be a million or "
        + "more; give --bin-width and --pixel-size in one unit, or the number of --bins"
    case .tooNegative(let path, let view, let bin, let value):
      "\(path): the line integral of view \(view), bin \(bin) is \(value), so that more photons than "
        + "can be counted would arrive; expected values of 0 (air) and more: shift the slice, or give a "
        + "smaller --attenuation"
    case .wrongReference(let path, let found, let expected):
      "\(path) has the shape \(found), the result \(expected); expected a reference of the same size"
    case .emptyReference(let path):
      "\(path) has the same value everywhere; expected a slice to compare with, or give its --peak"
    case .overflow(let path, let method):
      "\(path): \(method) made values that are too large or no numbers; expected line integrals whose "
        + "sums fit into single precision; scale them down"
    case .lambdaUnknown(let views):
      "found \(counted(views, "view")), expected at least 3 to find lambda by leaving some out; give "
        + "--lambda or --noise-level"
    case .stackAsPicture(let path, let count):
      "\(path) cannot hold \(count) slices; write them to a .npy file, or choose one with --slice"
    }
  }
}
