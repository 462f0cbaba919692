/// Convex polygons that are cut in two again and again, depth first.
///
/// The polygon that is worked on is the last one; its parts are put behind it, and once both are done
/// it is the last one again.
///
/// The side from a corner to the next one has the number of the line that it lies on. Where just the
/// lines of its two sides meet in a corner, nothing more is kept; corners where more do, in degenerate
/// arrangements, have a list.
struct PolygonStack {
  typealias Polygon = Range<Int>

  // What the polygons use of these arrays ends with the last one.
  private(set) var points: [SIMD2<Double>] = []
  private(set) var sides: [Int32] = []
  /// Which of the ``meetings`` a corner has; −1: that of its two sides.
  private var special: [Int32] = []
  /// Lines that meet in one point.
  private var meetings: [[Int32]] = []
  private var top = 0

  // The cut under way, of the last polygon's corners.
  private var signs: [Int8] = []
  private var values: [Double] = []

  /// Empties the stack and puts a polygon there.
  mutating func start(with polygon: LabelledPolygon) -> Polygon {
    let count = polygon.points.count
    makeRoom(for: count)
    meetings = []
    for k in 0..<count {
      points[k] = polygon.points[k]
      sides[k] = polygon.sides[k]
      special[k] = -1
      if let lines = polygon.meetings[k] { setMeeting(lines, at: k) }
    }
    top = count
    return 0..<count
  }

  func labelled(_ polygon: Polygon) -> LabelledPolygon {
    LabelledPolygon(
      points: Array(points[polygon]), sides: Array(sides[polygon]),
      meetings: special[polygon].map { $0 < 0 ? nil : meetings[Int($0)] })
  }

  /// Removes all that stands behind a polygon.
  mutating func removeAll(behind polygon: Polygon) { top = polygon.upperBound }

  /// Sets the signs of a polygon's corners by an affine form; 0 where it is within `tolerance`.
  mutating func classify(
    _ polygon: Polygon, by form: PlaneForm, tolerance: Double
  ) -> CellStack.SignSet {
    Self.classify(points, polygon, form, tolerance, &signs, &values)
  }

  // Storage of the stack that is written at the same time has to be passed on piece by piece.
  @inline(__always)
  private static func classify(
    _ points: [SIMD2<Double>], _ polygon: Polygon, _ form: PlaneForm, _ tolerance: Double,
    _ signs: inout [Int8], _ values: inout [Double]
  ) -> CellStack.SignSet {
    let points = points.span.extracting(polygon)
    var signs = signs.mutableSpan
    var values = values.mutableSpan
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for k in points.indices {
      let value = form.value(at: points[k])
      signs[k] = value > tolerance ? 1 : value < -tolerance ? -1 : 0
      values[k] = value
      least = value < least ? value : least
      greatest = value > greatest ? value : greatest
    }
    return CellStack.SignSet(least: least, greatest: greatest, tolerance: tolerance)
  }

