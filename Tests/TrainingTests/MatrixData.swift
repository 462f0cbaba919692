import Compute
import Networks
import Training

/// Targets for points, both one a row.
struct MatrixData: PointwiseData {
  let coordinates: Matrix
  let targets: Matrix

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
