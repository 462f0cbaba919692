import Compute

/// Builds a ``TriangleTree``: splits the triangles where the surface area heuristic is least, over
/// sixteen bins along the longest side, until they fit into leaves.
///
/// The upper splits are made one after another, until the parts are small; then the workers take a
/// part each. Where the parts end depends on the mesh alone.
///
/// - Source: Wald, "On fast construction of SAH-based bounding volume hierarchies", RT 2007.
struct TreeBuilder {
  private let mesh: Mesh
  private let frame: TreeFrame
  private let workers: Workers
  private let positions: [SIMD3<Double>]
  private let corners: [SIMD3<Int32>]

  init(_ mesh: Mesh, _ frame: TreeFrame, _ workers: Workers) {
    self.mesh = mesh
    self.frame = frame
    self.workers = workers
    let input = mesh.positions
    positions = workers.inChunks(of: input.count) { range in
      range.map { frame.local(input[$0]) }
    }
    corners = mesh.triangles
  }

  /// What the upper splits leave.
  fileprivate indirect enum Plan {
    case part(Int)
    case split(axis: Int, Plan, Plan)
  }

  func build() -> Subtree {
    var records = makeRecords()
    let partSize = max(records.count / 64, 4096)
    var parts: [Range<Int>] = []
    let plan = Self.plan(&records, 0..<records.count, partSize, &parts)
    let subtrees = workers.map(parts.count) { [records, parts] _, part in
      var builder = SubtreeBuilder(positions: positions, corners: corners)
      builder.build(Array(records[parts[part]]))
      return builder.tree
    }
    var tree = Subtree()
    let count = records.count
    tree.triangles.reserveCapacity(count)
    tree.leafCorners.reserveCapacity(count)
    tree.order.reserveCapacity(count)
    _ = tree.append(plan, subtrees)
    return tree
  }

  private func makeRecords() -> [TriangleRecord] {
    workers.inChunks(of: corners.count) { range in
      let positions = positions.span
      return range.map { i in
        let corner = corners[i]
        let (a, b, c) = (
          positions[Int(corner.x)], positions[Int(corner.y)], positions[Int(corner.z)]
        )
        return TriangleRecord(
          lower: SIMD3<Float>(roundedDown: pointwiseMin(a, pointwiseMin(b, c))),
          upper: SIMD3<Float>(roundedUp: pointwiseMax(a, pointwiseMax(b, c))), index: Int32(i))
      }
    }
  }

  private static func plan(
    _ records: inout [TriangleRecord], _ range: Range<Int>, _ partSize: Int,
    _ parts: inout [Range<Int>]
  ) -> Plan {
    guard range.count > partSize else {
      parts.append(range)
      return .part(parts.count - 1)
    }
    var span = records.mutableSpan
    let split = TriangleSplit(&span, range)
    let first = plan(&records, range.lowerBound..<split.middle, partSize, &parts)
    let second = plan(&records, split.middle..<range.upperBound, partSize, &parts)
    return .split(axis: split.axis, first, second)
  }

  /// A tree, or a part of one whose numbers start at zero.
  struct Subtree {
    var nodes: [TreeNode] = []
    var expansions: [SolidAngleExpansion] = []
    var leaves: [TreeLeaf] = []
    var leafVertices: [SIMD3<Float>] = []
    var leafCorners: [SIMD3<UInt8>] = []
    var triangles: [Triangle] = []
    var order: [Int32] = []
    /// Of the root.
    var root: Branch?

    /// Appends the parts below `plan` and the nodes that join them.
    fileprivate mutating func append(_ plan: Plan, _ subtrees: [Subtree]) -> Branch {
      switch plan {
      case .part(let part): return append(subtrees[part])
      case .split(let axis, let first, let second):
        let node = reserveNode()
        let a = append(first, subtrees)
        let b = append(second, subtrees)
        return close(node, axis: axis, a, b)
      }
    }

    private mutating func append(_ part: Subtree) -> Branch {
      guard let root = part.root else { preconditionFailure("a part of a tree has no root") }
      let (node, leaf) = (Int32(nodes.count), Int32(leaves.count))
      let (triangle, vertex) = (Int32(triangles.count), Int32(leafVertices.count))
      for var each in part.nodes {
        each.end += node
        if each.leaf >= 0 { each.leaf += leaf }
        nodes.append(each)
      }
      for var each in part.leaves {
        each.firstTriangle += triangle
        each.firstVertex += vertex
        leaves.append(each)
      }
      expansions += part.expansions
      leafVertices += part.leafVertices
      leafCorners += part.leafCorners
      triangles += part.triangles
      order += part.order
      return root
    }

    /// Makes room for a node whose children are not known yet.
    mutating func reserveNode() -> Int {
      nodes.append(TreeNode(lower: .zero, upper: .zero, end: 0, leaf: -1, axis: 0))
      expansions.append(SolidAngleExpansion(SurfaceMoments(around: .zero), radius: 0))
      return nodes.count - 1
    }

    /// Fills a node in when all below it stands.
    mutating func close(_ node: Int, axis: Int, _ a: Branch, _ b: Branch) -> Branch {
      let branch = Branch(joining: a, b)
      fill(node, branch, leaf: -1, axis: Int32(axis))
      return branch
    }

