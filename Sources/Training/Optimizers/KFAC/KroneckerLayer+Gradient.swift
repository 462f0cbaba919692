import Compute
import Networks

/// A layer's gradient as one matrix, whose last column (last two of complex weights) is that of the bias.
extension KroneckerLayer {
  /// Where the parts of a row stand in the parameters: real weights and bias, then imaginary ones.
  private func places(ofRow row: Int) -> (weights: [Int], biases: [Int]) {
    let weights = [0, plan.weightPlane].map { plan.weightOffset + $0 + row * plan.inputs }
    let biases = [0, plan.rows].map { plan.biasOffset + $0 + row }
    return kind == .real ? ([weights[0]], [biases[0]]) : (weights, biases)
  }

  /// Copies the gradient to `[rows, inputOrder]`, as the right factor takes it.
  func gather(_ gradient: borrowing AlignedBuffer, into matrix: inout AlignedBuffer) {
    let source = gradient.floats
    var target = matrix.mutableFloats
    var place = 0
    func copy(_ start: Int, _ count: Int, _ target: inout MutableSpan<Float>) {
      for i in 0..<count { target[place + i] = source[start + i] }
      place += count
    }
    for row in 0..<plan.rows {
      let (weights, biases) = places(ofRow: row)
      switch kind {
      case .real, .hermitian:
        for (weight, bias) in zip(weights, biases) {
          copy(weight, plan.inputs, &target)
          copy(bias, 1, &target)
        }
      case .realPart:
        for weight in weights { copy(weight, plan.inputs, &target) }
        copy(biases[0], 1, &target)
      }
    }
  }

  /// Turns rows `(x, y)` of `x + iy` into the rows `x`, and the rows `y` below all of them.
  func stackParts(_ matrix: inout AlignedBuffer) {
    let (rows, columns) = (plan.rows, plan.inputs + 1)
    let source = matrix.elements(0..<2 * rows * columns)
    var target = matrix.mutableFloats
    for row in 0..<rows {
      for column in 0..<columns {
        target[row * columns + column] = source[2 * row * columns + column]
        target[(rows + row) * columns + column] = source[(2 * row + 1) * columns + column]
      }
    }
  }

  /// Copies a matrix, as the left factor left it, times `factor` to the layer's parameters.
  func scatter(
    _ matrix: borrowing AlignedBuffer, factor: Float, into parameters: borrowing AlignedBuffer
  ) {
    let source = matrix.floats
    func copy(_ place: Int, _ count: Int, to start: Int) {
      var target = parameters.concurrentFloats(start..<start + count)
      for i in 0..<count { target[i] = factor * source[place + i] }
    }
    let inputs = plan.inputs
    for row in 0..<plan.rows {
      let (weights, biases) = places(ofRow: row)
      switch kind {
      case .real, .hermitian:
        for (part, (weight, bias)) in zip(weights, biases).enumerated() {
          let place = (part * plan.rows + row) * (inputs + 1)
          copy(place, inputs, to: weight)
          copy(place + inputs, 1, to: bias)
        }
      case .realPart:
        let place = row * (2 * inputs + 1)
        for (part, weight) in weights.enumerated() {
          copy(place + part * inputs, inputs, to: weight)
        }
        copy(place + 2 * inputs, 1, to: biases[0])
      }
    }
  }

  /// The layer's trained numbers: weights and biases, without the sums of complex weights.
  var pieces: [Range<Int>] {
    let planes = kind == .real ? 1 : 2
    return (0..<planes).map {
      let start = plan.weightOffset + $0 * plan.weightPlane
      return start..<start + plan.weightCount
    } + [plan.biasRange]
  }
}
