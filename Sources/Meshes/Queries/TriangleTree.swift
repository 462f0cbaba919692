import Compute

/// The triangles of a mesh in a hierarchy of boxes: what is inside, what is closest, how far it is.
///
/// All questions can be put for one point or for many at once, and a point has the same answer to
/// the last bit alone and among others, for any number of threads.
///
/// - Layout: flat arrays, nodes in preorder; a leaf has at most ``leafCapacity`` triangles.
/// - Units: points, distances and areas are in the mesh's own; inside, the tree moves the mesh's box
///   to the origin and scales it into −1…1 by a power of two, so that nothing depends on the unit.
public struct TriangleTree: Sendable {
  /// Triangles in a leaf at most.
  static let leafCapacity = 8

  /// The smallest box around the mesh.
  public let bounds: Box
  public let triangleCount: Int

  let frame: TreeFrame
  let nodes: [TreeNode]
  /// One for each node.
  let expansions: [SolidAngleExpansion]
  let leaves: [TreeLeaf]
  /// The corners of the leaves' triangles once each, relative to the origin of their leaf.
  let leafVertices: [SIMD3<Float>]
  /// The corners of each triangle, in the leaves' order: numbers in the vertices of its leaf.
  let leafCorners: [SIMD3<UInt8>]
  /// The triangles in the leaves' order, in the tree's coordinates.
  let triangles: [Triangle]
  /// The number of each of these triangles in the mesh's fans.
  let order: [Int32]
  /// The face of each triangle, by its number in the mesh's fans.
  let faces: [Int32]

  /// - Parameter workers: threads that build the tree; it is the same for any number of them.
  /// - Throws: if the mesh has no faces, or a face has a corner that is not finite.
  public init(_ mesh: Mesh, workers: Workers = Workers()) throws(TriangleTreeError) {
    guard let bounds = mesh.bounds else {
      throw .noFaces(vertexCount: mesh.vertexCount)
    }
    for vertex in mesh.corners where !mesh.positions[Int(vertex)].isFinite {
      throw .notFinite(vertex: Int(vertex), position: mesh.positions[Int(vertex)])
    }
    guard let frame = TreeFrame(bounds) else { throw .tooLarge(bounds) }
    self.bounds = bounds
    self.frame = frame
    faces = mesh.facesOfTriangles
    triangleCount = faces.count
    let tree = TreeBuilder(mesh, frame, workers).build()
    nodes = tree.nodes
    expansions = tree.expansions
    leaves = tree.leaves
    leafVertices = tree.leafVertices
    leafCorners = tree.leafCorners
    triangles = tree.triangles
    order = tree.order
  }
}

/// A mesh whose surface cannot be asked anything.
public enum TriangleTreeError: Error, Equatable, CustomStringConvertible {
  case noFaces(vertexCount: Int)
  case notFinite(vertex: Int, position: SIMD3<Double>)
  /// The sides of the box are beyond all numbers.
  case tooLarge(Box)

  public var description: String {
    switch self {
    case .noFaces(let vertexCount):
      "the mesh has no faces, only \(vertexCount) vertices; expected a surface"
    case .notFinite(let vertex, let position):
      "vertex \(vertex) is at (\(position.x), \(position.y), \(position.z)), expected finite "
        + "numbers; repair the mesh"
    case .tooLarge(let box):
      "the mesh reaches from \(box.lower) to \(box.upper), which is too far to compute with; "
        + "scale it down"
    }
  }
}

/// How the tree's coordinates come from the mesh's: moved to the box's centre, then divided by a
/// power of two, which rounds nothing.
struct TreeFrame {
  let center: SIMD3<Double>
  /// Tree units in a mesh unit.
  let scale: Double

  /// Nil if the box is too large.
  init?(_ box: Box) {
    let half = box.size.max() / 2
    guard half.isFinite, half < 0x1p1000 else { return nil }
    center = box.center
    // A mesh that is a point, or too small for the scale to be a number, keeps its unit.
    scale = half < 0x1p-1000 ? 1 : 1 / half.binade / 2
  }

  func local(_ point: SIMD3<Double>) -> SIMD3<Double> { (point - center) * scale }
  func global(_ point: SIMD3<Double>) -> SIMD3<Double> { point / scale + center }
}

/// Three corners.
struct Triangle {
  var a: SIMD3<Double>
  var b: SIMD3<Double>
  var c: SIMD3<Double>

  /// Its area times its normal.
  var vectorArea: SIMD3<Double> { (b - a).cross(c - a) / 2 }
}

/// A box and the nodes below it.
struct TreeNode {
  /// Rounded outwards.
  var lower: SIMD3<Float>
  var upper: SIMD3<Float>
  /// The first node behind this one and all below it. The first child stands right behind its
  /// parent, the second one behind all that is below the first.
  var end: Int32
  /// The number of the leaf; −1 if this is none.
  var leaf: Int32
  /// Along which axis the children lie; the first one is the lower.
  var axis: Int32
}

struct TreeLeaf {
  var firstTriangle: Int32
  var triangleCount: Int32
  var firstVertex: Int32
  var vertexCount: Int32
  /// The origin of the leaf's vertices, as sums of two `Float`s.
  var origin: SIMD3<Float>
  var originRest: SIMD3<Float>
}

extension Mesh {
  /// The face of each triangle of the fans.
  var facesOfTriangles: [Int32] {
    var faces: [Int32] = []
    faces.reserveCapacity(triangleCount)
    for face in 0..<faceCount {
      for _ in 2..<Int(faceStarts[face + 1] - faceStarts[face]) { faces.append(Int32(face)) }
    }
    return faces
  }
}
