import SplineGeometry

/// How many regions have their centre in each cell of a square lattice.
///
/// - Shape: `[rows, columns]`, the second coordinate ascending with the row.
struct RegionDensity {
  let side: Int
  let range: ClosedRange<Double>
  private(set) var counts: [Double]

  init(_ partition: PlanarPartition, side: Int, range: ClosedRange<Double> = -1...1) {
    self.side = side
    self.range = range
    counts = Array(repeating: 0, count: side * side)
    for region in 0..<partition.regionCount {
      let corners = partition.corners(of: region)
      let sum = corners.reduce(SIMD2<Double>.zero) { $0 + partition.vertices[Int($1)] }
      counts[cell(of: sum / Double(corners.count))] += 1
    }
  }

  /// The number of the cell that a point lies in, or that is nearest to it.
  func cell(of point: SIMD2<Double>) -> Int {
    let share = (point - range.lowerBound) / (range.upperBound - range.lowerBound)
    let place = (0..<2).map { min(max(Int(share[$0] * Double(side)), 0), side - 1) }
    return place[1] * side + place[0]
  }

  /// The means over squares of cells whose sides are `2 reach + 1`, less at the borders.
  func blurred(reach: Int) -> [Double] {
    var result = counts
    for row in 0..<side {
      for column in 0..<side {
        var (sum, number) = (0.0, 0.0)
        for y in max(row - reach, 0)...min(row + reach, side - 1) {
          for x in max(column - reach, 0)...min(column + reach, side - 1) {
            sum += counts[y * side + x]
            number += 1
          }
        }
        result[row * side + column] = sum / number
      }
    }
    return result
  }
}
