import Compute
import Foundation

/// Adam with decoupled weight decay.
///
/// - Source: Kingma and Ba, arXiv:1412.6980, algorithm 1; Loshchilov and Hutter, arXiv:1711.05101.
///   `epsilon` is added after the bias correction, as PyTorch does. The two parts of a complex
///   parameter are two parameters.
public struct Adam: Optimizer, Equatable, Codable {
  public var beta1: Float
  public var beta2: Float
  public var epsilon: Float
  /// Share of a parameter, times the learning rate, that a step takes away.
  public var weightDecay: Float

  public init(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public func update(
    _ parameters: inout MutableSpan<Vector>, along gradient: Span<Vector>,
    moments first: inout MutableSpan<Vector>, _ second: inout MutableSpan<Vector>,
    step: Int, learningRate: Float
  ) {
    let count = parameters.count
    precondition(gradient.count == count && first.count == count && second.count == count)
    // m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε), with both corrections moved out of the loop.
    let correction1 = 1 - pow(Double(beta1), Double(step))
    let correction2 = 1 - pow(Double(beta2), Double(step))
    let rate = Vector(repeating: Float(Double(learningRate) / correction1))
    let rootScale = Vector(repeating: Float(1 / correction2.squareRoot()))
    let keep = Vector(repeating: 1 - learningRate * weightDecay)
    for i in 0..<count {
      let g = gradient[i]
      let m = first[i] + (g - first[i]) * (1 - beta1)
      let v = second[i] * beta2 + g * g * (1 - beta2)
      first[i] = m
      second[i] = v
      let scale = VectorMath.squareRoot(v) * rootScale + epsilon
      parameters[i] = parameters[i] * keep - rate * m / scale
    }
  }

  /// The directions of some parameters' steps at learning rate 1, while other threads find others'.
  func findDirections(
    _ range: Range<Int>, along gradient: borrowing AlignedBuffer,
    moments first: borrowing AlignedBuffer, _ second: borrowing AlignedBuffer, step: Int,
    into directions: borrowing AlignedBuffer
  ) {
    let gradient = gradient.floats
    var m = first.concurrentFloats(range)
    var v = second.concurrentFloats(range)
    var directions = directions.concurrentFloats(range)
    let rate = Float(1 / (1 - pow(Double(beta1), Double(step))))
    let rootScale = Float(1 / (1 - pow(Double(beta2), Double(step))).squareRoot())
    for i in m.indices {
      let g = gradient[range.lowerBound + i]
      m[i] += (g - m[i]) * (1 - beta1)
      v[i] = v[i] * beta2 + g * g * (1 - beta2)
      directions[i] = rate * m[i] / (v[i].squareRoot() * rootScale + epsilon)
    }
  }
}
