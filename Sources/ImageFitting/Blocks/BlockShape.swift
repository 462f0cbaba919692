import Compute

/// What all blocks of a model have in common.
///
/// A block is a square of pixels of one level of the pyramid. Its network sees the square and a margin
/// around it, where it is blended with its neighbours:
///
///     value = W₃ [sin(W₂ φ), 1],   φ = [sin(W₁ t + b₁), 1]
///
/// with t the block's own coordinates, −1 to 1 across the square. W₁ and b₁ are shared by all blocks;
/// each has its own W₂ `[units, features]` and W₃ `[channels, units + 1]`, stored one after the other,
/// and as many units as it needs.
///
/// - Source: blocks of a Laplacian pyramid, Saragadam et al., MINER, arXiv:2202.03532.
public struct BlockShape: Sendable, Equatable {
  /// Pixels along a side of the square.
  public var size = 16
  /// Numbers that the shared layer gives, the constant included.
  public var features: Int
  /// Sines of a block's own layer, at most.
  public var units: Int
  public var channels: Int

  /// Pixels that a block sees beyond its square, on each side.
  public static let margin = 1
  public static let sizes = 4...128
  public static let unitCounts = 1...64
  /// Those of the coarser levels, which have more, included.
  static let allUnitCounts = 1...128

  /// - Parameter features: a multiple of 4; by default 4 times the size.
  public init(size: Int = 16, units: Int = 8, channels: Int, features: Int? = nil) {
    self.size = size
    self.units = units
    self.channels = channels
    self.features = features ?? 4 * size
    precondition(self.features % 4 == 0 && self.features >= 4)
  }

  /// Pixels along a side of what a block sees.
  public var side: Int { size + 2 * Self.margin }
  /// Pixels that a block sees.
  package var points: Int { side * side }
  /// Vectors that hold them.
  package var width: Int { AlignedBuffer.vectorCount(for: points) }
  var hiddenCount: Int { units * features }
  var outputCount: Int { channels * (units + 1) }
  /// Numbers that a block with all units has of its own.
  public var parameterCount: Int { hiddenCount + outputCount }

  /// The shape of a block with so many units.
  func with(units: Int) -> BlockShape {
    BlockShape(size: size, units: units, channels: channels, features: features)
  }
}
