import Compute

/// Sums along the columns of a slice that is turned bilinearly, view by view, and the exact adjoint of
/// that map.
///
/// Bin k of the view at θ sees the points at distance `(k − center) · binWidth` from the axis along
/// `(cos θ, sin θ)`, one a row of the slice, a pixel apart. The slice is interpolated bilinearly
/// there, and is zero outside; the sum is multiplied by the pixel size. What turns out of the frame,
/// which has the slice's own rows, is lost.
///
/// A pixel and three of its neighbours are kept together, as are what they get in the adjoint: one
/// load or store a point.
///
/// - Source: `radon` of scikit-image with `circle=True`; in a frame that need not be square, `radon`
///   of Saragadam et al., WIRE, arXiv:2301.05187, by the rotation of kornia.
struct RotationProjector: Sendable {
  private let scan: ScanGeometry
  private let grid: SliceGrid
  private let workers: Workers
  private let views: [RotatedSamples]

  /// The four pixels around a point: above left, above right, below left, below right.
  private typealias Quad = SIMD4<Float>

  /// Rows of quads that a worker takes at a time.
  private static let bandRows = 32

  init(_ scan: ScanGeometry, _ grid: SliceGrid, workers: Workers) {
    precondition(scan.beam == .parallel, "only parallel beams are rotations of the slice")
    self.scan = scan
    self.grid = grid
    self.workers = workers
    views = scan.angles.map { RotatedSamples(angle: $0, scan, grid) }
  }

  /// What each pixel of four gets of a point: the shares of the row and of the column behind the
  /// points of their positions.
  @inline(always)
  private static func weights(_ run: RotatedSamples.Run) -> Quad {
    let across = share(run.column)
    let down = share(run.row)
    return Quad(1, 0, 1, 0).addingProduct(Quad(repeating: across), Quad(-1, 1, -1, 1))
      * Quad(1, 1, 0, 0).addingProduct(Quad(repeating: down), Quad(-1, -1, 1, 1))
  }

  /// The part of a position behind the point, of which the 24 bits of a `Float` are kept.
  @inline(always)
  private static func share(_ position: Int) -> Float {
    Float(Int32(truncatingIfNeeded: (position >> 8) & 0xFF_FFFF)) * 0x1p-24
  }

  // MARK: Forward

  func project(_ slice: Matrix) -> Matrix {
    let quads = quads(of: slice)
    let bins = scan.binCount
    let sums = workers.map(views.count) { _, view in
      (0..<bins).map { bin in
        sum(of: quads.span, along: views[view].run(ofBin: bin, in: 0..<grid.rows + 1), views[view])
      }
    }
    return Matrix(rows: views.count, columns: bins, elements: sums.flatMap { $0 })
  }

  private func sum(
    of quads: Span<Quad>, along run: RotatedSamples.Run, _ view: RotatedSamples
  ) -> Float {
    let stride = grid.columns + 1
    var run = run
    var sum = Quad(repeating: 0)
    for _ in 0..<run.count {
      let index =
        (run.row >> RotatedSamples.fraction) &* stride
        &+ (run.column >> RotatedSamples.fraction)
      sum.addProduct(quads[index], Self.weights(run))
      run.row &+= view.rowStep
      run.column &+= view.columnStep
    }
    return sum.sum() * Float(grid.pixelSize)
  }

  /// Each pixel's quad, and one more before each row and before the first row.
  private func quads(of slice: Matrix) -> [Quad] {
    let (rows, columns) = (grid.rows, grid.columns)
    var quads = [Quad](repeating: Quad(repeating: 0), count: (rows + 1) * (columns + 1))
    var target = quads.mutableSpan
    let source = slice.elements.span
    for row in 0..<rows {
      for column in 0..<columns {
        let value = source[row * columns + column]
        let below = (row + 1) * (columns + 1) + column
        let above = below - (columns + 1)
        target[above][3] = value
        target[above + 1][2] = value
        target[below][1] = value
        target[below + 1][0] = value
      }
    }
    return quads
  }

  // MARK: Adjoint

  /// Bands of the slice get all that is theirs, view by view and ray by ray: the order of the sums
  /// depends on the geometry alone.
  func backproject(_ sinogram: Matrix) -> Matrix {
    let bands = stride(from: 0, to: grid.rows + 1, by: Self.bandRows).map {
      $0..<min($0 + Self.bandRows, grid.rows + 1)
    }
    let parts = workers.map(bands.count) { _, band in
      pixels(of: spread(sinogram, over: bands[band]), rows: bands[band].count)
    }
    var slice = Matrix(rows: grid.rows, columns: grid.columns)
    var target = slice.elements.mutableSpan
    // A band begins with the row above its quads, which the band before ends with.
    for (band, part) in zip(bands, parts) {
      let first = (band.lowerBound - 1) * grid.columns
      for i in max(0, -first)..<min(part.count, target.count - first) {
        target[first + i] += part[i]
      }
    }
    return slice
  }

  private func spread(_ sinogram: Matrix, over rows: Range<Int>) -> [Quad] {
    let columns = grid.columns + 1
    var quads = [Quad](repeating: Quad(repeating: 0), count: rows.count * columns)
    var target = quads.mutableSpan
    let values = sinogram.elements.span
    let size = Float(grid.pixelSize)
    for (index, view) in views.enumerated() {
      for bin in 0..<scan.binCount {
        let value = Quad(repeating: values[index * scan.binCount + bin] * size)
        var run = view.run(ofBin: bin, in: rows)
        for _ in 0..<run.count {
          let row = (run.row >> RotatedSamples.fraction) &- rows.lowerBound
          let place = row &* columns &+ (run.column >> RotatedSamples.fraction)
          target[place].addProduct(value, Self.weights(run))
          run.row &+= view.rowStep
          run.column &+= view.columnStep
        }
      }
    }
    return quads
  }

  /// The pixels of some rows of quads, and of the row above them.
  private func pixels(of quads: [Quad], rows: Int) -> [Float] {
    let columns = grid.columns
    var pixels = [Float](repeating: 0, count: (rows + 1) * columns)
    var target = pixels.mutableSpan
    let source = quads.span
    for row in 0..<rows {
      for column in 0..<columns {
        let left = source[row * (columns + 1) + column]
        let right = source[row * (columns + 1) + column + 1]
        target[row * columns + column] += left[1] + right[0]
        target[(row + 1) * columns + column] += left[3] + right[2]
      }
    }
    return pixels
  }
}
