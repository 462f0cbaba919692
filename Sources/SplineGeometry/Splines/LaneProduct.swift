/// Products of a matrix with a vector of eight points' numbers.
enum LaneProduct {
  typealias Lanes = FormLanes.Lanes

  /// `result = W v + b` for a number of rows of W, one after another; v begins at `start` of the
  /// values.
  static func multiply(
    _ weights: [Double], rows: Int, by values: [Lanes], from start: Int = 0,
    plus biases: [Double], into result: inout [Lanes]
  ) {
    guard rows > 0 else { return }
    let inner = weights.count / rows
    let weights = weights.span
    let biases = biases.span
    let values = values.span.extracting(start..<start + inner)
    var result = result.mutableSpan
    var row = 0
    // Four sums at a time, so that none waits for itself.
    while row + 4 <= rows {
      var a = Lanes(repeating: biases[row])
      var b = Lanes(repeating: biases[row + 1])
      var c = Lanes(repeating: biases[row + 2])
      var d = Lanes(repeating: biases[row + 3])
      let first = row * inner
      for i in 0..<inner {
        let value = values[i]
        a.addProduct(value, weights[first + i])
        b.addProduct(value, weights[first + inner + i])
        c.addProduct(value, weights[first + 2 * inner + i])
        d.addProduct(value, weights[first + 3 * inner + i])
      }
      result[row] = a
      result[row + 1] = b
      result[row + 2] = c
      result[row + 3] = d
      row += 4
    }
    while row < rows {
      var sum = Lanes(repeating: biases[row])
      for i in 0..<inner { sum.addProduct(values[i], weights[row * inner + i]) }
      result[row] = sum
      row += 1
    }
  }
}
