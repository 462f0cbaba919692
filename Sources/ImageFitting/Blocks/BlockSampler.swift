import Compute

/// Evaluates one block after another, at all pixels that it sees.
final class BlockSampler: @unchecked Sendable {
  private let features: AlignedBuffer
  private let pass: BlockPass

  init(_ features: BlockFeatures) {
    self.features = features.ofPixels()
    pass = BlockPass(features.shape)
  }

  /// Evaluates the network of a level's block, which has one.
  func evaluate(_ level: BlockLevel, block: Int) {
    let shape = pass.shape.with(units: Int(level.units[block]))
    pass.shape = shape
    let start = level.offsets[block]
    let numbers = level.parameters[start..<(start + shape.parameterCount)]
    pass.parameters.copy(numbers.map { Float(Float16(bitPattern: $0)) })
    pass.evaluate(features)
  }

  /// Adds the block's values, weighted, to a strip.
  ///
  /// - Parameters:
  ///   - origin: the block's first pixel.
  ///   - columns: those of the strip that the block sees.
  ///   - weights: of these columns, and of the strip's lines.
  func add(
    origin: (x: Int, y: Int), columns: Range<Int>, weights: (x: [Float], y: [Float]),
    to strip: inout BlockStrip
  ) {
    let (side, margin) = (pass.shape.side, BlockShape.margin)
    for (line, factor) in zip(strip.lines, weights.y) {
      let first =
        (line - origin.y + margin) * side + columns.lowerBound - origin.x + margin
      strip.add(
        pass.outputs, channelLength: pass.shape.width * Vector.scalarCount, from: first,
        weights: weights.x, factor: factor, line: line, column: columns.lowerBound)
    }
  }
}
