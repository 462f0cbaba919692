/// Where the views of a scan lie around the circle, and how far apart.
///
/// Angles are folded into one period, sorted, and those at the same place counted as one, so that
/// nothing depends on the order of the views, on whole turns, or on where the scan began.
struct ViewSpacing: Sendable {
  let period: Double
  /// Ascending, in 0 ..< period.
  private(set) var places: [Double] = []
  /// The place of each view.
  private(set) var placeOfView: [Int]
  /// The views at each place.
  private(set) var viewCounts: [Int] = []
  /// From each place to the next, around the circle.
  let gaps: [Double]
  /// The gap between views that follow each other: half of the arc between the first and the last
  /// view lies in gaps up to this one.
  let usual: Double

  init(_ angles: [Double], period: Double) {
    self.period = period
    let folded = angles.map { angle in
      let rest = angle.truncatingRemainder(dividingBy: period)
      return rest < 0 ? min(rest + period, period.nextDown) : rest
    }
    placeOfView = Array(repeating: 0, count: angles.count)
    let same = 1e-9 * period
    for view in folded.indices.sorted(by: { (folded[$0], $0) < (folded[$1], $1) }) {
      let angle = folded[view]
      if let last = places.last, angle - last <= same {
        viewCounts[viewCounts.count - 1] += 1
      } else if let first = places.first, first + period - angle <= same {
        viewCounts[0] += 1
        continue
      } else {
        places.append(angle)
        viewCounts.append(1)
      }
      placeOfView[view] = places.count - 1
    }
    let places = places
    gaps = places.indices.map { i in
      i + 1 < places.count ? places[i + 1] - places[i] : places[0] + period - places[i]
    }
    let inner = gaps.sorted().dropLast()
    var rest = inner.reduce(0, +) / 2
    usual =
      inner.first { gap in
        rest -= gap
        return rest <= same
      } ?? period
  }

  /// The place after the largest gap.
  var first: Int {
    guard let largest = gaps.indices.max(by: { gaps[$0] < gaps[$1] }) else { return 0 }
    return (largest + 1) % gaps.count
  }

  /// The arc that the views span from ``first`` on, counting one usual gap beyond the last; the whole
  /// period where no gap stands out.
  var arc: Double {
    guard let largest = gaps.max(), largest > 2.01 * usual else { return period }
    return period - largest + usual
  }

  /// How far a view lies beyond ``first``.
  func angle(ofView view: Int) -> Double {
    let angle = places[placeOfView[view]] - places[first]
    return angle < 0 ? angle + period : angle
  }

  /// Half of what `gaps` has on both sides of each view, shared by the views of a place.
  func shares(of gaps: [Double]) -> [Double] {
    placeOfView.map { place in
      let both = gaps[place] + gaps[(place + gaps.count - 1) % gaps.count]
      return both / 2 / Double(viewCounts[place])
    }
  }
}
