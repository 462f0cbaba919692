/// A scaling by one factor, then a translation: `p ↦ scale · p + translation`.
public struct Similarity: Sendable, Equatable {
  public let scale: Double
  public let translation: SIMD3<Double>

  /// - Parameter scale: positive, so that faces keep their outsides.
  public init(scale: Double = 1, translation: SIMD3<Double> = .zero) {
    precondition(
      scale > 0 && scale.isFinite, "a mesh cannot be scaled by \(scale), expected a positive number"
    )
    self.scale = scale
    self.translation = translation
  }

  /// The transformation that moves the centre of `box` to the origin and makes its longest side
  /// reach from −`reach` to `reach`; nil if the box has no longest side, or one beyond all numbers.
  public init?(centering box: Box, reach: Double = 1) {
    let scale = 2 * reach / box.size.max()
    guard scale > 0, scale.isFinite else { return nil }
    self.init(scale: scale, translation: -scale * box.center)
  }

  public func applied(to point: SIMD3<Double>) -> SIMD3<Double> { scale * point + translation }

  /// The transformation back.
  public var inverse: Similarity {
    Similarity(scale: 1 / scale, translation: -translation / scale)
  }
}
