import Compute
import Foundation
import Imaging
import Tomography

/// The file that slices or sinograms go to.
struct CTOutput {
  let path: String
  private let format: Image.FileFormat
  private let window: GrayWindow?

  /// - Parameters:
  ///   - input: gives the file its name if none was asked for: `sinogram-fbp.npy` of `sinogram.npy`.
  ///   - count: of the slices; a picture holds one.
  init(_ options: SliceResultOptions, input: String, suffix: String, count: Int) throws {
    let name = URL(fileURLWithPath: input).deletingPathExtension().relativePath
    try self.init(
      options.output ?? "\(name)-\(suffix).npy", window: options.window, count: count)
  }

  init(_ path: String, window: GrayWindow? = nil, count: Int = 1) throws {
    self.path = path
    self.window = window
    format = try Image.FileFormat(endingOf: path)
    if format == .png, count > 1 { throw ScanError.stackAsPicture(path: path, count: count) }
  }

  /// Writes one slice, or a stack of them.
  func write(slices: [Matrix], isStack: Bool, telling console: Console) throws {
    try write(slices, telling: console) {
      let shape = [slices[0].rows, slices[0].columns]
      return NumpyArray(
        shape: isStack ? [slices.count] + shape : shape, elements: slices.flatMap(\.elements))
    }
  }

  /// Writes one sinogram, or a stack of them, with the axes that were asked for.
  func write(
    sinograms: [Matrix], isStack: Bool, layout: SinogramFile.Layout, telling console: Console
  ) throws {
    try write(sinograms, telling: console) {
      SinogramFile.array(of: sinograms, isStack: isStack, layout: layout)
    }
  }

  private func write(
    _ matrices: [Matrix], telling console: Console, array: () -> NumpyArray
  ) throws {
    if format == .npy {
      try array().write(to: path)
    } else {
      let window = window ?? GrayWindow(showing: matrices[0].elements)
      try Image(matrices[0], window: window).write(to: path)
      console.message(
        "\(path): black is \(decimal(window.black)), white \(decimal(window.white))")
    }
  }
}

/// What slices are compared with.
struct CTReference {
  let path: String
  private let slices: [Matrix]
  private let peak: Double?

  /// Reads the slices of `--reference` that belong to those that are wanted.
  ///
  /// - Parameters:
  ///   - count: slices of the input.
  ///   - wanted: the ones that are made.
  init?(_ options: SliceResultOptions, count: Int, wanted: [Int], grid: SliceGrid) throws {
    guard let path = options.reference else { return nil }
    let file = try CTSliceInput(path)
    guard file.rows == grid.rows, file.columns == grid.columns,
      [1, wanted.count, count].contains(file.sliceCount),
      file.sliceCount > 1 || wanted.count == 1
    else {
      let stack = file.isStack || wanted.count > 1
      throw ScanError.wrongReference(
        path: path,
        found: (stack ? [file.sliceCount] : []) + [file.rows, file.columns],
        expected: (stack ? [wanted.count] : []) + [grid.rows, grid.columns])
    }
    self.path = path
    peak = options.peak
    let numbers = file.sliceCount == count ? wanted : Array(0..<file.sliceCount)
    slices = try numbers.map { try file.slice($0) }
  }

  /// - Parameter made: the first of the wanted slices.
  func measures(of made: [Matrix], mask: [Bool]?) throws -> ReferenceMeasures {
    let references = Array(slices.prefix(made.count))
    guard let measures = ReferenceMeasures(of: made, against: references, mask: mask, peak: peak)
    else { throw ScanError.emptyReference(path: path) }
    return measures
  }
}

/// The measures as they go into a JSON object, which has no infinity.
struct MeasureRecord: Encodable {
  let psnr: Double
  let ssim: Double?
  let rmse: Double
  let peak: Double
  let dataRange: Double

  init(_ measures: ReferenceMeasures) {
    psnr = min(measures.psnr, 999)
    ssim = measures.ssim
    rmse = measures.rmse
    peak = measures.peak
    dataRange = measures.dataRange
  }

  /// Three lines for people.
  var text: String {
    let similarity =
      ssim.map { String(format: "%.6f", $0) + " (data range \(decimal(dataRange)))" }
      ?? "not defined for so small a slice"
    return "PSNR  \(String(format: "%.4f", psnr)) dB (peak \(decimal(peak)))\nSSIM  \(similarity)\n"
      + "RMSE  \(String(format: "%.6g", rmse))\n"
  }
}
