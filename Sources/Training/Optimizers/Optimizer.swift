import Compute

/// A rule that turns gradients into steps.
///
/// It works element by element, so that every thread can update its own part of the parameters.
public protocol Optimizer: Sendable {
  /// Numbers kept for each parameter.
  var momentCount: Int { get }

  /// Updates some parameters and their moments in place.
  ///
  /// - Parameters:
  ///   - step: counts from 1.
  ///   - moments: as many numbers a parameter as ``momentCount`` says, at most two.
  func update(
    _ parameters: inout MutableSpan<Vector>, along gradient: Span<Vector>,
    moments first: inout MutableSpan<Vector>, _ second: inout MutableSpan<Vector>,
    step: Int, learningRate: Float)
}
