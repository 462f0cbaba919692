import Compute
import Foundation

/// Finds the bin of the rotation axis in a sinogram of parallel beams.
///
/// A wrong axis smears every point of the slice into an arc, with negative values beside it, so that
/// the mean of |slice| over a disc is least at the right one. Slices are made with Hann's window, at
/// the resolution that the number of views allows: streaks would win otherwise. The centre of mass,
/// and a pair of opposite views, say where to search; a coarse scan around them comes first, then
/// narrower ones; a parabola gives the place between the last candidates. Strong stripes disturb it:
/// take them out first (``StripeRemoval``).
///
/// - Shape: sinograms are `[views, bins]`; any angles that cover about half a turn. Of more, half a
///   turn is taken: over a whole one a wrong axis smears points into rings that have no negative side.
/// - Source: Donath, Beckmann, Schreyer, Automated determination of the center of rotation in
///   tomography data, J. Opt. Soc. Am. A 23 (2006), metric Q_IA.
public struct CenterSearch: Sendable {
  /// An axis that was tried.
  public struct Candidate: Sendable, Equatable {
    public var center: Double
    /// The mean of |slice|, divided by that of the best candidate of the same scan: at least 1.
    public var score: Double
  }

  public struct Result: Sendable, Equatable {
    /// The bin index of the axis, fractional.
    public var center: Double
    /// The coarse scan, in order of the centres.
    public var coarseCurve: [Candidate]
    /// The scan around the result at full resolution, in order of the centres.
    public var fineCurve: [Candidate]
    /// Where the first view overlays the mirrored view half a turn away, if there is one; it is
    /// less exact where these two are not quite opposite, and independent of the rest.
    public var oppositeViews: Double?
    /// Where the centres of mass of all views have it; exact if all of the object is seen and air is
    /// zero.
    public var centerOfMass: Double?

    /// The score at the edges of the fine curve, at least 1; a value near 1 means that the data hardly
    /// tell one axis from the next.
    public var contrast: Double {
      min(fineCurve.first?.score ?? 1, fineCurve.last?.score ?? 1)
    }
  }

  /// How far from the first estimates the coarse scan goes to either side, as a share of the bins.
  public var reach: Double
  public var workers: Workers

  public init(reach: Double = 1.0 / 16, workers: Workers = Workers()) {
    precondition(reach > 0 && reach < 0.5, "a reach of \(reach) of the bins")
    self.reach = reach
    self.workers = workers
  }

  /// - Parameter scan: gives the angles; its own center is not looked at.
  public func find(in sinogram: Matrix, of scan: ScanGeometry) throws(PreparationError) -> Result {
    precondition(
      sinogram.rows == scan.viewCount && sinogram.columns == scan.binCount,
      "a sinogram is \(sinogram.rows) x \(sinogram.columns), expected \(scan.viewCount) x "
        + "\(scan.binCount)")
    let (views, arc) = try halfTurn(of: scan)
    if let i = sinogram.elements.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(
        in: "sinogram", row: i / sinogram.columns, bin: i % sinogram.columns)
    }
    let offset = Float(AirOffset.level(of: sinogram, bins: max(2, scan.binCount / 64)))
    var data = sinogram.selecting(rows: views)
    for i in data.elements.indices { data.elements[i] -= offset }
    guard data.elements.contains(where: { $0 != 0 }) else { throw .noContrast }
    let angles = views.map { scan.angles[$0] }

