import Compute

/// Asked after each iteration whether to go on: gets the number of iterations done and the norm of
/// the weighted residual, `√Σ w (A x − b)²`.
public typealias IterationCallback = (_ iteration: Int, _ residualNorm: Double) -> Bool

/// A method that improves a slice step by step until it explains the measured sinogram.
///
/// - Shapes: slices `[rows, columns]`, sinograms and weights `[views, bins]`, masks one element a
///   pixel, row by row.
/// - Units: slice value × length for sinograms, in the unit of the projector's pixel size.
public protocol IterativeReconstruction: Sendable {
  /// Steps at most.
  var iterations: Int { get set }
  /// Whether the slice is kept from falling below zero.
  var isNonNegative: Bool { get set }
  /// The pixels that may differ from zero; all where there is none.
  var mask: [Bool]? { get set }
  /// What each ray counts in the sum of squares: the inverse of its variance, up to a factor. A ray
  /// of weight 0 is not there.
  var weights: Matrix? { get set }
  /// Iterating ends when the slice changes by less than this share of its norm; 0 never ends it.
  var tolerance: Double { get set }

  /// The slice of a sinogram.
  ///
  /// - Parameters:
  ///   - start: what to begin with; zero where there is none.
  ///   - afterIteration: ends the work by returning false; the slice so far is returned.
  func reconstruct(
    _ sinogram: Matrix, with projector: Projector, start: Matrix?,
    afterIteration: IterationCallback?
  ) throws -> Matrix
}

extension IterativeReconstruction {
  public func reconstruct(_ sinogram: Matrix, with projector: Projector) throws -> Matrix {
    try reconstruct(sinogram, with: projector, start: nil, afterIteration: nil)
  }

  /// The problem that these options pose, once they have been found to fit each other.
  func problem(_ sinogram: Matrix, _ projector: Projector) throws(IterativeReconstructionError)
    -> TomographyProblem
  {
    try TomographyProblem(sinogram, projector, mask: mask, weights: weights)
  }
}

/// Why a slice cannot be reconstructed from what was handed in.
public enum IterativeReconstructionError: Error, Equatable, CustomStringConvertible {
  case shape(of: String, found: [Int], expected: [Int])
  case mask(found: Int, expected: Int)
  case emptyMask
  case notFinite(String, row: Int, column: Int)
  case negativeWeight(view: Int, bin: Int, value: Float)
  case noWeight
  case parameter(String, value: Double, expected: String)
  case tooFewViews(found: Int, needed: Int)

  public var description: String {
    switch self {
    case .shape(let name, let found, let expected):
      "the \(name) has \(found[0]) x \(found[1]) elements, the projector expects \(expected[0]) x "
        + "\(expected[1])"
    case .mask(let found, let expected):
      "the mask has \(found) elements, the slice \(expected) pixels"
    case .emptyMask: "the mask lets no pixel differ from zero; mark those of the object"
    case .notFinite(let name, let row, let column):
      "the \(name) has a number at [\(row), \(column)] that is not finite; remove or replace it"
    case .negativeWeight(let view, let bin, let value):
      "the ray of view \(view), bin \(bin) has the weight \(value); weights are 0 or more"
    case .noWeight: "all rays have the weight 0; at least one must count"
    case .parameter(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)"
    case .tooFewViews(let found, let needed):
      "\(found) views are too few to hold some out; at least \(needed) are needed"
    }
  }
}

/// Sinogram, projector, mask and weights, checked, in the form that the methods iterate on.
struct TomographyProblem: ~Copyable, Sendable {
  let projector: Projector
  let measured: Plane
  /// 1 where a pixel may differ from zero, 0 elsewhere.
  let support: Plane
  /// Weights with the largest 1.
  let weights: Plane
  /// What the weights were divided by.
  let weightScale: Double

  var workers: Workers { projector.workers }
  var grid: SliceGrid { projector.grid }

