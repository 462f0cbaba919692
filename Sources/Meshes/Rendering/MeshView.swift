import Foundation

/// A camera that has been placed before a mesh.
///
/// Coordinates of the view: x to the right, y upwards, z towards the camera, the origin at the
/// centre of the mesh's bounds, the unit half of their diagonal.
struct MeshView: Sendable {
  private let axes: (right: SIMD3<Double>, up: SIMD3<Double>, back: SIMD3<Double>)
  private let center: SIMD3<Double>
  private let scale: Double
  /// The distance of the camera from the origin; nil if it is infinitely far away.
  private let distance: Double?
  /// Pixels for a unit of x / (distance − z), or of x.
  private let focus: Double
  private let middle: SIMD2<Double>

  /// - Parameter size: columns and rows of the picture, in any unit.
  /// - Returns: nil if the mesh has no extent.
  init?(_ camera: MeshCamera, of mesh: Mesh, size: SIMD2<Double>) {
    guard let bounds = mesh.bounds, bounds.diagonal > 0 else {
      return nil
    }
    axes = camera.axes
    center = bounds.center
    scale = 2 / bounds.diagonal
    middle = size / 2
    // Half of the picture that may be used.
    let half = size * (0.5 - camera.margin)
    var isUsed = [Bool](repeating: false, count: mesh.vertexCount)
    for corner in mesh.corners { isUsed[Int(corner)] = true }
    for vertex in isUsed.indices where isUsed[vertex] {
      precondition(
        mesh.positions[vertex].isFinite, "vertex \(vertex) is nowhere: \(mesh.positions[vertex])")
    }
    switch camera.projection {
    case .orthographic:
      distance = nil
      var reach = 0.0
      for vertex in isUsed.indices where isUsed[vertex] {
        let point = Self.turned(mesh.positions[vertex] - center, axes) * scale
        reach = max(reach, abs(point.x) / half.x, abs(point.y) / half.y)
      }
      guard reach > 0 else { return nil }
      focus = 1 / reach
    case .perspective(let angle):
      let focus = size.y / (2 * tan(angle * .pi / 360))
      // A point fits if focus · |x| / (distance − z) is at most half the width, and y likewise.
      // No point comes nearer than a twentieth.
      var distance = 0.0
      for vertex in isUsed.indices where isUsed[vertex] {
        let point = Self.turned(mesh.positions[vertex] - center, axes) * scale
        let reach = max(abs(point.x) / half.x, abs(point.y) / half.y)
        distance = max(distance, point.z + max(focus * reach, 0.05))
      }
      self.focus = focus
      self.distance = distance
    }
  }

  private static func turned(
    _ vector: SIMD3<Double>,
    _ axes: (right: SIMD3<Double>, up: SIMD3<Double>, back: SIMD3<Double>)
  ) -> SIMD3<Double> {
    [vector.dot(axes.right), vector.dot(axes.up), vector.dot(axes.back)]
  }

  /// A direction in the view's coordinates.
  func turned(_ direction: SIMD3<Double>) -> SIMD3<Double> { Self.turned(direction, axes) }

  /// A position in the view's coordinates.
  func placed(_ position: SIMD3<Double>) -> SIMD3<Double> {
    Self.turned(position - center, axes) * scale
  }

  /// Where a point of the view is in the picture: column and row from its upper left corner, and a
  /// nearness that is linear in the picture along flat faces, larger for nearer points.
  func projected(_ point: SIMD3<Double>) -> SIMD3<Double> {
    let nearness = distance.map { 1 / ($0 - point.z) } ?? 1
    let shift = focus * nearness
    return [
      middle.x + shift * point.x, middle.y - shift * point.y, distance == nil ? point.z : nearness,
    ]
  }

  /// The direction from a point of the view to the camera, not of length 1.
  func towardsCamera(_ point: SIMD3<Double>) -> SIMD3<Double> {
    distance.map { [0, 0, $0] - point } ?? [0, 0, 1]
  }
}
