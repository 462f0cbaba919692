import Meshes
import ShapeFitting
import Testing

/// Which parts of a grid `inr mesh --sparse` looks at.
struct MeshBlockSearchTests {
  /// Samples from −1 to 1 whose last blocks of eight are smaller than the others.
  private static let grid = SampleGrid(
    counts: SIMD3(70, 61, 66), box: Box(lower: [-1, -1, -1], upper: [1, 1, 1]))

  /// A thin rod at a slant, negative inside.
  private static func rod(_ p: SIMD3<Double>) -> Double {
    abs(p.y - 0.37 * p.x - 0.02) + abs(p.z + 0.21 * p.x) - 0.05
  }

  private static func search(
    _ field: @escaping (SIMD3<Double>) -> Double
  ) throws -> (BlockSearch, evaluations: Int) {
    var count = 0
    let search = try BlockSearch(grid, size: 8, level: 0) { positions in
      count += positions.count
      return positions.map { Float(field($0)) }
    }
    return (search, count)
  }

  /// Calls `body` with the box and the field's values at all samples of each block.
  private static func forEachBlock(
    _ field: (SIMD3<Double>) -> Double, _ body: (Box, [Double]) -> Void
  ) {
    let blocks = (grid.counts &- 2) / 8 &+ 1
    for number in 0..<blocks.x * blocks.y * blocks.z {
      let block = SIMD3(
        number % blocks.x, number / blocks.x % blocks.y, number / (blocks.x * blocks.y))
      let (first, last) = (block &* 8, pointwiseMin(block &* 8 &+ 8, grid.counts &- 1))
      var values: [Double] = []
      for z in first.z...last.z {
        for y in first.y...last.y {
          for x in first.x...last.x {
            values.append(field(grid.position([Double(x), Double(y), Double(z)])))
          }
        }
      }
      body(
        Box(lower: grid.position(SIMD3<Double>(first)), upper: grid.position(SIMD3<Double>(last))),
        values)
    }
  }

  @Test func aRodIsFollowedToItsEnds() throws {
    let (search, evaluations) = try Self.search(Self.rod)
    var inside = 0
    Self.forEachBlock(Self.rod) { block, values in
      if values.contains(where: { $0 < 0 }) { inside += 1 }
      switch search.side(of: block) {
      case .above: #expect(values.allSatisfy { $0 >= 0 }, "\(block)")
      case .below: Issue.record("no block lies in the rod: \(block)")
      case nil: break
      }
    }
    // Eight blocks along the rod, at least.
    #expect(inside >= 8)
    #expect(search.wantedShare < 0.2)
    #expect(evaluations < Self.grid.sampleCount / 5)
    let range = try #require(search.range)
    #expect(range.lowerBound < 0 && range.upperBound > 2)
  }

  /// Six blocks far inside and 32 far outside, counted apart.
  @Test func blocksInsideABallAreKnown() throws {
    func ball(_ p: SIMD3<Double>) -> Double { (p * p).sum().squareRoot() - 0.9 }
    let (search, _) = try Self.search(ball)
    var sides = (below: 0, above: 0)
    Self.forEachBlock(ball) { block, values in
      switch search.side(of: block) {
      case .below:
        sides.below += 1
        #expect(values.allSatisfy { $0 < 0 }, "\(block)")
      case .above:
        sides.above += 1
        #expect(values.allSatisfy { $0 >= 0 }, "\(block)")
      case nil: break
      }
    }
    #expect(sides.below == 6 && sides.above == 32)
  }

  @Test func whatIsNotANumberIsFoundWhereItIsSeen() throws {
    #expect(throws: MarchingCubesError.notANumber(sample: SIMD3(8, 0, 16))) {
      let place = Self.grid.position([8, 0, 16])
      _ = try Self.search { $0 == place ? .nan : 1 }
    }
  }
}
