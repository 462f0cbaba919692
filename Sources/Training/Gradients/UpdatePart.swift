import Compute
import Networks

/// A part of the parameters that one thread updates at a time.
struct UpdatePart: Sendable, Equatable {
  let layer: Int
  /// Vectors of the parameter buffer.
  let range: Range<Int>
  /// Vectors from the real to the imaginary plane, and on to that of their sum; zero for real parts.
  let plane: Int
  /// Whether these are weights of a layer's linear maps.
  var isWeights = false

  /// Vectors that fit into the fastest cache together with their gradients and moments.
  private static let length = 256

  /// Parts that cover the weights and biases of the layers from `first` on.
  static func parts(of layout: ParameterLayout, from first: Int) -> [UpdatePart] {
    var parts: [UpdatePart] = []
    for (k, plan) in layout.layers.enumerated() where k >= first {
      let weights = plan.weightOffset..<plan.weightOffset + plan.weightPlane
      let plane = plan.field == .complex ? plan.weightPlane / Vector.scalarCount : 0
      for (range, plane, isWeights) in [(weights, plane, true), (plan.biasRange, 0, false)] {
        let start = range.lowerBound / Vector.scalarCount
        let end = start + AlignedBuffer.vectorCount(for: range.count)
        parts += Self.parts(of: start..<end, layer: k, plane: plane, isWeights: isWeights)
      }
    }
    return parts
  }

  /// Parts that cover some vectors.
  static func parts(
    of range: Range<Int>, layer: Int, plane: Int = 0, isWeights: Bool = false
  ) -> [UpdatePart] {
    stride(from: range.lowerBound, to: range.upperBound, by: length).map {
      UpdatePart(
        layer: layer, range: $0..<min($0 + length, range.upperBound), plane: plane,
        isWeights: isWeights)
    }
  }

  /// Sets the gradient of this part to zero.
  func clear(_ total: borrowing AlignedBuffer) {
    var target = total.concurrentVectors(range)
    for i in target.indices { target[i] = Vector(repeating: 0) }
  }

  private func shifted(_ planes: Int) -> Range<Int> {
    range.lowerBound + planes * plane..<range.upperBound + planes * plane
  }

  /// Adds the groups' gradients of this part up, in their order.
  func sum(_ groups: [GradientGroup], into total: borrowing AlignedBuffer) {
    for planeIndex in 0..<(plane == 0 ? 1 : 3) {
      var target = total.concurrentVectors(shifted(planeIndex))
      for (g, group) in groups.enumerated() {
        add(group.gradient, shifted(planeIndex), into: &target, accumulating: g > 0)
      }
    }
    if plane > 0 { combineProducts(total) }
  }

  private func add(
    _ gradient: borrowing AlignedBuffer, _ range: Range<Int>,
    into target: inout MutableSpan<Vector>, accumulating: Bool
  ) {
    let source = gradient.vectors.extracting(range)
    if accumulating {
      for i in source.indices { target[i] += source[i] }
    } else {
      for i in source.indices { target[i] = source[i] }
    }
  }

  /// The gradient of a complex matrix from its three products (`Documentation/Math/complex-products.md`).
  private func combineProducts(_ total: borrowing AlignedBuffer) {
    var real = total.concurrentVectors(shifted(0))
    var imaginary = total.concurrentVectors(shifted(1))
    let difference = total.concurrentVectors(shifted(2))
    for i in real.indices {
      let (p, q) = (real[i], imaginary[i])
      real[i] = p + q
      imaginary[i] = p - q - difference[i]
    }
  }

  /// Takes the optimizer's step for this part.
  func update(
    _ parameters: borrowing AlignedBuffer, along total: borrowing AlignedBuffer,
    moments first: borrowing AlignedBuffer, _ second: borrowing AlignedBuffer,
    _ optimizer: any Optimizer, step: Int, learningRate: Float
  ) {
    for planeIndex in 0..<(plane == 0 ? 1 : 2) {
      let range = shifted(planeIndex)
      var target = parameters.concurrentVectors(range)
      var firstMoments = first.concurrentVectors(range)
      var secondMoments = second.concurrentVectors(range)
      optimizer.update(
        &target, along: total.vectors.extracting(range), moments: &firstMoments, &secondMoments,
        step: step, learningRate: learningRate)
    }
    if plane > 0 {
      let real = parameters.concurrentVectors(shifted(0))
      let imaginary = parameters.concurrentVectors(shifted(1))
      var sum = parameters.concurrentVectors(shifted(2))
      for i in sum.indices { sum[i] = real[i] + imaginary[i] }
    }
  }
}
