/// Finds the polygon in which a cell meets the zero set of the network's only output.
///
/// On the cell the output is one affine function, so the polygon is the part of a plane that lies on
/// the right side of each neuron and each side of the domain. Only those whose lines in that plane
/// come nearer to a point of the polygon than its farthest corner can bound it: they are clipped in
/// the order of that distance, and of the others nothing is computed but the distance.
struct LevelPolygon {
  /// Counter-clockwise seen from where the output is negative; the first `count`.
  private(set) var corners: [SIMD3<Double>] = []
  /// What makes each corner the same one in all cells.
  private(set) var identities: [SIMD2<UInt64>] = []
  /// For each corner how many lines run through it and the next, and one of these lines.
  private(set) var edges: [(lineCount: Int, line: Int)] = []
  /// Corners.
  private(set) var count = 0
  /// The lines that came near the polygon.
  private(set) var lines: [Line] = []
  /// The distance of the farthest corner from the point that the search began with.
  private(set) var radius = 0.0

  /// The corners in the plane, and room for more.
  private var points: [SIMD2<Double>] = []
  private var clipped: [SIMD2<Double>] = []
  private var values: [Double] = []
  private var zeros: [Bool] = []
  private var candidates: [Candidate] = []
  private var candidateCount = 0
  private var nearChunks: [Int] = []
  private var squaredDistances: [FormLanes.Lanes] = []

  /// The half plane `along · p + offset ≥ 0` with a gradient of length 1, on which a neuron has its
  /// sign, or which lies inside of a side.
  struct Line {
    fileprivate let along: SIMD2<Double>
    fileprivate let offset: Double
    /// What counts as 0.
    fileprivate let tolerance: Double
    let chunk: Int
    let lane: Int
    /// Whether what counts as 0 is rounding alone, and no distance.
    let isConstant: Bool
  }

  private struct Candidate {
    let squaredDistance: Double
    let chunk: Int
    let lane: Int
  }

  /// Orthonormal axes of a plane through a point.
  struct Frame {
    let origin: SIMD3<Double>
    let u: SIMD3<Double>
    let v: SIMD3<Double>

    /// The plane where a form is 0, at its point nearest to `point`.
    init(_ form: AffineForm, near point: SIMD3<Double>) {
      let gradient = SIMD3(form.x, form.y, form.z)
      let slope = length(gradient)
      let normal = gradient / slope
      origin = point - (form.value(at: point) / slope) * normal
      // The axis that is least along the normal.
      let size = normal * normal
      let axis: SIMD3<Double> =
        size.x <= size.y && size.x <= size.z
        ? SIMD3(1, 0, 0) : size.y <= size.z ? SIMD3(0, 1, 0) : SIMD3(0, 0, 1)
      let across = cross(axis, normal)
      u = across / length(across)
      v = cross(u, normal)
    }

    func point(_ p: SIMD2<Double>) -> SIMD3<Double> { origin + p.x * u + p.y * v }
  }

  /// - Parameters:
  ///   - point: on the polygon, or not far from it.
  ///   - guess: of the radius.
  /// - Returns: false if the zero set misses the cell, or has no more than an edge of it, or if
  ///   something vanishes on all of it.
  mutating func find(in forms: borrowing PatternForms, near point: SIMD3<Double>, guess: Double)
    -> Bool
  {
    makeRoom(chunks: forms.forms.count)
    let frame = Frame(forms.function, near: point)
    let reach = 2 * forms.domain.extent
    points[0] = SIMD2(-reach, -reach)
    points[1] = SIMD2(reach, -reach)
    points[2] = SIMD2(reach, reach)
    points[3] = SIMD2(-reach, reach)
    count = 4
    lines.removeAll(keepingCapacity: true)
    radius = 2 * reach
    // Lines that pass a corner at less than this may vanish there.
    let margin = 10 * forms.domain.tolerance
    var (from, to) = (-Double.infinity, guess)
    findDistances(forms, frame)
    while true {
      collectCandidates(from: from, to: to)
      for k in 0..<candidateCount {
        let reached = radius + margin
        guard candidates[k].squaredDistance < reached * reached else { break }
        guard clip(by: candidates[k], forms, frame) else { return false }
      }
      guard to < radius + margin else { break }
      (from, to) = (to, 2 * to)
    }
    findCorners(forms, frame)
    return true
  }

