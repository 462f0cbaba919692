import Compute

/// The dual variable of a slice's gradients, of which each pixel has four: a difference to the right or
/// to the left, and one to below or above.
///
/// One corner alone would treat a picture and its mirror image differently; the mean of the lengths of
/// all four does not. A difference is zero where there is no neighbour.
struct GradientDual: ~Copyable, Sendable {
  /// The rows of ``plane`` that a row of pixels has: two a corner, the horizontal components before the
  /// vertical ones. Corners: right and below, left and below, right and above, left and above.
  fileprivate static let rowsPerRow = 8

  let plane: Plane
  private let pixelRows: Int
  /// 1 where a pixel has a neighbour on the right.
  private let hasRight: Plane

  init(rows: Int, columns: Int) {
    pixelRows = rows
    plane = Plane(rows: Self.rowsPerRow * rows, columns: columns)
    let inner = (1...columns).map { Float($0 < columns ? 1 : 0) }
    hasRight = Plane(Matrix(rows: 1, columns: columns, elements: inner), Workers(count: 1))
  }

  fileprivate static func planeRows(of row: Int) -> Range<Int> {
    rowsPerRow * row..<rowsPerRow * (row + 1)
  }

  // MARK: The gradient

  /// `u ← u + r (ũ − u)` with `ũ = v · radius / max(radius + σ δ, |v|)` and `v = u + σ ∇x`, corner by
  /// corner.
  func move(
    along x: borrowing Plane, radius: borrowing Plane, step: Float, huber: Float,
    relaxation: Vector, _ workers: Workers
  ) {
    let sigma = Vector(repeating: step)
    // Not 0 where the radius is.
    let softening = Vector(repeating: step * huber + .leastNormalMagnitude)
    x.forEachBand(workers) { rows in
      for row in rows {
        let here = x.reading(row: row)
        let next = x.reading(row: min(row + 1, pixelRows - 1))
        let previous = x.reading(row: max(row - 1, 0))
        let inner = hasRight.reading(row: 0)
        let radius = radius.reading(row: row)
        var dual = plane.vectors(ofRows: Self.planeRows(of: row))
        let count = here.count
        var carried = here[0][0]
        for i in here.indices {
          let following = i + 1 < count ? here[i + 1][0] : 0
          let right = (shiftedDown(here[i], carrying: following) - here[i]) * inner[i]
          let left = here[i] - shiftedUp(here[i], carrying: carried)
          carried = here[i][15]
          let (below, above) = (next[i] - here[i], here[i] - previous[i])
          let bound = (radius[i], radius[i] + softening)
          for corner in 0..<4 {
            let (horizontal, vertical) = (2 * corner * count + i, (2 * corner + 1) * count + i)
            let old = (dual[horizontal], dual[vertical])
            let freeX = old.0.addingProduct(sigma, corner & 1 == 0 ? right : left)
            let freeY = old.1.addingProduct(sigma, corner & 2 == 0 ? below : above)
            let length = (freeX * freeX).addingProduct(freeY, freeY).squareRoot()
            let factor = bound.0 / atLeast(bound.1, length)
            dual[horizontal] = old.0.addingProduct(relaxation, factor * freeX - old.0)
            dual[vertical] = old.1.addingProduct(relaxation, factor * freeY - old.1)
          }
        }
      }
    }
  }

  // MARK: Its transpose

  @_lifetime(borrow self)
  func rows(around row: Int) -> Neighbourhood { Neighbourhood(plane, row: row) }

  /// The dual variables of all differences that a row of pixels takes part in.
  struct Neighbourhood: ~Escapable {
    private let here: Span<Vector>
    private let above: Span<Vector>
    private let below: Span<Vector>
    private let count: Int
    private let isFirst: Bool
    private let isLast: Bool

    @_lifetime(borrow plane)
    fileprivate init(_ plane: borrowing Plane, row: Int) {
      let last = plane.rows / GradientDual.rowsPerRow - 1
      here = plane.reading(rows: GradientDual.planeRows(of: row))
      above = plane.reading(rows: GradientDual.planeRows(of: max(row - 1, 0)))
      below = plane.reading(rows: GradientDual.planeRows(of: min(row + 1, last)))
      count = plane.vectorsPerRow
      (isFirst, isLast) = (row == 0, row == last)
    }

    /// `∇ᵀu` of a row's vector `i`; the vectors are asked for from left to right.
    ///
    /// - Parameter carried: what the last lane of the vector on the left hands on, 0 at first.
    @inline(always)
    func transposedGradient(at i: Int, carrying carried: inout Float) -> Vector {
      let right = here[i] + here[4 * count + i]
      let left = here[2 * count + i] + here[6 * count + i]
      let next =
        i + 1 < count ? here[2 * count + i + 1][0] + here[6 * count + i + 1][0] : 0
      var sum = shiftedUp(right, carrying: carried) - right
      carried = right[15]
      sum += left - shiftedDown(left, carrying: next)
      sum += here[5 * count + i] + here[7 * count + i]
      sum -= here[count + i] + here[3 * count + i]
      if !isFirst { sum += above[count + i] + above[3 * count + i] }
      if !isLast { sum -= below[5 * count + i] + below[7 * count + i] }
      return sum
    }
  }
}

/// Each lane from the one before it, the first from outside.
@inline(always)
private func shiftedUp(_ x: Vector, carrying first: Float) -> Vector {
  Vector(
    lowHalf: SIMD8(first, x[0], x[1], x[2], x[3], x[4], x[5], x[6]),
    highHalf: SIMD8(x[7], x[8], x[9], x[10], x[11], x[12], x[13], x[14]))
}

/// Each lane from the one after it, the last from outside.
@inline(always)
private func shiftedDown(_ x: Vector, carrying last: Float) -> Vector {
  Vector(
    lowHalf: SIMD8(x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8]),
    highHalf: SIMD8(x[9], x[10], x[11], x[12], x[13], x[14], x[15], last))
}
