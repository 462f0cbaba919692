/// A picture as a Laplacian pyramid of blocks, each a small network.
///
/// The picture at a level is the coarser one, interpolated, plus what the networks of this level's
/// blocks give, blended at their borders. Above the coarsest level there is one colour.
///
/// - Source: Saragadam et al., MINER, arXiv:2202.03532.
public struct BlockModel: Sendable {
  public let width: Int
  public let height: Int
  public let channels: Int
  /// Bits of a sample of the picture that was fitted.
  public let bitDepth: Int
  /// The picture's mean.
  public let color: [Float]
  public let features: BlockFeatures
  /// From the finest on.
  public internal(set) var levels: [BlockLevel]

  public var shape: BlockShape { features.shape }

  package init(
    width: Int, height: Int, bitDepth: Int, color: [Float], features: BlockFeatures,
    levels: [BlockLevel]
  ) {
    self.width = width
    self.height = height
    channels = color.count
    self.bitDepth = bitDepth
    self.color = color
    self.features = features
    self.levels = levels
  }

  /// Numbers in the file: those of the blocks, the shared layer, and the mean.
  public var parameterCount: Int {
    let blocks = levels.reduce(0) { $0 + $1.parameters.count }
    return blocks + 3 * (shape.features - 1) + channels
  }
}