  private mutating func makeRoom(chunks: Int) {
    guard squaredDistances.count != chunks else { return }
    squaredDistances = Array(repeating: .zero, count: chunks)
    nearChunks = Array(repeating: 0, count: chunks + 1)
    candidates = Array(
      repeating: Candidate(squaredDistance: 0, chunk: 0, lane: 0),
      count: FormLanes.count * chunks)
    makeRoom(corners: 16)
  }

  private mutating func makeRoom(corners count: Int) {
    points += Array(repeating: .zero, count: count - points.count)
    clipped += Array(repeating: .zero, count: count - clipped.count)
    values += Array(repeating: 0, count: count - values.count)
    corners += Array(repeating: .zero, count: count - corners.count)
    identities += Array(repeating: .zero, count: count - identities.count)
    edges += Array(repeating: (lineCount: 0, line: 0), count: count - edges.count)
    zeros += Array(repeating: false, count: count - zeros.count)
  }

  /// The squared distances of the frame's origin from the lines of all neurons and sides in its
  /// plane: 0 from those that have it on the wrong side, infinite from what has no line, and no number
  /// where something vanishes on the whole plane.
  ///
  /// This loop calls nothing and grows nothing, so that it stays in vectors of eight.
  private mutating func findDistances(_ forms: borrowing PatternForms, _ frame: Frame) {
    let (origin, u, v) = (frame.origin, frame.u, frame.v)
    let chunks = forms.forms.span
    let signs = forms.signs.span
    var squares = squaredDistances.mutableSpan
    for chunk in chunks.indices {
      let form = chunks[chunk]
      let sign = signs[chunk]
      let a = (form.x * u.x).addingProduct(form.y, u.y).addingProduct(form.z, u.z)
      let b = (form.x * v.x).addingProduct(form.y, v.y).addingProduct(form.z, v.z)
      let offset = greater(form.values(at: origin) * sign, .zero)
      let square = offset * offset / (a * a).addingProduct(b, b)
      squares[chunk] = square.replacing(with: .infinity, where: sign .== 0)
    }
  }

  /// Collects the lines whose distances from the frame's origin lie between two, the near ones first.
  private mutating func collectCandidates(from: Double, to: Double) {
    candidateCount = Self.collect(
      squaredDistances, from: from < 0 ? -1 : from * from, to: to * to, &candidates, &nearChunks)
  }

  /// - Returns: how many there are.
  private static func collect(
    _ squaredDistances: [FormLanes.Lanes], from least: Double, to greatest: Double,
    _ candidates: inout [Candidate], _ nearChunks: inout [Int]
  ) -> Int {
    let squares = squaredDistances.span
    // No branch depends on where the near ones are.
    var nearChunks = nearChunks.mutableSpan
    var nearCount = 0
    for chunk in squares.indices {
      nearChunks[nearCount] = chunk
      nearCount += all(isElsewhere(squares[chunk], least, greatest)) ? 0 : 1
    }
    var list = candidates.mutableSpan
    var count = 0
    for k in 0..<nearCount {
      let chunk = nearChunks[k]
      var lanes = (.!isElsewhere(squares[chunk], least, greatest)).bits
      while lanes != 0 {
        let lane = lanes.trailingZeroBitCount
        lanes &= lanes - 1
        let square = squares[chunk][lane & 7]
        var place = count
        while place > 0, !(list[place - 1].squaredDistance <= square) {
          list[place] = list[place - 1]
          place -= 1
        }
        list[place] = Candidate(squaredDistance: square, chunk: chunk, lane: lane)
        count += 1
      }
    }
    return count
  }

  /// What is no number is nowhere else.
  @inline(__always)
  private static func isElsewhere(
    _ squares: FormLanes.Lanes, _ least: Double, _ greatest: Double
  ) -> SIMDMask<SIMD8<Int64>> {
    (squares .>= greatest) .| (squares .< least)
  }

