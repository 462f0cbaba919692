import Compute
import Foundation
import TestSupport
import Testing
import Tomography

/// What holds for every slice: turns and mirrors of the scan, sums, and the Fourier slice theorem.
struct SymmetryTests {
  static func randomSlice(_ rows: Int, _ columns: Int, seed: UInt64 = 9) -> Matrix {
    var random = SplitMix64(seed: seed)
    return Matrix.random(rows, columns, using: &random)
  }

  /// exp(−((x − x₀)² + (y − y₀)²) / 2σ²) at the pixels' centres.
  static func blob(
    _ grid: SliceGrid, x x0: Double, y y0: Double, sigma: Double
  ) -> Matrix {
    var result = Matrix(rows: grid.rows, columns: grid.columns)
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let (x, y) = grid.position(row: row, column: column)
        let square = (x - x0) * (x - x0) + (y - y0) * (y - y0)
        result[row, column] = Float(exp(-square / (2 * sigma * sigma)))
      }
    }
    return result
  }

  @Test func aHalfTurnMirrorsTheView() {
    let angles = [0, 0.3, Double.pi / 4, 1.2, Double.pi / 2, 2.9]
    let grid = SliceGrid(rows: 24, columns: 31, convention: .astra)
    let slice = Self.randomSlice(24, 31)
    func sinogram(_ angles: [Double]) -> Matrix {
      let scan = ScanGeometry(angles: angles, binCount: 51, binWidth: 0.8, convention: .astra)
      return Projector(scan, grid).project(slice)
    }
    let (here, there) = (sinogram(angles), sinogram(angles.map { $0 + .pi }))
    var mirrored = there
    for view in angles.indices {
      for bin in 0..<51 { mirrored[view, bin] = there[view, 50 - bin] }
    }
    #expect(here.norm > 1)
    // Positions near a view's ends are rounded to 50 · 2⁻²⁴ pixels.
    #expect(mirrored.relativeDistance(to: here) < 1e-5)
  }

  @Test func turningTheSliceTurnsTheScan() {
    let grid = SliceGrid(rows: 33, columns: 33)
    let slice = Self.randomSlice(33, 33)
    // A quarter turn counterclockwise: what was at (x, y) is at (−y, x).
    var turned = slice
    for row in 0..<33 {
      for column in 0..<33 { turned[32 - column, row] = slice[row, column] }
    }
    for beam in [
      ScanGeometry.Beam.parallel, .fan(sourceToOrigin: 70, sourceToDetector: 100),
    ] {
      let angles = [0, 0.2, 0.8, 1.7, 3, 5]
      func sinogram(_ slice: Matrix, _ angles: [Double]) -> Matrix {
        let scan = ScanGeometry(beam: beam, angles: angles, binCount: 61)
        return Projector(scan, grid).project(slice)
      }
      let expected = sinogram(slice, angles)
      let found = sinogram(turned, angles.map { $0 + .pi / 2 })
      #expect(found.relativeDistance(to: expected) < 1e-5)
      #expect(sinogram(turned, angles).relativeDistance(to: expected) > 0.3)
    }
  }

  // Joseph's weights of a pixel add up to one over bins a pixel wide and views along the grid's axes,
  // and hardly differ from it for slices as smooth as this.
  @Test func everyViewHasTheSlicesMass() {
    let grid = SliceGrid(rows: 50, columns: 64, pixelSize: 0.5)
    let slice = Self.blob(grid, x: 2, y: -1, sigma: 2.5)
    let mass = slice.elements.reduce(0.0) { $0 + Double($1) } * 0.25
    let angles = ScanGeometry.angles(from: 0, to: 2 * .pi, count: 37)
    let scan = ScanGeometry(angles: angles, binCount: 221, binWidth: 0.3)
    let sinogram = Projector(scan, grid).project(slice)
    for view in angles.indices {
      let sum = sinogram.elements[view * 221..<(view + 1) * 221].reduce(0.0) { $0 + Double($1) }
      #expect(abs(sum * 0.3 / mass - 1) < 1e-3, "view \(view)")
    }
  }

  @Test func projectionIsLinear() {
    let grid = SliceGrid(rows: 20, columns: 27)
    let scan = ScanGeometry(angles: [0.1, 1, 2, 3], binCount: 37, binWidth: 0.9)
    let projector = Projector(scan, grid)
    let (x, y) = (Self.randomSlice(20, 27, seed: 1), Self.randomSlice(20, 27, seed: 2))
    func combined(_ x: Matrix, _ y: Matrix) -> Matrix {
      Matrix(
        rows: x.rows, columns: x.columns,
        elements: zip(x.elements, y.elements).map { 2 * $0 - 3 * $1 })
    }
    let expected = combined(projector.project(x), projector.project(y))
    #expect(projector.project(combined(x, y)).relativeDistance(to: expected) < 1e-5)
  }

  // The view of exp(−|p − p₀|² / 2σ²) is √(2π) σ exp(−(s − s₀)² / 2σ²), from any side.
  @Test(arguments: [(6.0, -4.0, 5.0), (0, 0, 3), (-10, 7, 4)])
  func aBlobsViewsAreGaussians(x: Double, y: Double, sigma: Double) {
    let grid = SliceGrid(rows: 90, columns: 90)
    let slice = Self.blob(grid, x: x, y: y, sigma: sigma)
    let angles = ScanGeometry.angles(from: 0, to: 2 * .pi, count: 23)
    let scan = ScanGeometry(angles: angles, binCount: 129)
    let sinogram = Projector(scan, grid).project(slice)
    var expected = sinogram
    for (view, angle) in angles.enumerated() {
      let middle = x * cos(angle) + y * sin(angle)
      for bin in 0..<129 {
        let s = Double(bin - 64) - middle
        expected[view, bin] = Float(
          (2 * .pi).squareRoot() * sigma * exp(-s * s / (2 * sigma * sigma)))
      }
    }
    // Interpolating between pixels blurs by at most h²/8 of the second derivative: 1/(8σ²), and
    // less on the mean.
    #expect(sinogram.relativeDistance(to: expected) < 1 / (8 * sigma * sigma))
  }

  // The transform of the view at θ is the slice's along the line at θ through the origin; here of a
  // blob, whose transform is 2πσ² exp(−2π²σ²|f|²) exp(−2πi f·p₀).
  @Test(arguments: [0, 0.7, 2, 4.4])
  func theTransformOfAViewIsASliceOfTheTransform(angle: Double) {
    let (x, y, sigma) = (5.0, -8.0, 4.0)
    let grid = SliceGrid(rows: 128, columns: 128)
    let scan = ScanGeometry(angles: [angle], binCount: 128)
    let view = Projector(scan, grid).project(Self.blob(grid, x: x, y: y, sigma: sigma))

    let transform = RealFourierTransform.ofLength(128)
    var spectrum = AlignedBuffer(count: 2 * transform.frequencyCount)
    var samples = AlignedBuffer(view.elements)
    transform.forward(&samples, into: &spectrum)
    let found = spectrum.elements(0..<spectrum.count)

    let size = 2 * .pi * sigma * sigma
    for k in 0..<transform.frequencyCount {
      let f = Double(k) / 128
      let modulus = size * exp(-2 * .pi * .pi * sigma * sigma * f * f)
      // Bin 64 is at s = 0.
      let phase = -2 * .pi * f * (x * cos(angle) + y * sin(angle) + 64)
      let difference = Complex(Double(found[2 * k]), Double(found[2 * k + 1]))
      let error = (
        difference.real - modulus * cos(phase), difference.imaginary - modulus * sin(phase)
      )
      // The blur of the interpolation, largest at medium frequencies.
      #expect((error.0 * error.0 + error.1 * error.1).squareRoot() < 5e-3 * size)
    }
  }
}