    // 1. Where to search.
    let opposite = oppositeViews(data, angles: angles, step: arc / Double(views.count))
    let mass = centerOfMass(data, angles: angles)
    var seeds = [opposite, mass].compactMap { $0 }
    if seeds.isEmpty { seeds = [Double(scan.binCount - 1) / 2] }
    // 2. The coarse scan, on bins and pixels of several.
    let coarse = scanCoarsely(data, angles: angles, around: seeds)
    var best = coarse.min { $0.score < $1.score }?.center ?? seeds[0]
    // 3. Narrower ones at full resolution.
    var step = Double(Self.binning(of: scan.binCount)) * Self.coarseStep / 4
    var fine: [Candidate] = []
    var finest = 0
    // The last scan is moved where it did not enclose its minimum; noise may keep it from ending.
    while finest < 4 {
      fine = score(
        data, angles: angles, centers: (-4...4).map { best + Double($0) * step }, gridSize: 256)
      let place = Self.minimum(of: fine)
      best = place.center
      if step > Self.finestStep {
        step = max(step / 3, Self.finestStep)
      } else if place.isEnclosed {
        break
      } else {
        finest += 1
      }
    }
    return Result(
      center: best, coarseCurve: coarse, fineCurve: fine, oppositeViews: opposite,
      centerOfMass: mass)
  }

  private static let coarseStep = 2.0
  private static let finestStep = 0.25

  // MARK: Data

  /// The views of half a turn from the least angle on, and the arc that they cover.
  private func halfTurn(
    of scan: ScanGeometry
  ) throws(PreparationError) -> (views: [Int], arc: Double) {
    guard scan.beam == .parallel else { throw .fanBeam }
    let start = scan.angles.min() ?? 0
    func turned(_ view: Int) -> Double {
      (scan.angles[view] - start).truncatingRemainder(dividingBy: 2 * .pi)
    }
    let views = scan.angles.indices.filter { turned($0) < .pi - 1e-6 }
    guard views.count >= 8, scan.binCount >= 16 else {
      throw .tooSmall(views: views.count, bins: scan.binCount)
    }
    let last = views.map(turned).max() ?? 0
    let arc = last * Double(views.count) / Double(views.count - 1)
    guard arc >= 170 * .pi / 180 else { throw .shortArc(degrees: arc * 180 / .pi) }
    return (views, arc)
  }

  /// Bins that become one in the wide scan.
  private static func binning(of binCount: Int) -> Int { max(1, (binCount + 160) / 320) }

  // MARK: Scores

  private func scanCoarsely(
    _ data: Matrix, angles: [Double], around seeds: [Double]
  ) -> [Candidate] {
    let binning = Self.binning(of: data.columns)
    let binned = data.binned(by: binning)
    // The middle of the first binned bin lies (binning − 1)/2 bins in.
    let start = Double(binning - 1) / 2
    let count = Int((reach * Double(binned.columns) / Self.coarseStep).rounded(.up))
    let last = Int(Double(binned.columns - 1) / Self.coarseStep)
    let places = Set(
      seeds.flatMap { seed in
        let place = Int(((seed - start) / Double(binning) / Self.coarseStep).rounded())
        return (place - count...place + count).filter { (0...last).contains($0) }
      })
    let centers = places.sorted().map { Double($0) * Self.coarseStep }
    return score(binned, angles: angles, centers: centers, gridSize: 128).map { candidate in
      Candidate(center: candidate.center * Double(binning) + start, score: candidate.score)
    }
  }

  /// Scores of several axes over a disc that holds all that the detector sees for any of them: what a
  /// wrong axis pushes over its rim would count for it.
  private func score(
    _ data: Matrix, angles: [Double], centers: [Double], gridSize: Int
  ) -> [Candidate] {
    let bins = Double(data.columns)
    let radius = bins / 2 + ((centers.last ?? 0) - (centers.first ?? 0)) / 2
    let side = min(gridSize, Int(2 * radius))
    let grid = SliceGrid(
      rows: side, columns: side, pixelSize: 2 * radius / Double(side), convention: .astra)
    let inside = grid.circle(radius: radius)
    // Views are this many bins apart at the rim.
    let distance = Double.pi * bins / 2 / Double(angles.count)
    let frequencyScale = min(1, max(0.05, 2 / distance))
    // Air on both sides, for what the filter spreads beyond the detector; without it a tall object
    // draws the axis towards the farther end.
    let margin = data.columns / 4
    let padded = data.padded(by: margin)
    let scores = centers.map { center in
      let scan = ScanGeometry(
        angles: angles, binCount: padded.columns, center: center + Double(margin))
      let slice = FilteredBackprojection(
        scan, grid, window: .hann, frequencyScale: frequencyScale, convention: .astra,
        workers: workers
      ).reconstruct(padded)
      return zip(slice.elements, inside).reduce(0.0) { $1.1 ? $0 + Double(abs($1.0)) : $0 }
    }
    let least = scores.min() ?? 1
    return zip(centers, scores).map { Candidate(center: $0, score: least > 0 ? $1 / least : 1) }
  }

  /// The bottom of the parabola that fits nine evenly spaced candidates best; the best one itself
  /// where that is no bottom or the best is at an end.
  private static func minimum(of curve: [Candidate]) -> (center: Double, isEnclosed: Bool) {
    let best = curve.indices.min { curve[$0].score < curve[$1].score } ?? 0
    guard best > 0, best < curve.count - 1 else { return (curve[best].center, false) }
    // Least squares over −4 … 4: Σk² = 60, Σk⁴ = 708.
    var sums = (0.0, 0.0, 0.0)
    for (k, candidate) in zip(-4...4, curve) {
      let y = candidate.score
      sums = (sums.0 + y, sums.1 + Double(k) * y, sums.2 + Double(k * k) * y)
    }
    let slope = sums.1 / 60
    let curvature = (9 * sums.2 - 60 * sums.0) / (9 * 708 - 60 * 60)
    let place = -slope / (2 * curvature)
    guard curvature > 0, abs(place) < 4 else { return (curve[best].center, true) }
    return (curve[4].center + place * (curve[5].center - curve[4].center), true)
  }

  /// Where the parabola through three values at −1, 0 and 1 has its extremum, within ±1.
  private static func vertex(_ left: Double, _ middle: Double, _ right: Double) -> Double {
    let curvature = left - 2 * middle + right
    guard curvature != 0 else { return 0 }
    return min(max((left - right) / (2 * curvature), -1), 1)
  }

  // MARK: First estimates

  /// The mass of a view has its centre at `center + x cos θ + y sin θ`, with (x, y) the slice's centre
  /// of mass: a fit over all views gives the axis.
  private func centerOfMass(_ data: Matrix, angles: [Double]) -> Double? {
    // Normal equations of three unknowns, with the fourth column for the right side.
    var equations = [[Double]](repeating: [0, 0, 0, 0], count: 3)
    for (view, angle) in angles.enumerated() {
      var (mass, moment) = (0.0, 0.0)
      for bin in 0..<data.columns {
        mass += Double(data[view, bin])
        moment += Double(bin) * Double(data[view, bin])
      }
      guard mass > 0 else { return nil }
      let row = [1, cos(angle), sin(angle), moment / mass]
      for i in 0..<3 {
        for j in 0..<4 { equations[i][j] += row[i] * row[j] }
      }
    }
    for pivot in 0..<3 {
      guard abs(equations[pivot][pivot]) > 1e-9 else { return nil }
      for i in 0..<3 where i != pivot {
        let factor = equations[i][pivot] / equations[pivot][pivot]
        for j in pivot..<4 { equations[i][j] -= factor * equations[pivot][j] }
      }
    }
    let center = equations[0][3] / equations[0][0]
    return center > 0 && center < Double(data.columns - 1) ? center : nil
  }

  /// The axis at which a view overlays its opposite, mirrored: the best correlation of their slopes
  /// over half-bin shifts of the axis.
  private func oppositeViews(_ data: Matrix, angles: [Double], step: Double) -> Double? {
    let order = angles.indices.sorted { (angles[$0], $0) < (angles[$1], $1) }
    guard let first = order.first, let last = order.last else { return nil }
    // Half a turn itself was left out; one step short of it is the nearest there is.
    guard abs(angles[last] - angles[first] - .pi) < 1.01 * step else { return nil }
    let left = data.slopes(row: first)
    let right = data.slopes(row: last)
    let count = left.count
    let reach = count / 3
    // A slope k lies at bin k + ½; mirrored at c it comes to 2 c − k − ½: sums of indices are
    // 2 c − 1, and slopes change their sign.
    let sums = (-2 * reach...2 * reach).map { count - 1 + $0 }
    let correlations = sums.map { sum in
      var (product, squares) = (0.0, (0.0, 0.0))
      for k in max(0, sum - count + 1)...min(count - 1, sum) {
        product -= left[k] * right[sum - k]
        squares.0 += left[k] * left[k]
        squares.1 += right[sum - k] * right[sum - k]
      }
      let size = (squares.0 * squares.1).squareRoot()
      return size > 0 ? product / size : 0
    }
    guard let best = correlations.indices.max(by: { correlations[$0] < correlations[$1] }),
      correlations[best] > 0.3, best > 0, best < correlations.count - 1
    else { return nil }
    let shift = Self.vertex(
      correlations[best - 1], correlations[best], correlations[best + 1])
    return (Double(sums[best]) + 1 + shift) / 2
  }
}

