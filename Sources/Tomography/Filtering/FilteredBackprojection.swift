import Compute
import Foundation

/// Filtered back projection: the slice in one pass, exact for many views without noise.
///
/// Views are filtered (``RampFilter``), and each pixel gets the integral over the angles of the
/// filtered value at its own place on the detector, linearly interpolated between two bins. That is
/// 0.2 to 1 dB better than the adjoint of the projector in its place.
///
/// - Units: the result is sinogram value / length: slice values, at any pixel size and bin width.
/// - Source: Kak and Slaney, Principles of Computerized Tomographic Imaging (1988), sections 3.3
///   (parallel) and 3.4.2 (fan beam, equally spaced detector); Parker, Optimal short scan convolution
///   reconstruction for fanbeam CT, Medical Physics 9 (1982).
public struct FilteredBackprojection: Sendable {
  public let scan: ScanGeometry
  public let grid: SliceGrid
  public let filter: RampFilter
  public let workers: Workers

  public init(
    _ scan: ScanGeometry, _ grid: SliceGrid, window: RampFilter.Window = .ramLak,
    frequencyScale: Double = 1, convention: Convention = .scikitImage, workers: Workers = Workers()
  ) {
    self.scan = scan
    self.grid = grid
    self.workers = workers
    filter = RampFilter(
      window, binCount: scan.binCount, binWidth: scan.binWidth * scan.magnificationToAxis,
      frequencyScale: frequencyScale, convention: convention)
  }

  /// The slice of a sinogram `[views, bins]`.
  public func reconstruct(_ sinogram: Matrix) -> Matrix {
    precondition(
      sinogram.rows == scan.viewCount && sinogram.columns == scan.binCount,
      "a sinogram is \(sinogram.rows) x \(sinogram.columns), expected \(scan.viewCount) x "
        + "\(scan.binCount)")
    let weighted = scan.beam == .parallel ? sinogram : fanWeighted(sinogram)
    return backproject(filter.apply(to: weighted, workers: workers))
  }

  /// Each pixel's integral over the angles of the values at its place on the detector.
  private func backproject(_ sinogram: Matrix) -> Matrix {
    let views = PaddedLines(sinogram.elements, count: scan.viewCount, length: scan.binCount)
    let slice = ConcurrentLines(count: grid.rows, length: grid.columns)
    let weights = scan.viewWeights
    let bands = slice.bands(of: 8)
    let columns = (0..<grid.columns).map { Float($0) }
    workers.forEach(bands.count) { _, item in
      var line = [Float](repeating: 0, count: grid.columns)
      for view in 0..<scan.viewCount {
        let weight = Float(weights[view])
        for row in bands[item] {
          var sums = slice.buffer.concurrentFloats(slice.range(of: row))
          var values = line.mutableSpan
          for i in values.indices { values[i] = 0 }
          addView(view, views[view], row: row, columns.span, to: &values)
          for i in values.indices { sums[i] += weight * values[i] }
        }
      }
    }
    return Matrix(rows: grid.rows, columns: grid.columns, elements: slice.elements)
  }

  private func addView(
    _ view: Int, _ values: Span<Float>, row: Int, _ columns: Span<Float>,
    to sums: inout MutableSpan<Float>
  ) {
    let (c, s) = (RayBundle.exactCos(scan.angles[view]), RayBundle.exactSin(scan.angles[view]))
    let (x, y) = grid.position(row: row, column: 0)
    switch scan.beam {
    case .parallel:
      let start = scan.center + (x * c + y * s) / scan.binWidth
      let step = c * grid.pixelSize / scan.binWidth
      LineSampling.addSamples(
        of: values, at: Float(start), Float(step), columns,
        in: Self.columns(from: start, by: step, count: grid.columns, bins: scan.binCount), to: &sums
      )
    case .fan(let sourceToOrigin, let sourceToDetector):
      let lateral = LineSampling.Affine(start: x * c + y * s, step: c * grid.pixelSize)
      let depth = LineSampling.Affine(
        start: sourceToOrigin - x * s + y * c, step: -s * grid.pixelSize)
      LineSampling.addPerspectiveSamples(
        of: values, center: scan.center, magnification: sourceToDetector / scan.binWidth,
        lateral: lateral, depth: depth, unitDepth: sourceToOrigin, to: &sums)
    }
  }

  /// The columns whose pixels the detector sees.
  private static func columns(from start: Double, by step: Double, count: Int, bins: Int)
    -> Range<Int>
  {
    let margin = 1e-3
    let (low, high) = (margin - 1, Double(bins) - margin)
    guard step != 0 else { return start >= low && start <= high ? 0..<count : 0..<0 }
    let ends = ((low - start) / step, (high - start) / step)
    let first = max(0, min(ends.0, ends.1).rounded(.up))
    let last = min(Double(count - 1), max(ends.0, ends.1).rounded(.down))
    return first <= last ? Int(first)..<Int(last) + 1 : 0..<0
  }

  /// The values times the cosines of the fan's angles, and the shares of rays that are seen twice.
  private func fanWeighted(_ sinogram: Matrix) -> Matrix {
    var elements = sinogram.elements
    var values = elements.mutableSpan
    let redundancy = FanRedundancy(scan)
    let angles = (0..<scan.binCount).map { scan.fanAngle(ofBin: $0) }
    let cosines = angles.map { cos($0) }
    for view in 0..<scan.viewCount {
      for bin in angles.indices {
        let weight = cosines[bin] * redundancy.weight(view: view, fanAngle: angles[bin])
        values[view * scan.binCount + bin] *= Float(weight)
      }
    }
    return Matrix(rows: sinogram.rows, columns: sinogram.columns, elements: elements)
  }
}
