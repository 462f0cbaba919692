/// Joins the polygons of all cells: corners with one identity become one vertex.
struct LevelWeld {
  private(set) var positions: [SIMD3<Double>] = []
  private(set) var faces = FaceList()
  /// Polygons whose corners became fewer than a polygon has: thinner than the tolerance.
  private(set) var collapsedCount = 0
  /// How many of the faces are the level's own; those that cap it stand behind them.
  private(set) var levelFaceCount = 0
  private var numbers: WordTable

  struct FaceList {
    var corners: [Int32] = []
    var starts: [Int32] = [0]
  }

  /// - Parameter leastCorners: 3 for polygons, 2 for lines.
  init(_ parts: [LevelPolygons], leastCorners: Int) {
    let cancelled = Self.cancelledFacets(parts)
    numbers = WordTable(capacity: parts.reduce(0) { $0 + $1.corners.count } / 4)
    var facet = 0
    for part in parts {
      var nextFacet = 0
      var first = 0
      for (polygon, end) in part.ends.enumerated() {
        var isCancelled = false
        if nextFacet < part.facetPolygons.count, part.facetPolygons[nextFacet] == polygon {
          isCancelled = cancelled[facet]
          nextFacet += 1
          facet += 1
        }
        if !isCancelled { add(part.corners[first..<end], leastCorners: leastCorners) }
        first = end
      }
    }
    levelFaceCount = faces.starts.count - 1
  }

  /// Adds the polygons that close a surface at the sides of its box.
  mutating func addCap(_ parts: [LevelPolygons]) {
    for part in parts {
      var first = 0
      for end in part.ends {
        add(part.corners[first..<end], leastCorners: 3)
        first = end
      }
    }
  }

  private mutating func add(_ corners: ArraySlice<LevelCorner>, leastCorners: Int) {
    let start = faces.corners.count
    for corner in corners {
      let number = number(of: corner)
      if faces.corners.count > start, faces.corners[faces.corners.count - 1] == number { continue }
      faces.corners.append(number)
    }
    while faces.corners.count > start + 1,
      faces.corners[faces.corners.count - 1] == faces.corners[start]
    {
      faces.corners.removeLast()
    }
    if faces.corners.count - start < leastCorners {
      faces.corners.removeLast(faces.corners.count - start)
      collapsedCount += 1
    } else {
      faces.starts.append(Int32(faces.corners.count))
    }
  }

  private mutating func number(of corner: LevelCorner) -> Int32 {
    let number = numbers.number(of: corner.identity.words)
    if Int(number) == positions.count { positions.append(corner.position) }
    return number
  }

  /// Which of the polygons that are facets come from the cells on both sides, in their order.
  private static func cancelledFacets(_ parts: [LevelPolygons]) -> [Bool] {
    var keys: [SIMD2<UInt64>] = []
    for part in parts {
      for polygon in part.facetPolygons {
        let first = polygon == 0 ? 0 : part.ends[polygon - 1]
        // A sum, so that the direction does not matter.
        keys.append(
          part.corners[first..<part.ends[polygon]].reduce(.zero) { $0 &+ $1.identity.words })
      }
    }
    let counts = keys.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return keys.map { counts[$0] ?? 0 > 1 }
  }
}
