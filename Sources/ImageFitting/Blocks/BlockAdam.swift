import Compute

/// Adam for one block at a time.
///
/// - Source: Kingma and Ba, arXiv:1412.6980. Its memories are shorter than usual, as a block takes few
///   steps over all of its pixels (`Documentation/Decisions/0015-blocks.md`).
struct BlockAdam {
  let rate: Float
  private let correction1: Float
  private let correction2: Float

  private static let momentum: Float = 0.8
  private static let memory: Float = 0.99

  /// The settings of step `step`, counted from 0, of `steps`: the rate falls to zero linearly.
  init(rate: Float, step: Int, of steps: Int) {
    func power(_ base: Float) -> Float { (0...step).reduce(1) { product, _ in product * base } }
    self.rate = rate * (1 - Float(step) / Float(steps))
    correction1 = 1 / (1 - power(Self.momentum))
    correction2 = 1 / (1 - power(Self.memory))
  }

  /// Changes the parameters along a gradient, times `factor`.
  func update(
    _ parameters: inout AlignedBuffer, along gradient: borrowing AlignedBuffer, factor: Float,
    moments: inout AlignedBuffer, squares: inout AlignedBuffer
  ) {
    let g = gradient.vectors
    var m = moments.mutableVectors
    var s = squares.mutableVectors
    var p = parameters.mutableVectors
    let (b1, b2) = (Self.momentum, Self.memory)
    for i in p.indices {
      let slope = g[i] * factor
      m[i] = b1 * m[i] + (1 - b1) * slope
      s[i] = b2 * s[i] + (1 - b2) * slope * slope
      p[i] -= (rate * correction1) * m[i] / (VectorMath.squareRoot(s[i] * correction2) + 1e-8)
    }
  }
}
