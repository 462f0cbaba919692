import Compute

/// A rule that turns gradients into steps.
///
/// It works element by element, so that every thread can update its own part of the parameters, and
/// remembers two numbers of each, which are zero at first.
public protocol Optimizer: Sendable {
  /// Updates some parameters and their moments in place.
  ///
  /// - Parameters:
  ///   - step: counts from 1.
  func update(
    _ parameters: inout MutableSpan<Vector>, along gradient: Span<Vector>,
    moments first: inout MutableSpan<Vector>, _ second: inout MutableSpan<Vector>,
    step: Int, learningRate: Float)
}
