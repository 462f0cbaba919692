import Compute

/// A triangle in the picture, with whole coordinates in 1/256 of a sample.
struct FlatTriangle: Sendable {
  var x: SIMD3<Int32>
  var y: SIMD3<Int32>
  var nearness: SIMD3<Double>
  var shade: Float
}

/// The triangles of a mesh, projected, shaded, and sorted into the bands of the picture that they
/// touch, where they keep their order.
struct FlatScene: Sendable {
  /// Some consecutive faces.
  private struct Chunk: Sendable {
    var triangles: [FlatTriangle] = []
    /// The triangles that touch each band.
    var numbers: [[Int32]]
  }

  private let chunks: [Chunk]

  static let unit = 256.0
  private static let chunkFaces = 8192

  /// - Parameters:
  ///   - bandRows: rows of samples of a band.
  ///   - rows: rows of samples of the picture.
  init(_ mesh: Mesh, _ view: MeshView, bandRows: Int, rows: Int, _ workers: Workers) {
    let bandCount = (rows + bandRows - 1) / bandRows
    let count = (mesh.faceCount + Self.chunkFaces - 1) / Self.chunkFaces
    chunks = workers.map(count) { _, number in
      let first = number * Self.chunkFaces
      let faces = first..<min(first + Self.chunkFaces, mesh.faceCount)
      var chunk = Chunk(numbers: [[Int32]](repeating: [], count: bandCount))
      for face in faces { Self.add(face, of: mesh, view, to: &chunk.triangles) }
      for (number, triangle) in chunk.triangles.enumerated() {
        let scale = bandRows * Int(Self.unit)
        let top = max(Int(triangle.y.min()) / scale, 0)
        let bottom = min(Int(triangle.y.max()) / scale, bandCount - 1)
        guard triangle.y.max() >= 0, top <= bottom else { continue }
        for band in top...bottom { chunk.numbers[band].append(Int32(number)) }
      }
      return chunk
    }
  }

  func forEachTriangle(inBand band: Int, _ body: (FlatTriangle) -> Void) {
    for chunk in chunks {
      for number in chunk.numbers[band] { body(chunk.triangles[Int(number)]) }
    }
  }

  /// Adds the triangles of a face, as a fan.
  private static func add(
    _ face: Int, of mesh: Mesh, _ view: MeshView, to triangles: inout [FlatTriangle]
  ) {
    let corners = mesh.corners(ofFace: face)
    func place(_ corner: Int32) -> SIMD3<Double> { view.placed(mesh.positions[Int(corner)]) }
    let origin = place(corners[corners.startIndex])
    let shade = Lighting.shade(
      normal: view.turned(mesh.vectorArea(ofFace: face)), towardsCamera: view.towardsCamera(origin))
    let first = view.projected(origin)
    var second = view.projected(place(corners[corners.startIndex + 1]))
    for corner in corners.dropFirst(2) {
      let third = view.projected(place(corner))
      let points = (first * unit, second * unit, third * unit)
      triangles.append(
        FlatTriangle(
          x: SIMD3(whole(points.0.x), whole(points.1.x), whole(points.2.x)),
          y: SIMD3(whole(points.0.y), whole(points.1.y), whole(points.2.y)),
          nearness: [first.z, second.z, third.z], shade: shade))
      second = third
    }
  }

  private static func whole(_ value: Double) -> Int32 { Int32(value.rounded()) }
}

/// The light on a face.
enum Lighting {
  static let ambient = 0.15
  static let head = 0.35
  static let key = 0.45
  /// Towards the key light, in the view's coordinates: over the camera's left shoulder.
  static let keyDirection = SIMD3<Double>(-5, 7, 6) / SIMD3<Double>(-5, 7, 6).length

  /// Lambert's law for both lamps and some light from everywhere; the side that is seen is lit.
  static func shade(normal: SIMD3<Double>, towardsCamera: SIMD3<Double>) -> Float {
    let length = normal.length
    guard length > 0 else { return Float(ambient) }
    let seen = normal / (normal.dot(towardsCamera) < 0 ? -length : length)
    return Float(ambient + head * max(seen.z, 0) + key * max(seen.dot(keyDirection), 0))
  }
}