  init(_ sinogram: Matrix, _ projector: Projector, mask: [Bool]?, weights: Matrix?)
    throws(IterativeReconstructionError)
  {
    let scan = projector.scan
    let shape = [scan.viewCount, scan.binCount]
    try Self.check(sinogram, "sinogram", shape)
    let inside = try Self.support(mask, projector.grid)
    let (scale, normalised) = try Self.normalised(weights, shape)
    self.projector = projector
    measured = Plane(sinogram, projector.workers)
    support = Plane(inside, projector.workers)
    self.weights = Plane(normalised, projector.workers)
    weightScale = scale
  }

  /// The weights over the largest of them, and that.
  private static func normalised(_ weights: Matrix?, _ shape: [Int])
    throws(IterativeReconstructionError) -> (scale: Double, weights: Matrix)
  {
    guard var weights else {
      let ones = [Float](repeating: 1, count: shape[0] * shape[1])
      return (1, Matrix(rows: shape[0], columns: shape[1], elements: ones))
    }
    try check(weights, "weights", shape)
    var largest: Float = 0
    for (i, weight) in weights.elements.enumerated() {
      guard weight >= 0 else {
        throw .negativeWeight(view: i / shape[1], bin: i % shape[1], value: weight)
      }
      largest = max(largest, weight)
    }
    guard largest > 0 || weights.elements.isEmpty else { throw .noWeight }
    let scale = largest > 0 ? largest : 1
    weights.elements = weights.elements.map { $0 / scale }
    return (Double(scale), weights)
  }

  static func check(_ matrix: Matrix, _ name: String, _ shape: [Int])
    throws(IterativeReconstructionError)
  {
    guard [matrix.rows, matrix.columns] == shape else {
      throw .shape(of: name, found: [matrix.rows, matrix.columns], expected: shape)
    }
    if let i = matrix.elements.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(name, row: i / shape[1], column: i % shape[1])
    }
  }

  private static func support(_ mask: [Bool]?, _ grid: SliceGrid)
    throws(IterativeReconstructionError) -> Matrix
  {
    let mask = mask ?? Array(repeating: true, count: grid.pixelCount)
    guard mask.count == grid.pixelCount else {
      throw .mask(found: mask.count, expected: grid.pixelCount)
    }
    guard mask.contains(true) else { throw .emptyMask }
    return Matrix(rows: grid.rows, columns: grid.columns, elements: mask.map { $0 ? 1 : 0 })
  }

  /// A slice to begin with: zero outside the mask, and below zero where that is asked.
  func start(_ slice: Matrix?, isNonNegative: Bool) throws(IterativeReconstructionError) -> Plane {
    guard let slice else { return Plane(rows: grid.rows, columns: grid.columns) }
    try Self.check(slice, "start", [grid.rows, grid.columns])
    let plane = Plane(slice, workers)
    restrict(plane, isNonNegative: isNonNegative)
    return plane
  }

  /// Sets a slice to zero outside the mask, and where it is negative if that is asked.
  func restrict(_ slice: borrowing Plane, isNonNegative: Bool) {
    let floor = Self.floor(isNonNegative)
    slice.forEachBand(workers) { rows in
      var x = slice.vectors(ofRows: rows)
      let inside = support.reading(rows: rows)
      for i in x.indices { x[i] = atLeast(floor, x[i]) * inside[i] }
    }
  }

  static func floor(_ isNonNegative: Bool) -> Vector {
    Vector(repeating: isNonNegative ? 0 : -.greatestFiniteMagnitude)
  }

  /// The length of each ray within the mask, but at least a tenth of a pixel's side: rays that touch
  /// a corner alone would get any weight.
  func rowSums() -> Matrix {
    var sums = projector.project(support.matrix)
    let least = Float(0.1 * grid.pixelSize)
    sums.elements = sums.elements.map { max($0, least) }
    return sums
  }
}

/// The larger of both, lane by lane.
@inline(always)
func atLeast(_ low: Vector, _ x: Vector) -> Vector { x.replacing(with: low, where: x .< low) }
