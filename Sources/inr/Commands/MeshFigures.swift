import Foundation
import Meshes

/// What there is to say about a mesh.
struct MeshFigures: Encodable {
  let vertices: Int
  let faces: Int
  let edges: Int
  let parts: Int
  let eulerNumber: Int
  let watertight: Bool
  let openEdges: Int
  let nonManifoldEdges: Int
  let inconsistentEdges: Int
  let degenerateFaces: Int
  let duplicateFaces: Int
  let area: Double
  /// Nil unless the mesh bounds a solid.
  let volume: Double?
  /// The lower corner, then the upper one.
  let bounds: [Double]

  init(_ mesh: Mesh) {
    let report = mesh.report()
    vertices = report.vertexCount
    faces = report.faceCount
    edges = report.edgeCount
    parts = report.componentCount
    eulerNumber = report.eulerCharacteristic
    watertight = report.isWatertight
    openEdges = report.openEdgeCount
    nonManifoldEdges = report.nonManifoldEdgeCount
    inconsistentEdges = report.inconsistentEdgeCount
    degenerateFaces = report.degenerateFaceCount
    duplicateFaces = report.duplicateFaceCount
    area = mesh.area
    volume = report.isSolid ? mesh.signedVolume : nil
    let box = mesh.bounds ?? Box(lower: .zero, upper: .zero)
    bounds = [box.lower.x, box.lower.y, box.lower.z, box.upper.x, box.upper.y, box.upper.z]
  }

  /// One line for people.
  var summary: String {
    let state =
      watertight
      ? "watertight"
      : "not watertight ("
        + [(openEdges, "open"), (nonManifoldEdges, "non-manifold")].filter { $0.0 > 0 }
        .map { counted($0.0, "\($0.1) edge") }.joined(separator: ", ") + ")"
    return "\(vertices) vertices, \(counted(faces, "face")), "
      + "Euler number \(eulerNumber), \(state), area \(Self.text(area))"
      + (volume.map { ", volume \(Self.text($0))" } ?? "")
  }

  /// Six digits.
  static func text(_ value: Double) -> String { String(format: "%.6g", value) }
}