    mutating func fill(_ node: Int, _ branch: Branch, leaf: Int32, axis: Int32) {
      nodes[node] = TreeNode(
        lower: branch.lower, upper: branch.upper, end: Int32(nodes.count), leaf: leaf, axis: axis)
      expansions[node] = SolidAngleExpansion(branch.moments, radius: branch.radius)
    }
  }
}

/// What a node's parent needs to know of it.
struct Branch {
  var lower: SIMD3<Float>
  var upper: SIMD3<Float>
  var moments: SurfaceMoments
  /// A ball of this radius around the moments' centre holds all triangles.
  var radius: Double

  init(lower: SIMD3<Float>, upper: SIMD3<Float>, moments: SurfaceMoments, radius: Double) {
    self.lower = lower
    self.upper = upper
    self.moments = moments
    self.radius = radius
  }

  init(joining a: Branch, _ b: Branch) {
    lower = pointwiseMin(a.lower, b.lower)
    upper = pointwiseMax(a.upper, b.upper)
    let area = a.moments.area + b.moments.area
    // The centres' mean by area; of triangles without area, just the mean.
    let share = area > 0 ? b.moments.area / area : 0.5
    let center = a.moments.center + share * (b.moments.center - a.moments.center)
    moments = SurfaceMoments(around: center)
    moments.add(a.moments)
    moments.add(b.moments)
    // The farthest corner of the box, or of the children's balls: whichever is nearer.
    let reach = pointwiseMax(center - SIMD3<Double>(lower), SIMD3<Double>(upper) - center)
    let (toA, toB) = (
      (a.moments.center - center).length + a.radius, (b.moments.center - center).length + b.radius
    )
    radius = min(reach.length, max(toA, toB))
  }
}

/// Builds the part of a tree over some of the triangles.
private struct SubtreeBuilder {
  private(set) var tree = TreeBuilder.Subtree()
  private let positions: [SIMD3<Double>]
  private let corners: [SIMD3<Int32>]
  /// The vertices of the leaf that is being made.
  private var vertices: [Int32] = []

  init(positions: [SIMD3<Double>], corners: [SIMD3<Int32>]) {
    self.positions = positions
    self.corners = corners
  }

  mutating func build(_ records: [TriangleRecord]) {
    var records = records
    tree.root = build(&records, 0..<records.count)
  }

  private mutating func build(_ records: inout [TriangleRecord], _ range: Range<Int>) -> Branch {
    let node = tree.reserveNode()
    guard range.count > TriangleTree.leafCapacity else { return makeLeaf(node, records[range]) }
    var span = records.mutableSpan
    let split = TriangleSplit(&span, range)
    let first = build(&records, range.lowerBound..<split.middle)
    let second = build(&records, split.middle..<range.upperBound)
    return tree.close(node, axis: split.axis, first, second)
  }

  private mutating func makeLeaf(_ node: Int, _ records: ArraySlice<TriangleRecord>) -> Branch {
    let firstTriangle = tree.triangles.count
    vertices.removeAll(keepingCapacity: true)
    guard var box = records.first else { preconditionFailure("a leaf has no triangles") }
    for record in records {
      box.lower = pointwiseMin(box.lower, record.lower)
      box.upper = pointwiseMax(box.upper, record.upper)
      let corner = corners[Int(record.index)]
      tree.order.append(record.index)
      tree.triangles.append(
        Triangle(
          a: positions[Int(corner.x)], b: positions[Int(corner.y)], c: positions[Int(corner.z)]))
      tree.leafCorners.append([number(of: corner.x), number(of: corner.y), number(of: corner.z)])
    }
    // 1. The moments around the middle of the area.
    let triangles = tree.triangles[firstTriangle...]
    var (center, area) = (SIMD3<Double>.zero, 0.0)
    for triangle in triangles {
      let part = triangle.vectorArea.length
      center += part / 3 * (triangle.a + triangle.b + triangle.c)
      area += part
    }
    let middle = (SIMD3<Double>(box.lower) + SIMD3<Double>(box.upper)) / 2
    var moments = SurfaceMoments(around: area > 0 ? center / area : middle)
    var squaredRadius = 0.0
    for triangle in triangles {
      moments.add(triangle)
      for corner in [triangle.a, triangle.b, triangle.c] {
        let way = corner - moments.center
        squaredRadius = max(squaredRadius, way.dot(way))
      }
    }
    // 2. The vertices, relative to the middle of the box.
    let origin = SIMD3<Float>(middle)
    let originRest = SIMD3<Float>(middle - SIMD3<Double>(origin))
    let exactOrigin = SIMD3<Double>(origin) + SIMD3<Double>(originRest)
    let leaf = TreeLeaf(
      firstTriangle: Int32(firstTriangle), triangleCount: Int32(records.count),
      firstVertex: Int32(tree.leafVertices.count), vertexCount: Int32(vertices.count),
      origin: origin, originRest: originRest)
    for vertex in vertices {
      tree.leafVertices.append(SIMD3<Float>(positions[Int(vertex)] - exactOrigin))
    }
    tree.leaves.append(leaf)
    let branch = Branch(
      lower: box.lower, upper: box.upper, moments: moments, radius: squaredRadius.squareRoot())
    tree.fill(node, branch, leaf: Int32(tree.leaves.count - 1), axis: 0)
    return branch
  }

  /// The number of a vertex in the leaf.
  private mutating func number(of vertex: Int32) -> UInt8 {
    if let known = vertices.firstIndex(of: vertex) { return UInt8(known) }
    vertices.append(vertex)
    return UInt8(vertices.count - 1)
  }
}
