import Compute
import Foundation
import Imaging
import Tomography

/// One call of a command that makes slices from a file of sinograms.
struct CTReconstruction {
  static let sinogram = Operand.required(
    "SINOGRAM.npy", help: "Line integrals [views, bins], or a stack [slices, views, bins].")

  /// A slice, and how it came about.
  struct Outcome {
    var slice: Matrix
    var iterations: Int?
    /// The root of the mean squared residual over the rays.
    var residual: Double?
    var lambda: Double?
  }

  /// What `--json` prints.
  struct Record: Encodable {
    let method: String
    let sinogram: String
    let output: String
    let slices: Int
    let rows: Int
    let columns: Int
    let pixelSize: Double
    let views: Int
    let bins: Int
    let center: Double
    let iterations: Int?
    let residual: Double?
    let lambda: Double?
    let isInterrupted: Bool
    let seconds: Double
    let reference: String?
    let measures: MeasureRecord?
  }

  let arguments: ParsedArguments
  let method: String
  let scanOptions: ScanOptions
  let options: SliceResultOptions
  let console: Console

  init(_ arguments: ParsedArguments, method: String) throws {
    self.arguments = arguments
    self.method = method
    scanOptions = try ScanOptions(arguments)
    options = try SliceResultOptions(arguments)
    console = Console(options.isQuiet ? .quiet : .normal)
  }

  /// Makes the slices one by one, writes them, and says how good they are.
  ///
  /// - Parameters:
  ///   - interrupt: ends the work after the slice at hand.
  ///   - prepare: makes of the scan the function that reconstructs one slice; its `index` counts the
  ///     slices that are made.
  func run(
    until interrupt: InterruptFlag = .withoutSignals,
    _ prepare: (ScanData, Workers) throws -> (_ sinogram: Matrix, _ index: Int) throws -> Outcome
  ) throws {
    let path = arguments[Self.sinogram]
    let workers = options.workers
    if let output = options.output { _ = try CTOutput(output) }
    let data = try scanOptions.open(
      path, slice: options.slice, workers: workers, telling: console)
    let wanted = options.slice.map { [$0] } ?? Array(0..<data.file.sliceCount)
    let output = try CTOutput(options, input: path, suffix: method, count: wanted.count)
    let reference = try CTReference(
      options, count: data.file.sliceCount, wanted: wanted, grid: data.grid)
    try checkMemory(data.grid, count: wanted.count)
    console.message(data.summary)

    let start = ContinuousClock.now
    let reconstruct = try prepare(data, workers)
    var outcomes: [Outcome] = []
    for (index, slice) in wanted.enumerated() where !interrupt.isRaised {
      outcomes.append(try reconstruct(try data.sinogram(slice), index))
      if let mask = data.mask { outcomes[index].slice.clear(outside: mask) }
      try checkFinite(outcomes[index].slice)
      if outcomes[index].iterations == nil, wanted.count > 1 {
        console.show(
          RunProgress(
            step: index + 1, of: wanted.count,
            elapsed: (ContinuousClock.now - start) / .seconds(1)))
      }
    }
    console.finishProgress()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let slices = outcomes.map(\.slice)
    let isStack = data.file.isStack && options.slice == nil
    try output.write(slices: slices, isStack: isStack, telling: console)
    let measures = try reference?.measures(of: slices, mask: data.mask)
    try report(
      outcomes, of: data, wanted.count, interrupt.isRaised, seconds, output, measures)
  }

  private func checkMemory(_ grid: SliceGrid, count: Int) throws {
    // The slices, those of the file, and the reference.
    let needed = (grid.pixelCount * 12).multipliedReportingOverflow(by: count)
    guard let available = Machine.availableMemory,
      needed.overflow || needed.partialValue >= available
    else { return }
    throw ScanError.memory(
      width: grid.columns, height: grid.rows, needed: needed.partialValue, available: available)
  }

  private func checkFinite(_ slice: Matrix) throws {
    guard slice.elements.contains(where: { !$0.isFinite }) else { return }
    throw ScanError.overflow(path: arguments[Self.sinogram], method: method)
  }

  private func report(
    _ outcomes: [Outcome], of data: ScanData, _ wantedCount: Int,
    _ isInterrupted: Bool, _ seconds: Double, _ output: CTOutput, _ measures: ReferenceMeasures?
  ) throws {
    let residuals = outcomes.compactMap(\.residual)
    let record = Record(
      method: method, sinogram: data.file.path, output: output.path, slices: outcomes.count,
      rows: data.grid.rows, columns: data.grid.columns, pixelSize: data.grid.pixelSize,
      views: data.scan.viewCount, bins: data.scan.binCount, center: data.scan.center,
      iterations: outcomes.compactMap(\.iterations).max(),
      residual: residuals.isEmpty
        ? nil
        : (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot(),
      lambda: outcomes.first?.lambda, isInterrupted: isInterrupted, seconds: seconds,
      reference: options.reference, measures: measures.map { MeasureRecord($0) })
    console.message(
      "\(output.path): "
        + (isInterrupted
          ? "interrupted, \(outcomes.count) of \(counted(wantedCount, "slice")), " : "")
        + "\(data.grid.columns) x \(data.grid.rows) pixels"
        + (record.lambda.map { String(format: ", lambda %.4g", $0) } ?? "")
        + (record.residual.map { String(format: ", residual %.4g", $0) } ?? "")
        + String(format: ", %.2f s", seconds))
    if options.printsJSON {
      try StandardOutput.write(try jsonText(record) + "\n")
    } else if let measures = record.measures {
      try StandardOutput.write(measures.text)
    }
  }
}

extension Matrix {
  /// Sets the elements to 0 whose place in the mask is false.
  mutating func clear(outside mask: [Bool]) {
    for i in mask.indices where !mask[i] { elements[i] = 0 }
  }
}
