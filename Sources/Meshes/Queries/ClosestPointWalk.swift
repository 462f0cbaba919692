/// The triangles that are closest to eight points at a time.
///
/// A node is left out if its box is farther from each point than the point's closest triangle so
/// far. Of triangles at the same distance the one that comes first in the mesh counts, so the answer
/// does not depend on the order of the walk, nor on the other points.
struct ClosestPointWalk {
  typealias Lanes = SIMD8<Double>

  private let tree: TriangleTree
  /// What one search leaves for the next.
  struct Memory {
    /// Nodes that are still to be visited.
    fileprivate var stack: [Int32] = []
    /// A triangle near the points before: its distance is where the next search begins.
    fileprivate var hint = 0
  }

  init(_ tree: TriangleTree) { self.tree = tree }

  /// The numbers of the closest triangles, in the leaves' order.
  ///
  /// - Parameter points: one to eight, in tree coordinates.
  func closestTriangles(to points: [SIMD3<Double>], _ memory: inout Memory)
    -> SIMD8<Int64>
  {
    var search = Search(points)
    search.visit(memory.hint, in: tree.triangles.span, tree.order.span)
    memory.stack.removeAll(keepingCapacity: true)
    memory.stack.append(0)
    let nodes = tree.nodes.span
    while !memory.stack.isEmpty {
      let number = memory.stack.removeLast()
      let node = nodes[Int(number)]
      guard search.mayBeIn(node) else { continue }
      guard node.leaf < 0 else {
        let leaf = tree.leaves[Int(node.leaf)]
        let (triangles, order) = (tree.triangles.span, tree.order.span)
        let first = Int(leaf.firstTriangle)
        for triangle in first..<first + Int(leaf.triangleCount) {
          search.visit(triangle, in: triangles, order)
        }
        continue
      }
      let first = number + 1
      let second = nodes[Int(first)].end
      if search.isNearer(nodes[Int(first)], than: nodes[Int(second)]) {
        memory.stack.append(second)
        memory.stack.append(first)
      } else {
        memory.stack.append(first)
        memory.stack.append(second)
      }
    }
    memory.hint = Int(search.triangles[0])
    return search.triangles
  }

  /// Where the search for eight points stands.
  private struct Search {
    private var x = Lanes.zero
    private var y = Lanes.zero
    private var z = Lanes.zero
    private var squares = Lanes(repeating: .infinity)
    /// Numbers in the mesh, which decide between equal distances.
    private var numbers = SIMD8<Int64>(repeating: .max)
    private(set) var triangles = SIMD8<Int64>.zero
    private let middle: SIMD3<Float>

    init(_ points: [SIMD3<Double>]) {
      var sum = SIMD3<Double>.zero
      for lane in 0..<Lanes.scalarCount {
        let point = points[min(lane, points.count - 1)]
        (x[lane], y[lane], z[lane]) = (point.x, point.y, point.z)
        sum += point
      }
      middle = SIMD3<Float>(sum / 8)
    }

    @inline(always)
    mutating func visit(_ triangle: Int, in triangles: Span<Triangle>, _ order: Span<Int32>) {
      let found = TriangleDistance(triangles[triangle]).squared(x, y, z)
      let number = SIMD8(repeating: Int64(order[triangle]))
      let isCloser = (found .< squares) .| ((found .== squares) .& (number .< numbers))
      squares.replace(with: found, where: isCloser)
      numbers.replace(with: number, where: isCloser)
      self.triangles.replace(with: SIMD8(repeating: Int64(triangle)), where: isCloser)
    }

    /// Whether a triangle in the node can be as close as the closest so far. The distance to the box
    /// is rounded, hence the slack.
    @inline(always)
    func mayBeIn(_ node: TreeNode) -> Bool {
      let dx = Self.outside(x, node.lower.x, node.upper.x)
      let dy = Self.outside(y, node.lower.y, node.upper.y)
      let dz = Self.outside(z, node.lower.z, node.upper.z)
      let square = (dx * dx).addingProduct(dy, dy).addingProduct(dz, dz)
      let isNear = square * (1 - 1e-12) .<= squares + 1e-30
      // Whether any lane is: the standard library asks lane by lane.
      let eight = Lanes.zero.replacing(with: 1, where: isNear)
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      return two.x + two.y > 0
    }

    /// How far the coordinates lie outside an interval.
    @inline(always)
    private static func outside(_ x: Lanes, _ lower: Float, _ upper: Float) -> Lanes {
      let (below, above) = (Double(lower) - x, x - Double(upper))
      let most = below.replacing(with: above, where: above .> below)
      return most.replacing(with: 0, where: most .< 0)
    }

    @inline(always)
    func isNearer(_ a: TreeNode, than b: TreeNode) -> Bool { distance(a) <= distance(b) }

    @inline(always)
    private func distance(_ node: TreeNode) -> Float {
      let way = most(most(node.lower - middle, middle - node.upper), .zero)
      return (way * way).sum()
    }
  }
}
