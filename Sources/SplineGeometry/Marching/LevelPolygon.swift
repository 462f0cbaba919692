/// Finds the polygon in which a cell meets the zero set of the network's only output.
///
/// On the cell the output is one affine function, so the polygon is the part of a plane that lies on
/// the right side of each neuron. Only neurons whose lines in that plane come nearer to a point of
/// the polygon than its farthest corner can bound it: they are clipped in the order of that
/// distance, and of the others nothing is computed but the distance.
struct LevelPolygon {
  /// Counter-clockwise seen from where the output is negative.
  private(set) var corners: [SIMD3<Double>] = []
  /// The distance of the farthest corner from the point that the search began with.
  private(set) var radius = 0.0
  /// The chunks of neurons with one that comes as near as that.
  private(set) var nearChunks: [Int] = []

  private var points: [SIMD2<Double>] = []
  private var clipped: [SIMD2<Double>] = []
  private var values: [Double] = []
  private var nearLines: [Line] = []
  private var squaredDistances: [FormLanes.Lanes] = []

  /// The half plane `along · p + offset ≥ 0` with a gradient of length 1.
  private struct Line {
    let along: SIMD2<Double>
    let offset: Double
    /// What counts as 0.
    let tolerance: Double
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
  /// - Returns: false if the zero set misses the cell, or has no more than an edge of it.
  mutating func find(in forms: borrowing PatternForms, near point: SIMD3<Double>, guess: Double)
    -> Bool
  {
    let frame = Frame(forms.function, near: point)
    let reach = 2 * forms.domain.extent
    points.removeAll(keepingCapacity: true)
    points.append(SIMD2(-reach, -reach))
    points.append(SIMD2(reach, -reach))
    points.append(SIMD2(reach, reach))
    points.append(SIMD2(-reach, reach))
    radius = 2 * reach
    findDistances(forms, frame)
    var (from, to) = (-Double.infinity, guess)
    while from < radius {
      collectLines(forms, frame, from: from, to: to)
      collectSides(forms.domain, frame, from: from, to: to)
      for line in nearLines where line.offset < radius {
        guard clip(by: line) else { return false }
      }
      (from, to) = (to, min(2 * to, radius.nextUp))
    }
    corners.removeAll(keepingCapacity: true)
    for p in points { corners.append(frame.point(p)) }
    nearChunks.removeAll(keepingCapacity: true)
    let reached = (radius + 10 * forms.domain.tolerance) * (radius + 10 * forms.domain.tolerance)
    for chunk in squaredDistances.indices where any(squaredDistances[chunk] .<= reached) {
      nearChunks.append(chunk)
    }
    return true
  }

  /// The lines of the domain's sides whose distances from the frame's origin lie between two.
  private mutating func collectSides(
    _ domain: SplineDomain, _ frame: Frame, from: Double, to: Double
  ) {
    for side in domain.sides {
      // Sides are 0 on the boundary and negative inside.
      let normal = SIMD3(side.x, side.y, side.z)
      let along = -SIMD2((normal * frame.u).sum(), (normal * frame.v).sum())
      let slope = (along * along).sum().squareRoot()
      let offset = -side.value(at: frame.origin)
      guard slope > 1e-13, offset < to * slope, offset >= from * slope else { continue }
      insert(
        Line(along: along / slope, offset: offset / slope, tolerance: domain.tolerance / slope))
    }
  }

  /// The squared distances of the frame's origin from the lines of all neurons in its plane; 0 from
  /// those that have it on the wrong side, infinite from neurons that do not meet the plane.
  private mutating func findDistances(_ forms: borrowing PatternForms, _ frame: Frame) {
    squaredDistances.removeAll(keepingCapacity: true)
    let (origin, u, v) = (frame.origin, frame.u, frame.v)
    for chunk in forms.hidden.forms.indices {
      let form = forms.hidden.forms[chunk]
      let a = form.x * u.x + form.y * u.y + form.z * u.z
      let b = form.x * v.x + form.y * v.y + form.z * v.z
      let offset = form.values(at: origin) * forms.signs[chunk]
      let slope = a * a + b * b
      let steepness = form.x * form.x + form.y * form.y + form.z * form.z
      // Neurons whose planes are parallel to this one meet it nowhere or, a degenerate case, all
      // over.
      let isNone =
        (slope .<= 1e-26 * steepness) .& (offset .> forms.hidden.tolerances[chunk])
        .| (forms.signs[chunk] .== 0)
      squaredDistances.append(
        (offset * offset / slope).replacing(with: 0, where: offset .<= 0)
          .replacing(with: .infinity, where: isNone))
    }
  }

  /// The lines whose distances from the frame's origin lie between two, the near ones first.
  private mutating func collectLines(
    _ forms: borrowing PatternForms, _ frame: Frame, from: Double, to: Double
  ) {
    nearLines.removeAll(keepingCapacity: true)
    let (least, greatest) = (from < 0 ? -1 : from * from, to * to)
    for chunk in squaredDistances.indices {
      let squares = squaredDistances[chunk]
      let isNear = (squares .< greatest) .& (squares .>= least)
      guard any(isNear) else { continue }
      for lane in 0..<FormLanes.count where isNear[lane] {
        insert(line(forms, frame, chunk: chunk, lane: lane))
      }
    }
  }

  private func line(_ forms: borrowing PatternForms, _ frame: Frame, chunk: Int, lane: Int) -> Line
  {
    let form = forms.hidden.forms[chunk].form(lane)
    let normal = SIMD3(form.x, form.y, form.z)
    let along = SIMD2((normal * frame.u).sum(), (normal * frame.v).sum())
    let slope = (along * along).sum().squareRoot()
    let factor = forms.signs[chunk][lane] / slope
    return Line(
      along: factor * along, offset: factor * form.value(at: frame.origin),
      tolerance: forms.hidden.tolerances[chunk][lane] / slope)
  }

  private mutating func insert(_ line: Line) {
    nearLines.append(line)
    var place = nearLines.count - 1
    while place > 0, nearLines[place - 1].offset > line.offset {
      nearLines[place] = nearLines[place - 1]
      place -= 1
    }
    nearLines[place] = line
  }

  /// - Returns: false if nothing is left.
  private mutating func clip(by line: Line) -> Bool {
    values.removeAll(keepingCapacity: true)
    var (hasInside, hasOutside) = (false, false)
    for p in points {
      let value = line.offset.addingProduct(line.along.x, p.x).addingProduct(line.along.y, p.y)
      values.append(value)
      if value > line.tolerance { hasInside = true }
      if value < -line.tolerance { hasOutside = true }
    }
    guard hasInside else { return false }
    guard hasOutside else { return true }
    clipped.removeAll(keepingCapacity: true)
    var (previous, before) = (points[points.count - 1], values[points.count - 1])
    for (p, value) in zip(points, values) {
      if (before > line.tolerance && value < -line.tolerance)
        || (before < -line.tolerance && value > line.tolerance)
      {
        clipped.append(previous + (before / (before - value)) * (p - previous))
      }
      if value >= -line.tolerance { clipped.append(p) }
      (previous, before) = (p, value)
    }
    swap(&points, &clipped)
    var square = 0.0
    for p in points { square = max(square, (p * p).sum()) }
    radius = square.squareRoot()
    return points.count >= 3
  }
}
