import Foundation

extension SplitMix64 {
  /// Uniform in `0..<1`, with 53 random bits.
  public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `-bound..<bound`.
  public mutating func nextUniform(bound: Double) -> Float {
    Float((2 * nextUnit() - 1) * bound)
  }

  /// Uniform in `0..<bound`, without bias (Lemire's multiplication with rejection).
  public mutating func nextIndex(below bound: Int) -> Int {
    precondition(bound > 0, "there is no index below \(bound)")
    let range = UInt64(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = next().multipliedFullWidth(by: range)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  /// Standard normal (Box and Muller's transform; one of its two values).
  public mutating func nextNormal() -> Double {
    let radius = (-2 * log(1 - nextUnit())).squareRoot()
    return radius * cos(2 * .pi * nextUnit())
  }

  /// Poisson with the given mean: products of uniforms for small means, and for large ones the
  /// transformed rejection of Hörmann (PTRS, 1993), exact for any mean.
  public mutating func nextPoisson(mean: Double) -> Int {
    precondition(mean >= 0 && mean.isFinite, "a Poisson mean cannot be \(mean)")
    return mean < 10 ? smallPoisson(mean: mean) : largePoisson(mean: mean)
  }

  private mutating func smallPoisson(mean: Double) -> Int {
    let limit = exp(-mean)
    var count = 0
    var product = nextUnit()
    while product > limit {
      count += 1
      product *= nextUnit()
    }
    return count
  }

  private mutating func largePoisson(mean: Double) -> Int {
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let acceptance = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = nextUnit() - 0.5
      let v = 1 - nextUnit()
      let distance = 0.5 - abs(u)
      let k = ((2 * a / distance + b) * u + mean + 0.43).rounded(.down)
      if distance >= 0.07 && v <= acceptance { return Int(k) }
      if k < 0 || (distance < 0.013 && v > distance) { continue }
      let left = log(v * inverseAlpha / (a / (distance * distance) + b))
      if left <= k * log(mean) - mean - lgamma(k + 1) { return Int(k) }
    }
  }

  /// A random order of `0..<count` (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    shuffle(&order)
    return order
  }

  /// Puts `elements` in a random order (Fisher and Yates).
  public mutating func shuffle(_ elements: inout [Int32]) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(i, nextIndex(below: i + 1))
    }
  }
}
