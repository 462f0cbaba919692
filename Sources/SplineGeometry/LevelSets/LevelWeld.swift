import Compute

/// Joins the polygons of all cells: corners with one identity become one vertex.
///
/// Parts that follow one another make slices, and identities are dealt out to shards by some of their
/// bits. Each shard numbers its identities in the order of the slices; of these numbers each
/// slice makes its faces. So nearly all of it is shared out to the workers, each table is small, and
/// the result does not depend on who does what.
struct LevelWeld {
  private(set) var positions: [SIMD3<Double>] = []
  private(set) var faces = FaceList()
  /// Polygons whose corners became fewer than a polygon has: thinner than the tolerance.
  private(set) var collapsedCount = 0
  /// How many of the faces are the level's own; those that cap it stand behind them.
  private(set) var levelFaceCount = 0

  struct FaceList {
    var corners: [Int32] = []
    var starts: [Int32] = [0]
  }

  /// - Parameters:
  ///   - cap: the polygons that close a surface at the sides of its box.
  ///   - leastCorners: 3 for polygons, 2 for lines.
  init(
    _ parts: [LevelPolygons], cap: [LevelPolygons] = [], leastCorners: Int, workers: Workers
  ) {
    let level = Self.withoutCancelledFacets(parts)
    let ranges = WeldSlice.ranges(of: level)
    let capRanges = WeldSlice.ranges(of: cap)
    // 1. Each slice sorts the identities of its corners by shard.
    let slices = workers.map(ranges.count + capRanges.count) { _, k in
      k < ranges.count
        ? WeldSlice(level[ranges[k]]) : WeldSlice(cap[capRanges[k - ranges.count]])
    }
    // 2. Each shard numbers its identities.
    let shards = workers.map(WeldSlice.shardCount) { _, shard in WeldShard(shard, of: slices) }
    // 3. A slice's new vertices stand behind those of the slices before, in the corners' order.
    var firsts: [Int32] = [0]
    for slice in slices.indices {
      firsts.append(firsts[slice] + shards.reduce(0) { $0 + $1.newCount(in: slice) })
    }
    let ranks = workers.map(slices.count) { _, k in
      slices[k].ranks(ofNew: shards.map { $0.newPlaces(in: k) })
    }
    let vertices = workers.map(shards.count) { [firsts] _, shard in
      shards[shard].vertices(ranks, behind: firsts)
    }
    // 4. Each slice makes its faces.
    let made = workers.map(slices.count) { [firsts] _, k in
      WeldedFaces(
        k < ranges.count ? level[ranges[k]] : cap[capRanges[k - ranges.count]], slices[k],
        vertices: shards.indices.map { vertices[$0][shards[$0].entries(of: k)] },
        new: firsts[k]..<firsts[k + 1], leastCorners: leastCorners)
    }
    append(made, levelCount: ranges.count)
  }

  private mutating func append(_ made: [WeldedFaces], levelCount: Int) {
    positions.reserveCapacity(made.reduce(0) { $0 + $1.positions.count })
    faces.corners.reserveCapacity(made.reduce(0) { $0 + $1.corners.count })
    faces.starts.reserveCapacity(made.reduce(1) { $0 + $1.ends.count })
    for (k, slice) in made.enumerated() {
      let first = Int32(faces.corners.count)
      positions += slice.positions
      faces.corners += slice.corners
      for end in slice.ends { faces.starts.append(first + end) }
      collapsedCount += slice.collapsedCount
      if k < levelCount { levelFaceCount += slice.ends.count }
    }
  }

  /// Leaves out polygons that are facets and come from the cells on both sides.
  private static func withoutCancelledFacets(_ parts: [LevelPolygons]) -> [LevelPolygons] {
    var counts: [SIMD2<UInt64>: Int] = [:]
    for part in parts {
      for polygon in part.facetPolygons { counts[part.key(of: polygon), default: 0] += 1 }
    }
    guard counts.values.contains(where: { $0 > 1 }) else { return parts }
    return parts.map { part in
      let cancelled = Set(part.facetPolygons.filter { counts[part.key(of: $0)] ?? 0 > 1 })
      guard !cancelled.isEmpty else { return part }
      var left = LevelPolygons()
      for polygon in part.ends.indices where !cancelled.contains(polygon) {
        for corner in part.corners[part.range(of: polygon)] { left.append(corner) }
        left.endPolygon()
      }
      return left
    }
  }
}

extension LevelPolygons {
  /// Where a polygon's corners stand.
  fileprivate func range(of polygon: Int) -> Range<Int> {
    (polygon == 0 ? 0 : ends[polygon - 1])..<ends[polygon]
  }

  /// The same for a polygon in either direction.
  fileprivate func key(of polygon: Int) -> SIMD2<UInt64> {
    corners[range(of: polygon)].reduce(.zero) { $0 &+ $1.identity.words }
  }
}

/// The identities of the corners of some parts that follow one another.
private struct WeldSlice: Sendable {
  static let shardCount = 64
  /// Slices have so many corners, or a few more.
  private static let cornerCount = 4096

  /// Sorted by shard, those of one shard in the order of the corners.
  let identities: [SIMD2<UInt64>]
  /// Which corners these are of.
  let places: [Int32]
  /// Where the shards start in `identities`, and the end.
  let starts: [Int]

  static func ranges(of parts: [LevelPolygons]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (first, count) = (0, 0)
    for (k, part) in parts.enumerated() {
      count += part.corners.count
      guard count >= cornerCount || k == parts.count - 1 else { continue }
      ranges.append(first..<k + 1)
      (first, count) = (k + 1, 0)
    }
    return ranges
  }