  /// Cuts a polygon whose signs have been set by a line into a positive and a negative part, the
  /// positive one last; nil if the signs do not divide it into two convex ones, which only polygons
  /// thinner than the tolerance can do.
  mutating func split(
    _ polygon: Polygon, by line: Int32
  ) -> (positive: Polygon, negative: Polygon)? {
    let count = polygon.count
    var (positiveCount, negativeCount, meetingCount) = (0, 0, 0)
    var before = signs[count - 1]
    for k in 0..<count {
      let sign = signs[k]
      if sign > 0 { positiveCount += 1 } else if sign < 0 { negativeCount += 1 }
      if sign == 0 || sign &* before < 0 { meetingCount += 1 }
      before = sign
    }
    guard meetingCount == 2 else { return nil }
    makeRoom(for: top + count + 4)
    var negative = top
    var positive = top + negativeCount + 2
    let parts = (
      positive: positive..<positive + positiveCount + 2, negative: negative..<positive
    )
    for k in 0..<count {
      let corner = polygon.lowerBound + k
      let next = k + 1 == count ? 0 : k + 1
      let (sign, after) = (signs[k], signs[next])
      if sign == 0 { markVanishing(line, at: corner, of: polygon) }
      if sign >= 0 {
        put(corner, at: positive, side: sign == 0 && after < 0 ? line : sides[corner])
        positive += 1
      }
      if sign <= 0 {
        put(corner, at: negative, side: sign == 0 && after > 0 ? line : sides[corner])
        negative += 1
      }
      guard sign &* after < 0 else { continue }
      // From the negative to the positive end, so that both cells at a side find the same point.
      let (low, high) = sign < 0 ? (k, next) : (next, k)
      let share = values[low] / (values[low] - values[high])
      let from = points[polygon.lowerBound + low]
      points[positive] = from + share * (points[polygon.lowerBound + high] - from)
      points[negative] = points[positive]
      sides[positive] = sign > 0 ? line : sides[corner]
      sides[negative] = sign > 0 ? sides[corner] : line
      special[positive] = meeting(of: line, withSide: corner, to: polygon.lowerBound + next)
      special[negative] = special[positive]
      positive += 1
      negative += 1
    }
    top = parts.positive.upperBound
    return parts
  }

  /// Notes that a line which does not cut a polygon vanishes at those of its corners whose sign is 0.
  mutating func markTouching(_ line: Int32, _ polygon: Polygon) {
    for k in 0..<polygon.count where signs[k] == 0 {
      markVanishing(line, at: polygon.lowerBound + k, of: polygon)
    }
  }

  /// Calls `body` with each line through a corner of a polygon.
  @inline(__always)
  func forEachLine(at corner: Int, of polygon: Polygon, _ body: (Int32) -> Void) {
    let number = special[corner]
    guard number >= 0 else {
      body(sides[Self.previous(corner, of: polygon)])
      body(sides[corner])
      return
    }
    for line in meetings[Int(number)] { body(line) }
  }

  @inline(__always)
  static func previous(_ corner: Int, of polygon: Polygon) -> Int {
    corner == polygon.lowerBound ? polygon.upperBound - 1 : corner - 1
  }

  @inline(__always)
  private mutating func put(_ corner: Int, at place: Int, side: Int32) {
    points[place] = points[corner]
    sides[place] = side
    special[place] = special[corner]
  }

  private mutating func markVanishing(_ line: Int32, at corner: Int, of polygon: Polygon) {
    var lines: [Int32] = []
    forEachLine(at: corner, of: polygon) { if !lines.contains($0) { lines.append($0) } }
    if !lines.contains(line) { lines.append(line) }
    setMeeting(lines, at: corner)
  }

  /// The meeting of a line with a side, along which several lines may run.
  private mutating func meeting(of line: Int32, withSide corner: Int, to next: Int) -> Int32 {
    let (a, b) = (special[corner], special[next])
    guard a >= 0, b >= 0 else { return -1 }
    let along = meetings[Int(a)].filter { meetings[Int(b)].contains($0) }
    guard along.count > 1 else { return -1 }
    meetings.append(along + [line])
    return Int32(meetings.count - 1)
  }

  private mutating func setMeeting(_ lines: [Int32], at corner: Int) {
    special[corner] = Int32(meetings.count)
    meetings.append(lines)
  }

  private mutating func makeRoom(for count: Int) {
    guard points.count < count else { return }
    let more = 2 * count - points.count
    points.append(contentsOf: repeatElement(.zero, count: more))
    sides.append(contentsOf: repeatElement(0, count: more))
    special.append(contentsOf: repeatElement(-1, count: more))
    signs.append(contentsOf: repeatElement(0, count: more))
    values.append(contentsOf: repeatElement(0, count: more))
  }
}

/// A convex polygon, counter-clockwise, whose sides know the lines that they lie on.
struct LabelledPolygon: Sendable {
  var points: [SIMD2<Double>]
  /// Of the side from each corner to the next.
  var sides: [Int32]
  /// The lines through a corner, where there are more than those of its sides.
  var meetings: [[Int32]?]
}
