/// The trilinear interpolant in one cell: which of its corners are joined above or below the level.
///
/// - Source: the asymptotic decider of faces: Nielson and Hamann, "The asymptotic decider",
///   Visualization 1991. The inside: the slices of Chernyaev, "Marching Cubes 33", CERN CN/95-17,
///   1995, here followed through the whole cell.
struct TrilinearCell {
  /// Values minus the level at the eight corners.
  let values: SIMD8<Double>

  /// Whether the corners of a face that are above are joined across it, rather than those below.
  ///
  /// The bilinear interpolant has its saddle at `(a c − b d) / (a + c − b − d)`, if a and c are the
  /// diagonal above; the corners above are joined if it is not below. Both cells at a face compute
  /// the same two products, in whatever order, so they agree to the last bit. A tie, as in volumes
  /// of zeros and ones, joins the corners above: the surface is that of a level lower by nothing.
  static func areAboveJoined(above: (Double, Double), below: (Double, Double)) -> Bool {
    above.0 * above.1 >= below.0 * below.1
  }

  /// A bit for each face in `ambiguous` whose corners above are joined across it.
  func outcome(ambiguous: Int) -> Int {
    var outcome = 0
    for face in 0..<6 where ambiguous >> face & 1 == 1 {
      let corners = Cube.faces[face]
      let first = (values[corners[0]], values[corners[2]])
      let second = (values[corners[1]], values[corners[3]])
      let areJoined =
        first.0 >= 0
        ? Self.areAboveJoined(above: first, below: second)
        : Self.areAboveJoined(above: second, below: first)
      if areJoined { outcome |= 1 << face }
    }
    return outcome
  }

  /// Whether two corners on the same side are joined inside the cell.
  ///
  /// A slice x = t is bilinear, and its corner values a, b, c, d are linear in t. What is joined in
  /// it changes only where one of these is 0, or `a c − b d` is: at most six places. Each part of a
  /// slice contains a corner of it. So the cell's two sides and one slice between any two places
  /// tell all; a corner that keeps its side from one of them to the next stays in its part.
  ///
  /// The level is taken lower by a trace, which decides ties as ``areAboveJoined(above:below:)`` does.
  ///
  /// - Parameter pieces: corners joined already on the cell's surface have the same number.
  func areJoined(_ first: Int, _ second: Int, pieces: SIMD8<UInt8>) -> Bool {
    let raised = values + trace
    let start = SIMD4(raised[0], raised[2], raised[6], raised[4])
    let end = SIMD4(raised[1], raised[3], raised[7], raised[5])
    let (places, placeCount) = Self.changes(start, end - start)
    let last = placeCount + 2
    var parts = SliceParts()
    var before = start
    for slice in 0...last {
      var values = slice == 0 ? start : end
      if slice > 0 && slice < last {
        let lower = slice == 1 ? 0 : places[slice - 2]
        let upper = slice == last - 1 ? 1 : places[slice - 1]
        values = start + (lower + upper) / 2 * (end - start)
      }
      parts.joinInside(slice, values)
      for k in 0..<4 where slice > 0 && (before[k] >= 0) == (values[k] >= 0) {
        parts.join(4 * slice - 4 + k, 4 * slice + k)
      }
      before = values
    }
    func part(_ corner: Int) -> Int {
      (corner & 1) * 4 * last + (corner >> 1 ^ corner >> 2)
    }
    for corner in 0..<8 { parts.join(part(corner), part(Int(pieces[corner]))) }
    return parts.areOne(part(first), part(second))
  }

  /// A billionth of the least value that is not 0: it changes no side but those of zeros.
  private var trace: Double {
    var least = Double.infinity
    for corner in 0..<8 where values[corner] != 0 { least = min(least, abs(values[corner])) }
    return 1e-9 * least
  }

  /// Where in 0…1 slices change, in order.
  private static func changes(_ start: SIMD4<Double>, _ slope: SIMD4<Double>)
    -> (places: SIMD8<Double>, count: Int)
  {
    var places = SIMD8<Double>()
    var count = 0
    func add(_ place: Double) {
      guard place > 0, place < 1 else { return }
      var k = count
      while k > 0, places[k - 1] > place {
        places[k] = places[k - 1]
        k -= 1
      }
      places[k] = place
      count += 1
    }
    for k in 0..<4 { add(-start[k] / slope[k]) }
    // a c − b d = square t² + linear t + constant.
    let square = slope[0] * slope[2] - slope[1] * slope[3]
    let linear =
      (start[0] * slope[2] + slope[0] * start[2]) - (start[1] * slope[3] + slope[1] * start[3])
    let constant = start[0] * start[2] - start[1] * start[3]
    let discriminant = linear * linear - 4 * square * constant
    if discriminant > 0 {
      let root = discriminant.squareRoot()
      let sum = -(linear + (linear < 0 ? -root : root)) / 2
      add(sum / square)
      add(constant / sum)
    }
    return (places, count)
  }
}

/// The parts of up to nine slices: number `4 · slice + k` is corner k of a slice. A part is a tree
/// whose root has its lowest number, so that paths from slice to slice stay short.
private struct SliceParts {
  private var parents = InlineArray<36, UInt8> { UInt8($0) }

  @inline(__always)
  private func root(_ number: Int) -> Int {
    var number = number
    while Int(parents[number]) != number { number = Int(parents[number]) }
    return number
  }

  func areOne(_ a: Int, _ b: Int) -> Bool { root(a) == root(b) }

  @inline(__always)
  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    parents[max(a, b)] = UInt8(min(a, b))
  }

  /// Joins the corners of a slice, given their values in cyclic order.
  mutating func joinInside(_ slice: Int, _ values: SIMD4<Double>) {
    var areAllDifferent = true
    for k in 0..<4 where (values[k] >= 0) == (values[(k + 1) & 3] >= 0) {
      areAllDifferent = false
      join(4 * slice + k, 4 * slice + (k + 1) & 3)
    }
    if areAllDifferent {
      let (first, second) = (values[0] * values[2], values[1] * values[3])
      let diagonal = first > second || (first == second && values[0] >= 0) ? 0 : 1
      join(4 * slice + diagonal, 4 * slice + diagonal + 2)
    }
  }
}