  init(_ parts: ArraySlice<LevelPolygons>) {
    var starts = [Int](repeating: 0, count: Self.shardCount + 2)
    for part in parts {
      for corner in part.corners { starts[Self.shard(of: corner) + 2] += 1 }
    }
    for shard in starts.indices.dropFirst() { starts[shard] += starts[shard - 1] }
    var identities = [SIMD2<UInt64>](repeating: .zero, count: starts[starts.count - 1])
    var places = [Int32](repeating: 0, count: identities.count)
    // After this the starts have moved to the places of the shards before.
    var number: Int32 = 0
    for part in parts {
      for corner in part.corners {
        let shard = Self.shard(of: corner) + 1
        identities[starts[shard]] = corner.identity.words
        places[starts[shard]] = number
        starts[shard] += 1
        number += 1
      }
    }
    self.identities = identities
    self.places = places
    self.starts = starts.dropLast()
  }

  /// How many corners with new identities come before each corner.
  func ranks(ofNew places: [ArraySlice<Int32>]) -> [Int32] {
    var ranks = [Int32](repeating: 0, count: identities.count + 1)
    for place in places.joined() { ranks[Int(place) + 1] = 1 }
    for k in ranks.indices.dropFirst() { ranks[k] += ranks[k - 1] }
    return ranks
  }

  @inline(__always)
  private static func shard(of corner: LevelCorner) -> Int {
    Int(truncatingIfNeeded: corner.identity.words.y & UInt64(shardCount - 1))
  }
}

/// The identities of one shard, numbered in the order in which the slices have them.
private struct WeldShard: Sendable {
  /// Of the corners of all slices.
  private var numbers: [Int32] = []
  /// Where each slice's corners start, and the end.
  private var starts = [0]
  /// The corner in its slice with which each identity comes first.
  private var newPlaces: [Int32] = []
  /// How many identities there are before each slice, and behind the last.
  private var counts = [0]

  init(_ shard: Int, of slices: [WeldSlice]) {
    let capacity = slices.reduce(0) { $0 + $1.starts[shard + 1] - $1.starts[shard] }
    numbers.reserveCapacity(capacity)
    var table = WordTable(capacity: capacity / 4)
    for slice in slices {
      for k in slice.starts[shard]..<slice.starts[shard + 1] {
        let number = table.number(of: slice.identities[k])
        numbers.append(number)
        if table.count > newPlaces.count { newPlaces.append(slice.places[k]) }
      }
      starts.append(numbers.count)
      counts.append(newPlaces.count)
    }
  }

  func newCount(in slice: Int) -> Int32 { Int32(counts[slice + 1] - counts[slice]) }

  func newPlaces(in slice: Int) -> ArraySlice<Int32> {
    newPlaces[counts[slice]..<counts[slice + 1]]
  }

  func entries(of slice: Int) -> Range<Int> { starts[slice]..<starts[slice + 1] }

  /// The vertices of the corners of all slices.
  ///
  /// - Parameters:
  ///   - ranks: of each slice's corners, as ``WeldSlice/ranks(ofNew:)`` has them.
  ///   - firsts: the first new vertex of each slice.
  func vertices(_ ranks: [[Int32]], behind firsts: [Int32]) -> [Int32] {
    var vertexOfNumber: [Int32] = []
    vertexOfNumber.reserveCapacity(newPlaces.count)
    for slice in ranks.indices {
      for place in newPlaces(in: slice) {
        vertexOfNumber.append(firsts[slice] + ranks[slice][Int(place)])
      }
    }
    return numbers.map { vertexOfNumber[Int($0)] }
  }
}

/// The faces of one slice, and the vertices that are new in it.
private struct WeldedFaces: Sendable {
  private(set) var positions: [SIMD3<Double>] = []
  private(set) var corners: [Int32] = []
  private(set) var ends: [Int32] = []
  private(set) var collapsedCount = 0

  /// - Parameters:
  ///   - vertices: of the slice's corners, shard by shard.
  ///   - new: those that come first in this slice, in the order of the corners.
  init(
    _ parts: ArraySlice<LevelPolygons>, _ slice: WeldSlice, vertices: [ArraySlice<Int32>],
    new: Range<Int32>, leastCorners: Int
  ) {
    var vertexOfCorner = [Int32](repeating: 0, count: slice.places.count)
    for (place, vertex) in zip(slice.places, vertices.joined()) {
      vertexOfCorner[Int(place)] = vertex
    }
    positions.reserveCapacity(new.count)
    corners.reserveCapacity(vertexOfCorner.count)
    var first = 0
    for part in parts {
      var corner = 0
      for end in part.ends {
        let start = corners.count
        while corner < end {
          let vertex = vertexOfCorner[first + corner]
          if vertex == new.lowerBound + Int32(positions.count) {
            positions.append(part.corners[corner].position)
          }
          if corners.count == start || corners[corners.count - 1] != vertex {
            corners.append(vertex)
          }
          corner += 1
        }
        endPolygon(from: start, leastCorners: leastCorners)
      }
      first += part.corners.count
    }
  }

  private mutating func endPolygon(from start: Int, leastCorners: Int) {
    while corners.count > start + 1, corners[corners.count - 1] == corners[start] {
      corners.removeLast()
    }
    if corners.count - start < leastCorners {
      corners.removeLast(corners.count - start)
      collapsedCount += 1
    } else {
      ends.append(Int32(corners.count))
    }
  }
}
