import Compute
import Foundation

extension Mesh {
  /// Wavefront OBJ: a line `v` for each vertex, with nine significant digits, a line `f` for each
  /// face, whose vertices count from 1.
  var objText: Data {
    var text: [UInt8] = []
    text.reserveCapacity(40 * vertexCount + 8 * corners.count)
    for position in positions {
      text.append(ASCII.v)
      for axis in 0..<3 {
        text.append(0x20)
        DecimalText.append(position[axis], to: &text)
      }
      text.append(ASCII.newline)
    }
    for face in 0..<faceCount {
      text.append(ASCII.f)
      for corner in corners(ofFace: face) {
        text.append(0x20)
        DecimalText.append(UInt64(corner) + 1, to: &text)
      }
      text.append(ASCII.newline)
    }
    return Data(text)
  }

  /// PLY. Faces that all have as many corners are written in binary, little-endian, with coordinates of
  /// 32 bits if that keeps them all, otherwise 64, and lengths of faces in one byte if that suffices;
  /// other faces as text (``plyText``), because some programs take all faces in a binary file to be as
  /// long as the first.
  var plyBytes: Data {
    let longest = (0..<faceCount).map { corners(ofFace: $0).count }.max() ?? 0
    guard corners.count == longest * faceCount else { return plyText }
    let isSingle = positions.allSatisfy { position in
      SIMD3<Double>(SIMD3<Float>(position)) == position
    }
    let number = isSingle ? "float" : "double"
    let header = plyHeader(
      "binary_little_endian", number: number, length: longest < 256 ? "uchar" : "int")
    var bytes = Array(header.utf8)
    bytes.reserveCapacity(bytes.count + 24 * vertexCount + 5 * corners.count)
    for position in positions {
      for axis in 0..<3 {
        if isSingle {
          bytes.append(littleEndian: Float(position[axis]).bitPattern)
        } else {
          bytes.append(littleEndian: position[axis].bitPattern)
        }
      }
    }
    for face in 0..<faceCount {
      let vertices = corners(ofFace: face)
      if longest < 256 {
        bytes.append(UInt8(vertices.count))
      } else {
        bytes.append(littleEndian: Int32(vertices.count))
      }
      for vertex in vertices { bytes.append(littleEndian: vertex) }
    }
    return Data(bytes)
  }

  /// PLY as text, with as many digits as tell all 64-bit numbers apart.
  private var plyText: Data {
    var text = Array(plyHeader("ascii", number: "double", length: "int").utf8)
    text.reserveCapacity(text.count + 60 * vertexCount + 8 * (corners.count + faceCount))
    for position in positions {
      text.append(contentsOf: "\(position.x) \(position.y) \(position.z)\n".utf8)
    }
    for face in 0..<faceCount {
      let vertices = corners(ofFace: face)
      DecimalText.append(UInt64(vertices.count), to: &text)
      for vertex in vertices {
        text.append(0x20)
        DecimalText.append(UInt64(vertex), to: &text)
      }
      text.append(ASCII.newline)
    }
    return Data(text)
  }

  private func plyHeader(_ format: String, number: String, length: String) -> String {
    "ply\nformat \(format) 1.0\nelement vertex \(vertexCount)\n"
      + ["x", "y", "z"].map { "property \(number) \($0)\n" }.joined()
      + "element face \(faceCount)\nproperty list \(length) int vertex_indices\nend_header\n"
  }

  /// Binary STL: the ``triangles`` with 32-bit coordinates and their unit normals, zero if a
  /// triangle has no area.
  ///
  /// - Parameter path: names the file in the error that a coordinate is too large.
  func stlBytes(path: String) throws(MeshFileError) -> Data {
    let points = positions.map { SIMD3<Float>($0) }
    for (vertex, point) in points.enumerated() where !point.isFinite {
      throw .notStorable(path: path, vertex: vertex, format: .stl)
    }
    var header = Array("binary STL".utf8)
    header += [UInt8](repeating: 0x20, count: 80 - header.count)
    var bytes = header
    bytes.reserveCapacity(STLReader.headerSize + STLReader.triangleSize * triangleCount)
    bytes.append(littleEndian: UInt32(triangleCount))
    forEachTriangle { triangle in
      let origin = positions[Int(triangle.x)]
      let normal = (positions[Int(triangle.y)] - origin).cross(
        positions[Int(triangle.z)] - origin)
      let length = normal.length
      bytes.append(
        littleEndian: length > 0 && length.isFinite ? SIMD3<Float>(normal / length) : .zero)
      for corner in 0..<3 { bytes.append(littleEndian: points[Int(triangle[corner])]) }
      bytes.append(0)
      bytes.append(0)
    }
    return Data(bytes)
  }
}

extension SIMD3<Float> {
  fileprivate var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian integer: some FixedWidthInteger) {
    for shift in stride(from: 0, to: integer.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: integer >> shift))
    }
  }

  fileprivate mutating func append(littleEndian point: SIMD3<Float>) {
    append(littleEndian: point.x.bitPattern)
    append(littleEndian: point.y.bitPattern)
    append(littleEndian: point.z.bitPattern)
  }
}
