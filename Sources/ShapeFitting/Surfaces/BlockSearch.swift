import Meshes

/// Finds the blocks of a grid that a surface passes through, from few of the field's samples.
///
/// 1. The field is sampled at the corners of all blocks. A block stays out if all its corners and
///    all those of its neighbours are on one side of the level.
/// 2. The samples on the faces between blocks that stay out and others are computed. A block with a
///    sample there on the other side comes in, and so on until none does.
///
/// So what is found is complete: no surface leads from a block that is in to one that is not. Parts
/// of the surface that touch no other part and that no corner notices stay unfound.
package struct BlockSearch: Sendable {
  /// What is known of a block.
  private enum State: UInt8 { case below, above, wanted }

  private let grid: SampleGrid
  private let size: Int
  private let level: Double
  private let counts: SIMD3<Int>
  private var states: [State] = []
  /// The least and largest sample that was seen.
  package private(set) var range: ClosedRange<Float>?

  /// - Parameters:
  ///   - size: cells along a block's sides.
  ///   - values: the field at some positions.
  package init(
    _ grid: SampleGrid, size: Int, level: Double, values: ([SIMD3<Double>]) -> [Float]
  ) throws(MarchingCubesError) {
    precondition(size >= 1, "a block cannot have \(size) cells along its sides")
    self.grid = grid
    self.size = size
    self.level = level
    counts = (grid.counts &- 2) / size &+ 1
    states = try initialStates(isAbove: sampledCorners(values))
    try grow(values)
  }

  /// The side on which the field is in a block of the grid; nil if its samples are wanted.
  package func side(of block: Box) -> MarchingCubes.Side? {
    let place = (block.lower - grid.box.lower) / (grid.spacing * Double(size))
    let number = index(
      SIMD3(Int(place.x.rounded()), Int(place.y.rounded()), Int(place.z.rounded())))
    switch states[number] {
    case .below: return .below
    case .above: return .above
    case .wanted: return nil
    }
  }

  /// The share of the blocks whose samples are wanted.
  package var wantedShare: Double { Double(states.count { $0 == .wanted }) / Double(states.count) }

  private func index(_ block: SIMD3<Int>) -> Int {
    (block.z * counts.y + block.y) * counts.x + block.x
  }

  private func block(_ index: Int) -> SIMD3<Int> {
    let (row, x) = index.quotientAndRemainder(dividingBy: counts.x)
    return SIMD3(x, row % counts.y, row / counts.y)
  }

  // MARK: 1. Corners

  /// Whether the field is at or above the level at each corner of the blocks, x fastest.
  private mutating func sampledCorners(_ values: ([SIMD3<Double>]) -> [Float])
    throws(MarchingCubesError) -> [Bool]
  {
    var isAbove: [Bool] = []
    isAbove.reserveCapacity((counts.x + 1) * (counts.y + 1) * (counts.z + 1))
    for z in 0...counts.z {
      var samples: [SIMD3<Int>] = []
      for y in 0...counts.y {
        for x in 0...counts.x { samples.append(sample(SIMD3(x, y, z))) }
      }
      isAbove += try sides(of: samples, values)
    }
    return isAbove
  }

  /// The sample at a corner.
  private func sample(_ corner: SIMD3<Int>) -> SIMD3<Int> {
    pointwiseMin(corner &* size, grid.counts &- 1)
  }

  private mutating func sides(
    of samples: [SIMD3<Int>], _ values: ([SIMD3<Double>]) -> [Float]
  ) throws(MarchingCubesError) -> [Bool] {
    let found = values(samples.map { grid.position(SIMD3<Double>($0)) })
    var (least, largest) = (Float.infinity, -Float.infinity)
    for (i, value) in found.enumerated() {
      if value.isNaN { throw .notANumber(sample: samples[i]) }
      least = min(least, value)
      largest = max(largest, value)
    }
    if least <= largest { range = range.joined(with: least...largest) }
    return found.map { Double($0) >= level }
  }

  private func initialStates(isAbove: [Bool]) -> [State] {
    let corners = counts &+ 1
    return (0..<counts.x * counts.y * counts.z).map { number in
      let block = block(number)
      let first = pointwiseMax(block &- 1, .zero)
      let last = pointwiseMin(block &+ 2, corners &- 1)
      var seen = (below: false, above: false)
      for z in first.z...last.z {
        for y in first.y...last.y {
          let row = (z * corners.y + y) * corners.x
          for x in first.x...last.x {
            if isAbove[row + x] { seen.above = true } else { seen.below = true }
          }
        }
      }
      return seen.above ? (seen.below ? .wanted : .above) : .below
    }
  }

  // MARK: 2. Faces

  /// Lets blocks in as long as samples on their faces ask for it.
  private mutating func grow(_ values: ([SIMD3<Double>]) -> [Float]) throws(MarchingCubesError) {
    var new = states.indices.filter { states[$0] == .wanted }
    while !new.isEmpty {
      var next: [Int] = []
      for start in stride(from: 0, to: new.count, by: Self.blocksAtOnce) {
        next += try neighbours(
          of: new[start..<min(start + Self.blocksAtOnce, new.count)], values)
      }
      new = next
    }
  }

  private static let blocksAtOnce = 4096

  /// Lets in the neighbours of some blocks that the field tells to.
  private mutating func neighbours(
    of blocks: ArraySlice<Int>, _ values: ([SIMD3<Double>]) -> [Float]
  ) throws(MarchingCubesError) -> [Int] {
    var faces: [(block: Int, end: Int)] = []
    var samples: [SIMD3<Int>] = []
    for number in blocks {
      let block = block(number)
      for axis in 0..<3 {
        for step in [-1, 1] {
          var other = block
          other[axis] += step
          guard 0..<counts[axis] ~= other[axis], states[index(other)] != .wanted else { continue }
          append(faceOf: other, axis, corner: max(block[axis], other[axis]), to: &samples)
          faces.append((index(other), samples.count))
        }
      }
    }
    guard !samples.isEmpty else { return [] }
    let isAbove = try sides(of: samples, values)
    var new: [Int] = []
    var start = 0
    for (block, end) in faces {
      let state = states[block]
      if state != .wanted, isAbove[start..<end].contains(state == .below) {
        states[block] = .wanted
        new.append(block)
      }
      start = end
    }
    return new
  }

  /// Appends the samples of a face of a block.
  private func append(
    faceOf block: SIMD3<Int>, _ axis: Int, corner: Int, to samples: inout [SIMD3<Int>]
  ) {
    var (first, last) = (sample(block), sample(block &+ 1))
    first[axis] = min(corner * size, grid.counts[axis] - 1)
    last[axis] = first[axis]
    for z in first.z...last.z {
      for y in first.y...last.y {
        for x in first.x...last.x { samples.append(SIMD3(x, y, z)) }
      }
    }
  }
}
