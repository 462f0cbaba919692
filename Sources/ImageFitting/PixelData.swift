import Compute
import Imaging
import Networks
import Training

/// A picture's pixels as samples of a field on [−1, 1]².
struct PixelData: PointwiseData {
  let picture: Image
  let lattice: PixelLattice

  var points: any CoordinateSource { lattice }
  var channels: Int { picture.channels }

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    let channels = channels
    for (i, pixel) in rows.enumerated() {
      for c in 0..<channels {
        target[c * stride + i] = picture.samples[Int(pixel) * channels + c]
      }
    }
  }
}

/// A picture's pixels as averages of a finer field: each is the mean over `factor` × `factor`
/// points.
///
/// The operator is the area average; its adjoint spreads a pixel's residual evenly over its points.
package struct AreaAverageData: OperatorData {
  package let picture: Image
  /// The finer lattice, `factor` times the picture in both directions.
  package let lattice: PixelLattice
  package let factor: Int

  package init(picture: Image, lattice: PixelLattice, factor: Int) {
    precondition(
      lattice.width == picture.width * factor && lattice.height == picture.height * factor)
    self.picture = picture
    self.lattice = lattice
    self.factor = factor
  }

  package var points: any CoordinateSource { lattice }
  package var channels: Int { picture.channels }

  package func rows(seenBy measurements: ArraySlice<Int32>) -> [Int32] {
    var rows: [Int32] = []
    rows.reserveCapacity(measurements.count * factor * factor)
    for pixel in measurements {
      let (row, column) = Int(pixel).quotientAndRemainder(dividingBy: picture.width)
      for y in row * factor..<(row + 1) * factor {
        for x in column * factor..<(column + 1) * factor {
          rows.append(Int32(y * lattice.width + x))
        }
      }
    }
    return rows
  }

  package func loss(of values: [Float], at measurements: ArraySlice<Int32>, progress: Double)
    -> (mean: Double, gradient: [Float])
  {
    let (points, channels) = (factor * factor, channels)
    let share = 1 / Float(points)
    let scale = 1 / Float(measurements.count * channels)
    var gradient = [Float](repeating: 0, count: values.count)
    var sum = 0.0
    for (i, pixel) in measurements.enumerated() {
      for c in 0..<channels {
        var average: Float = 0
        for p in 0..<points { average += values[(i * points + p) * channels + c] }
        let residual = average * share - picture.samples[Int(pixel) * channels + c]
        sum += Double(residual * residual)
        let slope = 2 * scale * residual * share
        for p in 0..<points { gradient[(i * points + p) * channels + c] = slope }
      }
    }
    return (sum * Double(scale), gradient)
  }
}
