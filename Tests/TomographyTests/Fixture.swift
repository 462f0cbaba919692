import Compute
import Foundation
import Testing
import Tomography

/// A committed array of other programs; `Fixtures/README.md` tells what made it.
func fixture(_ name: String) throws -> Matrix {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "npy", subdirectory: "Fixtures"))
  let array = try NumpyArray.read(url.path)
  return Matrix(
    rows: array.shape[0], columns: array.shape.count > 1 ? array.shape[1] : 1,
    elements: array.elements)
}

extension Matrix {
  var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  var norm: Double { dot(self).squareRoot() }

  func dot(_ other: Matrix) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// ‖self − other‖ / ‖other‖ over the elements that `mask` keeps.
  func relativeDistance(to other: Matrix, where mask: [Bool]? = nil) -> Double {
    var (difference, size) = (0.0, 0.0)
    for i in elements.indices where mask?[i] ?? true {
      let (x, y) = (Double(elements[i]), Double(other.elements[i]))
      difference += (x - y) * (x - y)
      size += y * y
    }
    return (difference / size).squareRoot()
  }
}

func degrees(_ values: some Sequence<Double>) -> [Double] { values.map { $0 * .pi / 180 } }
