import Compute
import Foundation

/// Trained features at the vertices of several lattices of [−1, 1]ᵈ, interpolated linearly.
///
/// A level divides each axis into equal cells. Where its vertices outnumber its entries, they share
/// them by a hash of their coordinates. A point's features are those of all levels, coarse to fine;
/// points outside of the domain take those of its boundary.
///
/// - Shapes: `tables` are the levels' entries one after the other, `features` numbers each.
/// - Source: Müller et al., "Instant neural graphics primitives with a multiresolution hash encoding",
///   arXiv:2201.05989, section 3 and equation 4.
public struct GridEncoding: Sendable, Equatable {
  /// One lattice.
  public struct Level: Sendable, Equatable {
    /// Along each axis.
    public let cells: [Int]
    /// As many as there are vertices, or a smaller power of two.
    public let entries: Int

    public init(cells: [Int], entries: Int) {
      self.cells = cells
      self.entries = entries
    }

    /// Vertices of the lattice; a huge number where they cannot be counted.
    public var vertices: Int {
      cells.reduce(1) { product, cells in
        let (next, overflow) = product.multipliedReportingOverflow(by: cells + 1)
        return overflow ? Int.max : next
      }
    }

    public var isHashed: Bool { entries < vertices }
  }

  public let levels: [Level]
  /// Numbers of an entry.
  public let features: Int
  public var tables: [Float]

  /// The largest number of axes.
  public static let mostAxes = 4
  /// Cells along an axis, at most: finer ones a single-precision coordinate would not resolve.
  public static let mostCells = 1 << 20

  /// Numbers of an entry, and entries of a level, at most; so no place in a table leaves 32 bits.
  public static let mostFeatures = 32
  public static let mostEntries = 1 << 24

  /// `nil` when the numbers are not those of a grid.
  public init?(levels: [Level], features: Int, tables: [Float]) {
    guard let axes = levels.first?.cells.count, 1...Self.mostAxes ~= axes,
      1...Self.mostFeatures ~= features
    else { return nil }
    for level in levels {
      guard level.cells.count == axes, level.cells.allSatisfy({ 1...Self.mostCells ~= $0 }),
        level.entries > 0, level.entries <= level.vertices, level.entries <= Self.mostEntries,
        !level.isHashed || level.entries.nonzeroBitCount == 1
      else { return nil }
    }
    guard tables.count == levels.reduce(0, { $0 + $1.entries }) * features else { return nil }
    self.levels = levels
    self.features = features
    self.tables = tables
  }

  /// Coordinates of a point.
  public var inputs: Int { levels[0].cells.count }
}

/// How many lattices a grid has, how fine they are, and how much they store.
public struct GridShape: Sendable, Equatable, Codable {
  /// Lattices; their cells grow by the same factor from each to the next.
  public var levels: Int
  /// Numbers of an entry.
  public var features: Int
  /// Cells of the first lattice along each axis, or those of the last where they are fewer.
  public var coarsest: Int
  /// Cells of the last lattice: one number for each axis, or one for all.
  public var finest: [Int]
  /// Entries of a level at most, a power of two.
  public var entries: Int

  public init(
    levels: Int = 8, features: Int = 2, coarsest: Int = 8, finest: [Int], entries: Int = 1 << 14
  ) {
    self.levels = levels
    self.features = features
    self.coarsest = coarsest
    self.finest = finest
    self.entries = entries
  }

  private enum CodingKeys: String, CodingKey { case levels, features, coarsest, finest, entries }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    levels = try container.decode(Int.self, forKey: .levels)
    features = try container.decode(Int.self, forKey: .features)
    coarsest = try container.decode(Int.self, forKey: .coarsest)
    finest = try container.decode([Int].self, forKey: .finest)
    entries = try container.decode(Int.self, forKey: .entries)
    let cells = 1...GridEncoding.mostCells
    let isPossible =
      1...64 ~= levels && 1...GridEncoding.mostFeatures ~= features && cells ~= coarsest
      && !finest.isEmpty && finest.allSatisfy { cells ~= $0 }
      && 1...GridEncoding.mostEntries ~= entries && entries.nonzeroBitCount == 1
    guard isPossible else {
      throw DecodingError.dataCorruptedError(
        forKey: .levels, in: container, debugDescription: "these are not the numbers of a grid")
    }
  }

  func levels(inputs: Int) -> [GridEncoding.Level] {
    let finest = (0..<inputs).map { min(self.finest[min($0, self.finest.count - 1)], 1 << 20) }
    return (0..<levels).map { level in
      let share = levels == 1 ? 1 : Double(level) / Double(levels - 1)
      let cells = finest.map { finest in
        let start = Double(min(coarsest, finest))
        return Int((start * pow(Double(finest) / start, share)).rounded())
      }
      let vertices = GridEncoding.Level(cells: cells, entries: 1).vertices
      return GridEncoding.Level(cells: cells, entries: min(vertices, entries))
    }
  }

  /// Numbers that a grid of `inputs` axes stores.
  public func parameterCount(inputs: Int) -> Int {
    levels(inputs: inputs).reduce(0) { $0 + $1.entries } * features
  }

  /// A grid whose entries are drawn from ±10⁻⁴, as in the source of ``GridEncoding``.
  func encoding(inputs: Int, seed: UInt64) -> GridEncoding {
    let levels = levels(inputs: inputs)
    var random = SplitMix64(seed: seed, stream: 3)
    let tables = (0..<levels.reduce(0) { $0 + $1.entries } * features).map { _ in
      random.nextUniform(bound: 1e-4)
    }
    guard let grid = GridEncoding(levels: levels, features: features, tables: tables) else {
      preconditionFailure("no grid has the shape \(self) over \(inputs) axes")
    }
    return grid
  }
}
