import Compute

/// Points in a k-d tree: which one is nearest.
///
/// - Layout: the points are sorted so that those of a node stand together; node `n` has the children
///   `2n + 1` and `2n + 2`, halves of its points to either side of a plane across the longest side
///   of their box. Leaves have at most ``leafCapacity`` points.
/// - Source: Friedman, Bentley, Finkel, "An algorithm for finding best matches in logarithmic
///   expected time", ACM TOMS 1977.
public struct PointTree: Sendable {
  static let leafCapacity = 8

  public let count: Int
  /// The points in the tree's order, and their numbers.
  private let points: [SIMD3<Double>]
  private let numbers: [Int32]
  private let nodes: [Node]

  private struct Node: Sendable {
    var lower: SIMD3<Double>
    var upper: SIMD3<Double>
    var first: Int32
    var end: Int32
  }

  /// - Parameter points: at least one, all finite.
  public init(_ points: [SIMD3<Double>], workers: Workers = Workers()) {
    precondition(!points.isEmpty, "the nearest of no points cannot be found")
    TriangleTree.check(points)
    count = points.count
    let depth = Self.depth(points.count)
    var entries = (0..<Int32(points.count)).map { Entry(point: points[Int($0)], number: $0) }
    var nodes = [Node](
      repeating: Node(lower: .zero, upper: .zero, first: 0, end: 0), count: (2 << depth) - 1)
    // 1. The upper levels one after another, then the workers take a subtree each.
    let upperDepth = min(depth, 6)
    Self.build(&entries, 0, 0..<entries.count, 0, node: 0, levels: upperDepth, &nodes)
    let roots = (1 << upperDepth) - 1..<(2 << upperDepth) - 1
    let parts = workers.map(roots.count) { [entries, nodes] _, part in
      let root = nodes[roots.lowerBound + part]
      var own = Array(entries[Int(root.first)..<Int(root.end)])
      var below = [Node](repeating: root, count: (2 << (depth - upperDepth)) - 1)
      Self.build(
        &own, Int(root.first), 0..<own.count, 0, node: 0, levels: depth - upperDepth, &below)
      return (own, below)
    }
    // 2. Level by level, the parts' nodes stand side by side.
    var sorted: [Entry] = []
    sorted.reserveCapacity(entries.count)
    for (part, (own, below)) in parts.enumerated() {
      sorted += own
      for level in 0...(depth - upperDepth) {
        let width = 1 << level
        for i in 0..<width {
          nodes[(1 << (upperDepth + level)) - 1 + part * width + i] = below[width - 1 + i]
        }
      }
    }
    self.points = sorted.map(\.point)
    numbers = sorted.map(\.number)
    self.nodes = nodes
  }

  /// The number of the point that is nearest, of several the first one, and its squared distance.
  public func nearest(to point: SIMD3<Double>) -> (index: Int, squaredDistance: Double) {
    var search = Search(point: point)
    descend(0, &search)
    return (Int(search.number), search.square)
  }

  /// ``nearest(to:)`` of each of the points.
  public func nearest(to points: [SIMD3<Double>], workers: Workers = Workers())
    -> [(index: Int, squaredDistance: Double)]
  {
    TriangleTree.check(points)
    return workers.inSpatialOrder(points, filling: (index: 0, squaredDistance: 0)) { chunk in
      chunk.map { nearest(to: $0) }
    }
  }

  // MARK: Searching

  private struct Search {
    let point: SIMD3<Double>
    var square = Double.infinity
    var number = Int32.max
  }

  private func descend(_ number: Int, _ search: inout Search) {
    let nodes = nodes.span
    guard 2 * number + 2 < nodes.count else {
      let node = nodes[number]
      let points = points.span
      for i in Int(node.first)..<Int(node.end) {
        let way = points[i] - search.point
        let square = way.dot(way)
        if square < search.square || (square == search.square && numbers[i] < search.number) {
          (search.square, search.number) = (square, numbers[i])
        }
      }
      return
    }
    let (first, second) = (2 * number + 1, 2 * number + 2)
    let toFirst = Self.squaredDistance(search.point, nodes[first])
    let toSecond = Self.squaredDistance(search.point, nodes[second])
    // A box as far away as the nearest point may hold one with a smaller number. Its distance is
    // rounded as that of a point in it is: differences, squares and sums never round out of order.
    if toFirst <= toSecond {
      if toFirst <= search.square { descend(first, &search) }
      if toSecond <= search.square { descend(second, &search) }
    } else {
      if toSecond <= search.square { descend(second, &search) }
      if toFirst <= search.square { descend(first, &search) }
    }
  }

  private static func squaredDistance(_ point: SIMD3<Double>, _ node: Node) -> Double {
    let (below, above) = (node.lower - point, point - node.upper)
    var way = below.replacing(with: above, where: above .> below)
    way.replace(with: 0, where: way .< 0)
    return way.dot(way)
  }

  // MARK: Building

  /// How many levels are below the root.
  private static func depth(_ count: Int) -> Int {
    var depth = 0
    while count > leafCapacity << depth { depth += 1 }
    return depth
  }

  private struct Entry: Sendable {
    var point: SIMD3<Double>
    var number: Int32
  }

  /// Sorts `entries[range]` into `levels` levels of nodes; `offset` is added to the nodes' ranges.
  private static func build(
    _ entries: inout [Entry], _ offset: Int, _ range: Range<Int>, _ level: Int, node: Int,
    levels: Int, _ nodes: inout [Node]
  ) {
    var lower = SIMD3<Double>(repeating: .infinity)
    var upper = -lower
    for i in range {
      let point = entries[i].point
      lower.replace(with: point, where: point .< lower)
      upper.replace(with: point, where: point .> upper)
    }
    nodes[node] = Node(
      lower: lower, upper: upper, first: Int32(offset + range.lowerBound),
      end: Int32(offset + range.upperBound))
    guard level < levels else { return }
    let size = upper - lower
    let axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
    let middle = range.lowerBound + range.count / 2
    select(&entries, range, middle, axis)
    build(
      &entries, offset, range.lowerBound..<middle, level + 1, node: 2 * node + 1, levels: levels,
      &nodes)
    build(
      &entries, offset, middle..<range.upperBound, level + 1, node: 2 * node + 2, levels: levels,
      &nodes)
  }

  /// Moves entries so that those before `middle` are not beyond those from it on (Hoare's selection,
  /// with the middle of three as the pivot).
  private static func select(
    _ entries: inout [Entry], _ range: Range<Int>, _ middle: Int, _ axis: Int
  ) {
    var entries = entries.mutableSpan
    var (low, high) = (range.lowerBound, range.upperBound - 1)
    while low < high {
      let (a, b, c) = (
        entries[low].point[axis], entries[(low + high) / 2].point[axis], entries[high].point[axis]
      )
      let pivot = max(min(a, b), min(max(a, b), c))
      var (i, j) = (low, high)
      while i <= j {
        while entries[i].point[axis] < pivot { i += 1 }
        while entries[j].point[axis] > pivot { j -= 1 }
        if i <= j {
          entries.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if middle <= j { high = j } else if middle >= i { low = i } else { return }
    }
  }
}
