import Compute

/// One worker's memory for the points of a block, and the passes through its network over them.
package final class BlockPass: @unchecked Sendable {
  /// That of the block under way, with at most as many units as the pass was made for.
  var shape: BlockShape
  /// A block's own numbers, hidden layer first.
  package var parameters: AlignedBuffer
  /// ∂L/∂parameters.
  package private(set) var gradient: AlignedBuffer
  /// Values, or after ``differentiate(_:targets:mask:)`` their errors: one row a channel.
  package private(set) var outputs: AlignedBuffer
  private var sines: AlignedBuffer
  /// Pre-activations, then cosines, then ∂L/∂pre-activations.
  private var slopes: AlignedBuffer

  package init(_ shape: BlockShape) {
    self.shape = shape
    let floats = shape.width * Vector.scalarCount
    parameters = AlignedBuffer(count: shape.parameterCount)
    gradient = AlignedBuffer(count: shape.parameterCount)
    outputs = AlignedBuffer(count: shape.channels * floats)
    sines = AlignedBuffer(count: shape.units * floats)
    slopes = AlignedBuffer(count: shape.units * floats)
  }

  /// Computes ``outputs`` from the features of all pixels that a block sees.
  package func evaluate(_ features: borrowing AlignedBuffer) {
    shape.multiply(parameters, by: features, into: &slopes)
    shape.takeSines(of: slopes, into: &sines)
    shape.combine(sines, parameters: parameters, into: &outputs)
  }

  /// Computes ``gradient`` of half the sum of the squared errors; returns the sum.
  ///
  /// - Parameters:
  ///   - targets: one row a channel.
  ///   - mask: 1 in the lanes of points, 0 behind them.
  package func differentiate(
    _ features: borrowing AlignedBuffer, targets: borrowing AlignedBuffer,
    mask: borrowing AlignedBuffer
  ) -> Float {
    shape.multiply(parameters, by: features, into: &slopes)
    shape.takeSinesAndCosines(of: &slopes, into: &sines)
    shape.combine(sines, parameters: parameters, into: &outputs)
    let error = shape.subtract(targets, mask: mask, from: &outputs)
    shape.differentiateOutputs(outputs, sines, into: &gradient)
    shape.propagate(outputs, parameters: parameters, into: &slopes)
    shape.differentiateHidden(slopes, features: features, into: &gradient)
    return error
  }
}