extension Matrix {
  fileprivate func selecting(rows kept: [Int]) -> Matrix {
    Matrix(
      rows: kept.count, columns: columns,
      elements: kept.flatMap { elements[$0 * columns..<($0 + 1) * columns] })
  }

  /// Zeros on both sides.
  fileprivate func padded(by count: Int) -> Matrix {
    let zeros = [Float](repeating: 0, count: count)
    return Matrix(
      rows: rows, columns: columns + 2 * count,
      elements: (0..<rows).flatMap { row in
        zeros + elements[row * columns..<(row + 1) * columns] + zeros
      })
  }

  /// Means of `count` columns each; columns that do not fill one are left out.
  fileprivate func binned(by count: Int) -> Matrix {
    guard count > 1 else { return self }
    var result = Matrix(rows: rows, columns: columns / count)
    for row in 0..<rows {
      for column in 0..<result.columns {
        let first = row * columns + column * count
        result[row, column] = elements[first..<first + count].reduce(0, +) / Float(count)
      }
    }
    return result
  }

  /// Differences of neighbouring means over a few columns, which noise and stripes disturb less than
  /// those of single ones.
  fileprivate func slopes(row: Int) -> [Double] {
    let half = max(2, columns / 128)
    let line = (0..<columns).map { Double(self[row, $0]) }
    let means = line.indices.map { i in
      let part = line[max(0, i - half)...min(columns - 1, i + half)]
      return part.reduce(0, +) / Double(part.count)
    }
    return zip(means.dropFirst(), means).map { $0 - $1 }
  }
}
