import Compute
import Foundation
import Training

/// A sinogram and its geometry in units that suit a network: pixels have side 1, and the slice's
/// values are about 1 where it is densest.
struct SliceProblem: Sendable {
  let projector: Projector
  let sinogram: Matrix
  /// What each ray counts, of mean 1 over the rays; 0 for those held out.
  let weights: Matrix
  /// For the rays held out, what they count; nil where there are none.
  let heldOut: Matrix?
  /// Where the slice may differ from zero.
  let mask: [Bool]?
  /// A slice of this problem times this is one in the caller's units.
  let scale: Double

  init(
    _ sinogram: Matrix, _ configuration: SliceFitConfiguration, weights given: Matrix?,
    workers: Workers
  )
    throws(SliceFitError)
  {
    if configuration.projection == .rotation, configuration.supersampling > 1 {
      throw .supersampledRotation(factor: configuration.supersampling)
    }
    if configuration.projection == .rotation, configuration.scan.beam != .parallel {
      throw .rotatedFan
    }
    let fine = configuration.grid.refined(by: configuration.supersampling)
    let projector = Projector(
      configuration.scan.inUnits(of: fine.pixelSize), fine.inUnits(of: fine.pixelSize),
      model: configuration.projection, workers: workers)
    self.projector = projector
    mask =
      configuration.isCircle
      ? projector.grid.circle(radius: projector.grid.inscribedRadius) : nil
    let largest = sinogram.elements.max() ?? 0
    guard largest > 0 else { throw .empty(largest: largest) }
    let density = try Self.density(of: sinogram, configuration, workers)
    scale = density
    let unit = Float(1 / (density * fine.pixelSize))
    var scaled = sinogram
    for i in scaled.elements.indices { scaled.elements[i] *= unit }
    self.sinogram = scaled

    // What rays are worth. The root of the counts is less than the inverse variance that noise alone
    // would ask for: dense rays are also those of small modelling errors, which do not fade with
    // counts.
    var trust: [Double]
    if let given {
      trust = given.elements.map { Double($0) }
    } else if configuration.photons != nil {
      let attenuation = configuration.attenuation
      trust = sinogram.elements.map { exp(-attenuation * max(0, Double($0)) / 2) }
    } else {
      trust = sinogram.elements.map { _ in 1 }
    }
    let mean = trust.reduce(0, +) / Double(trust.count)
    for i in trust.indices { trust[i] /= mean }
    let held = Self.heldOutRays(sinogram, configuration)
    guard zip(trust, held).contains(where: { $0.0 > 0 && !$0.1 }) else {
      throw .nothingTrained(share: configuration.holdOut)
    }
    func matrix(_ keeps: (Int) -> Bool) -> Matrix {
      Matrix(
        rows: sinogram.rows, columns: sinogram.columns,
        elements: trust.indices.map { keeps($0) ? Float(trust[$0]) : 0 })
    }
    weights = matrix { !held[$0] }
    heldOut = held.contains(true) ? matrix { held[$0] } : nil
  }

  /// The value of the slice where it is densest: that which one pixel in a thousand exceeds, in a
  /// smooth reconstruction.
  private static func density(
    of sinogram: Matrix, _ configuration: SliceFitConfiguration, _ workers: Workers
  ) throws(SliceFitError) -> Double {
    let projector = Projector(
      configuration.scan, configuration.grid, model: configuration.projection, workers: workers)
    let slice: Matrix
    do {
      slice = try SIRT(iterations: 40).reconstruct(sinogram, with: projector)
    } catch let error as IterativeReconstructionError {
      throw .solver(error)
    } catch {
      preconditionFailure("SIRT throws errors of its own alone: \(error)")
    }
    let dense = Double(slice.elements.sorted()[Int(0.999 * Double(slice.elements.count - 1))])
    // An object of the slice's size and of one value, if there is too little to see.
    let side = Double(min(configuration.grid.rows, configuration.grid.columns))
    let uniform = Double(sinogram.elements.max() ?? 1) / (side * configuration.grid.pixelSize)
    return max(dense, uniform)
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
  func residual(of slice: Matrix, weights: Matrix) -> Double {
    let projected = projector.project(slice)
    var (sum, total) = (0.0, 0.0)
    for i in projected.elements.indices {
      let weight = Double(weights.elements[i])
      let difference = Double(projected.elements[i] - sinogram.elements[i])
      sum += weight * difference * difference
      total += weight
    }
    return total > 0 ? (sum / total).squareRoot() : 0
  }

  /// What the network's values at all points are as a slice: zero outside the mask, and not negative
  /// if that is asked for.
  func slice(of values: [Float], isNonNegative: Bool) -> Matrix {
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
