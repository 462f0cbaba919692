import Compute
import Foundation
import Training

/// A sinogram and its geometry in units that suit a network: pixels have side 1, and the slice's
/// values are about 1 where it is densest.
package struct SliceProblem: Sendable {
  package let projector: Projector
  package var sinogram: Matrix
  /// The sinogram with what a rough slice says in the places of the rays that training does not see.
  package var filled: Matrix
  /// What each ray counts, of mean 1 over the rays; 0 for those held out.
  package var weights: Matrix
  /// For the rays held out, what they count; nil where there are none.
  package let heldOut: Matrix?
  /// Where the slice may differ from zero.
  package let mask: [Bool]?
  /// A slice of this problem times this is one in the caller's units.
  package let scale: Double

  package init(
    _ sinogram: Matrix, _ configuration: SliceFitConfiguration, weights given: Matrix?,
    workers: Workers
  )
    throws(SliceFitError)
  {
    try Self.checkProjection(configuration)
    let fine = configuration.grid.refined(by: configuration.supersampling)
    projector = Projector(
      configuration.scan.inUnits(of: fine.pixelSize), fine.inUnits(of: fine.pixelSize),
      model: configuration.projection, workers: workers)
    mask = Self.mask(configuration)
    guard mask?.contains(true) ?? true else { throw .solver(.emptyMask) }
    let held = Self.heldOutRays(sinogram, configuration)
    let trust = Self.trust(sinogram, configuration, given: given)
    // Rays that are held out have no say in anything that follows.
    let seen = trust.indices.map { trust[$0] > 0 && !held[$0] }
    guard seen.contains(true) else { throw .nothingTrained(share: configuration.holdOut) }
    let largest = zip(sinogram.elements, seen).reduce(0) { $1.1 ? max($0, $1.0) : $0 }
    guard largest > 0 else { throw .empty(largest: sinogram.elements.max() ?? 0) }
    let coarse = Projector(
      configuration.scan, configuration.grid, model: configuration.projection, workers: workers)
    let slice = try Self.roughSlice(of: sinogram, seen, coarse)
    scale = try Self.density(of: slice, largest: largest, configuration.grid)
    let unit = Float(1 / (scale * fine.pixelSize))
    self.sinogram = sinogram.scaled(by: unit)
    var filled = sinogram
    if seen.contains(false) {
      let values = coarse.project(slice)
      for i in seen.indices where !seen[i] { filled.elements[i] = values.elements[i] }
    }
    self.filled = filled.scaled(by: unit)

    let (sum, count) = zip(trust, held).reduce((0.0, 0.0)) {
      $1.1 ? $0 : ($0.0 + $1.0, $0.1 + 1)
    }
    func matrix(_ keeps: (Int) -> Bool) -> Matrix {
      Matrix(
        rows: sinogram.rows, columns: sinogram.columns,
        elements: trust.indices.map { keeps($0) ? Float(trust[$0] / (sum / count)) : 0 })
    }
    weights = matrix { !held[$0] }
    heldOut = held.contains(true) ? matrix { held[$0] } : nil
  }

  private static func checkProjection(_ configuration: SliceFitConfiguration)
    throws(SliceFitError)
  {
    if configuration.projection == .rotation, configuration.supersampling > 1 {
      throw .supersampledRotation(factor: configuration.supersampling)
    }
    if configuration.projection == .rotation, configuration.scan.beam != .parallel {
      throw .rotatedFan
    }
  }

  /// The pixels of the inscribed circle, with all points of each.
  private static func mask(_ configuration: SliceFitConfiguration) -> [Bool]? {
    guard configuration.isCircle else { return nil }
    let (grid, factor) = (configuration.grid, configuration.supersampling)
    let inside = grid.circle(radius: grid.inscribedRadius)
    return (0..<grid.rows * factor).flatMap { row in
      (0..<grid.columns * factor).map { inside[row / factor * grid.columns + $0 / factor] }
    }
  }

  /// What rays are worth. The root of the counts is less than the inverse variance that noise alone
  /// would ask for: dense rays are also those of small modelling errors, which do not fade with
  /// counts.
  private static func trust(
    _ sinogram: Matrix, _ configuration: SliceFitConfiguration, given: Matrix?
  ) -> [Double] {
    if let given { return given.elements.map { Double($0) } }
    guard configuration.photons != nil else { return sinogram.elements.map { _ in 1 } }
    return sinogram.elements.map { exp(-configuration.attenuation * max(0, Double($0)) / 2) }
  }

  /// A smooth reconstruction from the rays that are seen.
  private static func roughSlice(of sinogram: Matrix, _ seen: [Bool], _ projector: Projector)
    throws(SliceFitError) -> Matrix
  {
    var method = SIRT(iterations: 40)
    if seen.contains(false) {
      method.weights = Matrix(
        rows: sinogram.rows, columns: sinogram.columns, elements: seen.map { $0 ? 1 : 0 })
    }
    do {
      return try method.reconstruct(sinogram, with: projector)
    } catch let error as IterativeReconstructionError {
      throw .solver(error)
    } catch {
      preconditionFailure("SIRT throws errors of its own alone: \(error)")
    }
  }

  /// The value of the slice where it is densest: that which one pixel in a thousand exceeds.
  private static func density(of slice: Matrix, largest: Float, _ grid: SliceGrid)
    throws(SliceFitError) -> Double
  {
    guard slice.elements.allSatisfy(\.isFinite) else { throw .overflow(largest: largest) }
    let dense = Double(slice.elements.sorted()[Int(0.999 * Double(slice.elements.count - 1))])
    // An object of the slice's size and of one value, if there is too little to see.
    let side = Double(min(grid.rows, grid.columns))
    return max(dense, Double(largest) / (side * grid.pixelSize))
  }

  /// Rays (or whole views) that are withheld, drawn by the seed.
  private static func heldOutRays(_ sinogram: Matrix, _ configuration: SliceFitConfiguration)
    -> [Bool]
  {
    var random = SplitMix64(seed: configuration.training.seed, stream: 6)
    let share = configuration.holdOut
    guard share > 0 else { return sinogram.elements.map { _ in false } }
    guard configuration.holdsOutViews else {
      return sinogram.elements.map { _ in random.nextUnit() < share }
    }
    let count = Int((share * Double(sinogram.rows)).rounded())
    let views = Set(random.permutation(of: sinogram.rows).prefix(max(1, count)).map { Int($0) })
    return sinogram.elements.indices.map { views.contains($0 / sinogram.columns) }
  }

  // MARK: Judging

  /// The root of the weighted mean square residual of a slice, over some rays.
  package func residual(of slice: Matrix, weights: Matrix) -> Double {
    let total = weights.elements.reduce(0) { $0 + Double($1) }
    let sum = squaredResiduals(of: slice, weights: weights).reduce(0, +)
    return total > 0 ? (sum / total).squareRoot() : 0
  }

  /// `w (A x − b)²` of the rays whose weight is not 0, in their order.
  package func squaredResiduals(of slice: Matrix, weights: Matrix) -> [Double] {
    let projected = projector.project(slice)
    return projected.elements.indices.compactMap { i in
      let weight = Double(weights.elements[i])
      let difference = Double(projected.elements[i] - sinogram.elements[i])
      return weight > 0 ? weight * difference * difference : nil
    }
  }

  /// What the network's values at all points are as a slice: zero outside the mask, and not negative
  /// if that is asked for.
  package func slice(of values: [Float], isNonNegative: Bool) -> Matrix {
    var elements = values
    for i in elements.indices {
      if let mask, !mask[i] {
        elements[i] = 0
      } else if isNonNegative {
        elements[i] = max(elements[i], 0)
      }
    }
    return Matrix(rows: projector.grid.rows, columns: projector.grid.columns, elements: elements)
  }
}

extension Matrix {
  fileprivate func scaled(by factor: Float) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: elements.map { $0 * factor })
  }
}

extension SliceGrid {
  /// The grid whose pixels are `factor` × `factor` to one of this one.
  public func refined(by factor: Int) -> SliceGrid {
    precondition(factor >= 1, "a pixel cannot be split into \(factor) x \(factor)")
    let scale = Double(factor)
    return SliceGrid(
      rows: rows * factor, columns: columns * factor, pixelSize: pixelSize / scale,
      axisRow: scale * (axisRow + 0.5) - 0.5, axisColumn: scale * (axisColumn + 0.5) - 0.5)
  }

  func inUnits(of length: Double) -> SliceGrid {
    var copy = self
    copy.pixelSize /= length
    return copy
  }
}

extension ScanGeometry {
  func inUnits(of length: Double) -> ScanGeometry {
    var copy = self
    copy.binWidth /= length
    if case .fan(let sourceToOrigin, let sourceToDetector) = beam {
      copy.beam = .fan(
        sourceToOrigin: sourceToOrigin / length, sourceToDetector: sourceToDetector / length)
    }
    return copy
  }
}
