import Compute
import Foundation
import Networks
import TestSupport
import Training

/// Targets for points, both one a row.
struct MatrixData: PointwiseData {
  let coordinates: Matrix
  var targets: Matrix

  var points: any CoordinateSource { coordinates }
  var channels: Int { targets.columns }
  var objective: Objective { .pointwise(self, SquaredError()) }
  var samples: [Int32] { (0..<Int32(coordinates.rows)).map { $0 } }

  func copyTargets(of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int) {
    for (i, row) in rows.enumerated() {
      for c in 0..<channels { target[c * stride + i] = targets[Int(row), c] }
    }
  }
}

extension MatrixData {
  /// Points in [−1, 1]² with targets in [−1, 1].
  static func random(_ count: Int, outputs: Int, seed: UInt64) -> MatrixData {
    var random = SplitMix64(seed: seed)
    return MatrixData(
      coordinates: .random(count, 2, using: &random),
      targets: .random(count, outputs, using: &random))
  }

  /// Some of the samples, in the order of `rows`.
  func picking(_ rows: [Int32]) -> MatrixData {
    func pick(_ matrix: Matrix) -> Matrix {
      let elements = rows.flatMap { row in
        (0..<matrix.columns).map { matrix[Int(row), $0] }
      }
      return Matrix(rows: rows.count, columns: matrix.columns, elements: elements)
    }
    return MatrixData(coordinates: pick(coordinates), targets: pick(targets))
  }

  /// A smooth function on a square lattice of points.
  static func smooth(size: Int) -> MatrixData {
    var (points, targets): ([Float], [Float]) = ([], [])
    for row in 0..<size {
      for column in 0..<size {
        let x = (2 * Double(column) + 1) / Double(size) - 1
        let y = (2 * Double(row) + 1) / Double(size) - 1
        points += [Float(x), Float(y)]
        targets.append(Float(0.5 + 0.3 * sin(3 * x) * cos(2 * y)))
      }
    }
    return MatrixData(
      coordinates: Matrix(rows: size * size, columns: 2, elements: points),
      targets: Matrix(rows: size * size, columns: 1, elements: targets))
  }
}
