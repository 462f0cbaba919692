import Compute

/// Line integrals of a slice along the rays of a scan, and the exact adjoint of that map.
///
/// Both use the same weights, by default those of Joseph's interpolation (``RayBundle``), so
/// `⟨A x, y⟩ = ⟨x, Aᵀ y⟩` up to rounding. Views are projected, and rows of pixels are back projected,
/// on all threads; the result does not depend on their number.
///
/// - Shapes: slices are `[rows, columns]`; sinograms are `[views, bins]`.
/// - Units: a sinogram's value is slice value × length, in the unit of the pixel size.
public struct Projector: Sendable {
  public let scan: ScanGeometry
  public let grid: SliceGrid
  public let model: ProjectionModel
  public let workers: Workers
  /// The other model, if it was chosen.
  private let rotation: RotationProjector?
  /// The rays of each view; none in the other model.
  private let views: [[RayBundle]]

  /// Lines of pixels that a worker takes at a time.
  private static let bandLines = 16

  /// - Parameter model: ``ProjectionModel/rotation`` is for parallel beams alone.
  public init(
    _ scan: ScanGeometry, _ grid: SliceGrid, model: ProjectionModel = .joseph,
    workers: Workers = Workers()
  ) {
    self.scan = scan
    self.grid = grid
    self.model = model
    self.workers = workers
    switch model {
    case .joseph:
      rotation = nil
      views = scan.angles.map { RayBundle.bundles(ofView: $0, scan, grid) }
    case .rotation:
      rotation = RotationProjector(scan, grid, workers: workers)
      views = []
    }
  }

  /// The projector that knows only some of the views.
  public func keeping(views: [Int]) -> Projector {
    Projector(scan.keeping(views: views), grid, model: model, workers: workers)
  }

  // MARK: Forward

  /// The sinogram of a slice.
  public func project(_ slice: Matrix) -> Matrix {
    check(slice, rows: grid.rows, columns: grid.columns, "slice")
    if let rotation { return rotation.project(slice) }
    let rows = PaddedLines(slice.elements, count: grid.rows, length: grid.columns)
    let columns = PaddedLines(transposed: slice.elements, count: grid.columns, length: grid.rows)
    let sinogram = ConcurrentLines(count: scan.viewCount, length: scan.binCount)
    workers.forEach(scan.viewCount) { _, view in
      var sums = sinogram.buffer.concurrentFloats(sinogram.range(of: view))
      for bundle in views[view] {
        switch bundle.lines {
        case .rows: project(bundle, rows, &sums)
        case .columns: project(bundle, columns, &sums)
        }
      }
    }
    return Matrix(rows: scan.viewCount, columns: scan.binCount, elements: sinogram.elements)
  }

  private func project(
    _ bundle: RayBundle, _ lines: borrowing PaddedLines, _ sums: inout MutableSpan<Float>
  ) {
    var sums = sums.slice(bundle.bins)
    let offsets = bundle.offsets.span
    for line in 0..<lines.count {
      LineSampling.addSamples(
        of: lines[line], at: Float(bundle.start(line)), Float(bundle.scale(line)), offsets,
        in: bundle.rays(on: line, pixelCount: lines.length), to: &sums)
    }
    for j in bundle.lengths.indices { sums[j] *= bundle.lengths[j] }
  }

  // MARK: Adjoint

  /// The adjoint of ``project(_:)``: each pixel gets the sum of the values of the rays that see it,
  /// weighted as they see it.
  public func backproject(_ sinogram: Matrix) -> Matrix {
    check(sinogram, rows: scan.viewCount, columns: scan.binCount, "sinogram")
    if let rotation { return rotation.backproject(sinogram) }
    let values = weighted(sinogram)
    let rows = ConcurrentLines(count: grid.rows, length: grid.columns)
    let columns = ConcurrentLines(count: grid.columns, length: grid.rows)
    let bands = (rows.bands(of: Self.bandLines), columns.bands(of: Self.bandLines))
    workers.forEach(bands.0.count + bands.1.count) { _, item in
      if item < bands.0.count {
        backproject(values, .rows, lines: bands.0[item], onto: rows)
      } else {
        backproject(values, .columns, lines: bands.1[item - bands.0.count], onto: columns)
      }
    }
    return Matrix(
      rows: grid.rows, columns: grid.columns, elements: rows.elements(plusTransposed: columns))
  }

  /// The values of each view, times the lengths of its rays, with zeros around.
  private func weighted(_ sinogram: Matrix) -> PaddedLines {
    var elements = sinogram.elements
    var target = elements.mutableSpan
    for (view, bundles) in views.enumerated() {
      for bundle in bundles {
        let first = view * scan.binCount + bundle.bins.lowerBound
        for j in bundle.lengths.indices { target[first + j] *= bundle.lengths[j] }
      }
    }
    return PaddedLines(elements, count: scan.viewCount, length: scan.binCount)
  }

  private func backproject(
    _ values: borrowing PaddedLines, _ direction: RayBundle.Lines, lines: Range<Int>,
    onto slice: borrowing ConcurrentLines
  ) {
    for (view, bundles) in views.enumerated() {
      for bundle in bundles where bundle.lines == direction {
        if let pitch = bundle.pitch, abs(pitch) >= 1 {
          for line in lines {
            var pixels = slice.buffer.concurrentFloats(slice.range(of: line))
            LineSampling.addTransposedSamples(
              of: values[view], at: bundle.start(line), step: pitch, to: &pixels)
          }
        } else {
          for line in lines { spread(values[view], bundle, line, slice) }
        }
      }
    }
  }

  /// For rays closer than a pixel, or not evenly spaced: ray by ray.
  private func spread(
    _ values: Span<Float>, _ bundle: RayBundle, _ line: Int, _ slice: borrowing ConcurrentLines
  ) {
    let first = LineSampling.padding + bundle.bins.lowerBound
    var pixels = slice.buffer.concurrentFloats(slice.paddedRange(of: line))
    LineSampling.spread(
      values.extracting(first..<first + bundle.bins.count), at: Float(bundle.start(line)),
      Float(bundle.scale(line)), bundle.offsets.span,
      in: bundle.rays(on: line, pixelCount: slice.length), over: &pixels)
  }

  private func check(_ matrix: Matrix, rows: Int, columns: Int, _ name: String) {
    precondition(
      matrix.rows == rows && matrix.columns == columns,
      "a \(name) is \(matrix.rows) x \(matrix.columns), expected \(rows) x \(columns)")
  }
}