  /// - Returns: false if nothing is left.
  private mutating func clip(
    by candidate: Candidate, _ forms: borrowing PatternForms, _ frame: Frame
  ) -> Bool {
    let form = forms.forms[candidate.chunk].form(candidate.lane)
    let normal = SIMD3(form.x, form.y, form.z)
    let along = SIMD2((normal * frame.u).sum(), (normal * frame.v).sum())
    let squaredSlope = (along * along).sum()
    let steepness = (normal * normal).sum()
    let sign = forms.signs[candidate.chunk][candidate.lane]
    let offset = sign * form.value(at: frame.origin)
    let distance = steepness.squareRoot() * forms.domain.tolerance
    let tolerance = distance + forms.roundings[candidate.chunk]
    // Planes that are parallel to this one meet it nowhere or, a degenerate case, all over.
    guard squaredSlope > 1e-26 * steepness else { return offset > tolerance }
    let slope = squaredSlope.squareRoot()
    let line = Line(
      along: (sign / slope) * along, offset: offset / slope, tolerance: tolerance / slope,
      chunk: candidate.chunk, lane: candidate.lane, isConstant: distance < 0.001 * tolerance)
    lines.append(line)
    return clip(by: line)
  }

  /// - Returns: false if nothing is left.
  private mutating func clip(by line: Line) -> Bool {
    let tolerance = line.tolerance
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for k in 0..<count {
      let value = line.value(at: points[k])
      values[k] = value
      least = value < least ? value : least
      greatest = value > greatest ? value : greatest
    }
    guard greatest > tolerance else { return false }
    guard least < -tolerance else { return true }
    // Each corner writes where the edge before it crosses the line, and itself, and then moves on
    // behind what is left: without branches, which nobody could predict.
    if clipped.count < 2 * count + 2 { makeRoom(corners: 4 * count) }
    var newCount = 0
    var (previous, before) = (points[count - 1], values[count - 1])
    for k in 0..<count {
      let (p, value) = (points[k], values[k])
      let (inside, outside) = (max(before, value), min(before, value))
      clipped[newCount] = previous + (before / (before - value)) * (p - previous)
      newCount += (inside > tolerance) && (outside < -tolerance) ? 1 : 0
      clipped[newCount] = p
      newCount += value >= -tolerance ? 1 : 0
      (previous, before) = (p, value)
    }
    swap(&points, &clipped)
    count = newCount
    var square = 0.0
    for k in 0..<count { square = max(square, (points[k] * points[k]).sum()) }
    radius = square.squareRoot()
    return count >= 3
  }

  private mutating func findCorners(_ forms: borrowing PatternForms, _ frame: Frame) {
    for k in 0..<count {
      corners[k] = frame.point(points[k])
      identities[k] = forms.hash
      edges[k] = (lineCount: 0, line: 0)
    }
    for (number, line) in lines.enumerated() {
      let word = forms.word(ofVanishing: forms.number(atChunk: line.chunk, lane: line.lane))
      for k in 0..<count {
        let isZero = abs(line.value(at: points[k])) <= line.tolerance
        zeros[k] = isZero
        identities[k] ^= isZero ? word : .zero
      }
      var isZero = zeros[0]
      for k in (0..<count).reversed() {
        let isEdge = zeros[k] && isZero
        edges[k].lineCount += isEdge ? 1 : 0
        edges[k].line = isEdge ? number : edges[k].line
        isZero = zeros[k]
      }
    }
  }

  /// Whether a line runs through a corner and the next.
  func runs(_ line: Line, alongEdge k: Int) -> Bool {
    let next = k + 1 < count ? k + 1 : 0
    return abs(line.value(at: points[k])) <= line.tolerance
      && abs(line.value(at: points[next])) <= line.tolerance
  }
}

extension LevelPolygon.Line {
  @inline(__always)
  fileprivate func value(at p: SIMD2<Double>) -> Double {
    offset.addingProduct(along.x, p.x).addingProduct(along.y, p.y)
  }
}
