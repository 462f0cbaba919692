import Compute

/// Non-local means: each pixel becomes the mean of the pixels around it whose neighbourhoods look like
/// its own.
///
/// Pixel q counts `exp(−d² / h²)` for pixel p, with d² the mean squared difference of the squares of
/// `2 · patch + 1` pixels around both, for q at most `search` rows and columns away. Squares that
/// reach over the border have mirrored pixels there.
///
/// - Source: Buades, Coll and Morel, A non-local algorithm for image denoising, CVPR 2005.
package struct NonLocalMeans: Sendable {
  /// h, in the slice's unit.
  package let strength: Float
  package let patch = 2
  package let search = 7

  /// Rows that a worker takes at a time.
  private static let bandRows = 16

  package init(strength: Float) { self.strength = strength }

  /// - Shapes: `[rows, columns]`, in and out.
  package func apply(to slice: Matrix, workers: Workers) -> Matrix {
    guard strength > 0 else { return slice }
    let padded = MirroredSlice(slice, margin: search + patch)
    let bands = stride(from: 0, to: slice.rows, by: Self.bandRows).map {
      $0..<min($0 + Self.bandRows, slice.rows)
    }
    let results = workers.map(bands.count) { _, band in
      denoised(rows: bands[band], of: padded, columns: slice.columns)
    }
    return Matrix(
      rows: slice.rows, columns: slice.columns, elements: Array(results.joined()))
  }

  private func denoised(rows: Range<Int>, of slice: MirroredSlice, columns: Int) -> [Float] {
    let side = 2 * patch + 1
    let width = AlignedBuffer.vectorCount(for: columns) * Vector.scalarCount
    // Squared differences of the rows that the squares of this band reach, `patch` columns wider on
    // both sides; then a row of their sums over squares, and the pixels that these weigh.
    let reach = width + 2 * patch
    var differences = [Float](repeating: 0, count: (rows.count + 2 * patch) * reach)
    var columnSums = [Float](repeating: 0, count: reach)
    var distances = AlignedBuffer(count: width)
    var values = AlignedBuffer(count: width)
    var sums = AlignedBuffer(count: rows.count * width)
    var weights = AlignedBuffer(count: rows.count * width)
    let factor = -1 / max(strength * strength * Float(side * side), .leastNormalMagnitude)
    for dy in -search...search {
      for dx in -search...search {
        for (i, row) in (rows.lowerBound - patch..<rows.upperBound + patch).enumerated() {
          var target = differences.mutableSpan
          var line = target.slice(i * reach..<(i + 1) * reach)
          setSquaredDifferences(
            slice.pixels(row: row, from: -patch, count: reach),
            slice.pixels(row: row + dy, from: dx - patch, count: reach), &line)
        }
        for (i, row) in rows.enumerated() {
          sumRows(differences.span, first: i, count: side, reach, &columnSums)
          sumColumns(columnSums.span, count: side, &distances)
          copy(slice.pixels(row: row + dy, from: dx, count: width), to: &values)
          weigh(distances, values, factor, row: i, &sums, &weights)
        }
      }
    }
    return quotients(sums, weights, rows: rows.count, columns: columns, width: width)
  }

  private func setSquaredDifferences(
    _ a: Span<Float>, _ b: Span<Float>, _ target: inout MutableSpan<Float>
  ) {
    precondition(a.count == target.count && b.count == target.count)
    for j in target.indices {
      let difference = a[j] - b[j]
      target[j] = difference * difference
    }
  }

  private func sumRows(
    _ differences: Span<Float>, first: Int, count: Int, _ length: Int, _ sums: inout [Float]
  ) {
    var target = sums.mutableSpan
    for row in first..<first + count {
      let line = differences.extracting(row * length..<(row + 1) * length)
      precondition(line.count == target.count)
      if row == first {
        for j in target.indices { target[j] = line[j] }
      } else {
        for j in target.indices { target[j] += line[j] }
      }
    }
  }

  private func sumColumns(
    _ columnSums: Span<Float>, count: Int, _ distances: inout AlignedBuffer
  ) {
    let length = distances.count
    var target = distances.mutableFloats
    for k in 0..<count {
      let shifted = columnSums.extracting(k..<k + length)
      precondition(shifted.count == target.count)
      if k == 0 {
        for j in target.indices { target[j] = shifted[j] }
      } else {
        for j in target.indices { target[j] += shifted[j] }
      }
    }
  }

  private func copy(_ pixels: Span<Float>, to values: inout AlignedBuffer) {
    var target = values.mutableFloats
    precondition(pixels.count == target.count)
    for j in target.indices { target[j] = pixels[j] }
  }

  private func weigh(
    _ distances: borrowing AlignedBuffer, _ values: borrowing AlignedBuffer, _ factor: Float,
    row: Int, _ sums: inout AlignedBuffer, _ weights: inout AlignedBuffer
  ) {
    let (distances, values) = (distances.vectors, values.vectors)
    let first = row * distances.count
    var total = sums.mutableVectors
    var count = weights.mutableVectors
    for v in distances.indices {
      let weight = VectorMath.exp(distances[v] * Vector(repeating: factor))
      total[first + v].addProduct(weight, values[v])
      count[first + v] += weight
    }
  }

  private func quotients(
    _ sums: borrowing AlignedBuffer, _ weights: borrowing AlignedBuffer, rows: Int, columns: Int,
    width: Int
  ) -> [Float] {
    let (sums, weights) = (sums.floats, weights.floats)
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for i in row * width..<row * width + columns { result.append(sums[i] / weights[i]) }
    }
    return result
  }
}

/// A slice with mirrored pixels around it.
private struct MirroredSlice: Sendable {
  private let elements: [Float]
  private let margin: Int
  private let stride: Int

  init(_ slice: Matrix, margin: Int) {
    self.margin = margin
    // Whole vectors reach beyond the last column.
    stride = slice.columns + 2 * margin + Vector.scalarCount
    func mirrored(_ index: Int, _ count: Int) -> Int {
      let period = max(2 * count - 2, 1)
      let folded = ((index % period) + period) % period
      return folded < count ? folded : period - folded
    }
    var elements: [Float] = []
    elements.reserveCapacity((slice.rows + 2 * margin) * stride)
    let source = slice.elements.span
    for row in -margin..<slice.rows + margin {
      let first = mirrored(row, slice.rows) * slice.columns
      for column in -margin..<stride - margin {
        elements.append(source[first + mirrored(column, slice.columns)])
      }
    }
    self.elements = elements
  }

  /// `count` pixels of a row from column `first` on; both may lie in the margin.
  @_lifetime(borrow self)
  func pixels(row: Int, from first: Int, count: Int) -> Span<Float> {
    let start = (row + margin) * stride + first + margin
    return elements.span.extracting(start..<start + count)
  }
}
