import Compute

/// Whether the machine has the memory that a fit of blocks takes at most.
enum BlockMemory {
  /// Bytes at the peak: coarser levels in 16 bits, strips of numbers, and a network with all units for
  /// every block.
  ///
  /// - Parameter shape: of the coarser levels, whose blocks may have twice the units.
  static func bytes(
    sizes: [(width: Int, height: Int)], shape: BlockShape, stripRows: Int, workers: Workers
  ) -> Int {
    let pixels = sizes.map { $0.width * $0.height }
    let coarse = pixels.dropFirst().reduce(0, +) * shape.channels * 2
    let rows = min(max(stripRows, shape.size) + 8, sizes[0].height)
    // The strip itself, its prediction before and after it is joined, rows of the file.
    let strip = rows * sizes[0].width * shape.channels * 16
    let numbers = sizes.enumerated().reduce(0) { sum, level in
      let (width, height) = level.element
      let blocks = BlockLevel.count(width, shape.size) * BlockLevel.count(height, shape.size)
      let units = level.offset == 0 ? shape.units / 2 : shape.units
      return sum + blocks * (9 + 2 * shape.with(units: units).parameterCount)
    }
    let pass = shape.width * (2 * shape.features + 4 * shape.units) * 64
    return coarse + strip + numbers + workers.count * pass
  }

  static func check(
    sizes: [(width: Int, height: Int)], shape: BlockShape, stripRows: Int, workers: Workers
  ) throws(BlockFitError) {
    let needed = bytes(sizes: sizes, shape: shape, stripRows: stripRows, workers: workers)
    guard let available = Machine.availableMemory, needed >= available else { return }
    throw .memory(needed: needed, available: available)
  }
}

/// A fit of blocks that cannot begin, or go on.
public enum BlockFitError: Error, Equatable, CustomStringConvertible {
  case memory(needed: Int, available: Int)
  case otherPicture(path: String, found: String, expected: String)

  public var description: String {
    switch self {
    case .memory(let needed, let available):
      "the run needs up to \(megabytes(needed)), the machine has \(megabytes(available)) left; "
        + "use larger --blocks or fewer --strip-rows"
    case .otherPicture(let path, let found, let expected):
      "\(path): found a picture of \(found), expected \(expected) as when the run was begun"
    }
  }

  private func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
}
