import Foundation
import Meshes

/// Reading files of one million triangles, against trimesh and libigl.
struct MeshFilesContest {
  let peer: Peer
  let rounds: Int
  let seconds: Double

  /// A way to read a file.
  struct Reader {
    let program: String
    let name: String

    static let all = [
      Reader(program: "trimesh", name: "trimesh"),
      Reader(program: "trimesh-unprocessed", name: "trimesh, process=False"),
      Reader(program: "libigl", name: "libigl"),
    ]
  }

  struct Result {
    let format: MeshFormat
    let megabytes: Double
    let reader: String
    /// Medians over the rounds, seconds of one run.
    let peer: Double
    let ours: Double
    /// Vertices that the peer found, and inr.
    let vertices: (peer: Int, ours: Int)
  }

  /// Closed, one million triangles.
  static func mesh() -> Mesh { MeshQueryContest.knot(2000, by: 250) }

  func run() throws -> [Result] {
    let mesh = Self.mesh()
    return try withTemporaryFolder { folder in
      try MeshFormat.allCases.flatMap { format in
        let path = "\(folder)/knot.\(format.rawValue.lowercased())"
        try mesh.write(to: path)
        return try Reader.all.map { reader in
          progress("reading \(format.rawValue) against \(reader.name) …")
          return try measure(path, format, reader, mesh)
        }
      }
    }
  }

  private func measure(_ path: String, _ format: MeshFormat, _ reader: Reader, _ mesh: Mesh) throws
    -> Result
  {
    let ours = try Mesh.read(path)
    guard ours.faceCount == mesh.faceCount, ours.vertexCount == mesh.vertexCount else {
      throw Peer.Failure(
        description: "inr's \(format.rawValue) has \(ours.faceCount) faces between "
          + "\(ours.vertexCount) vertices, expected \(mesh.faceCount) and \(mesh.vertexCount)")
    }
    var times: (ours: [Double], peer: [Double]) = ([], [])
    var vertices = 0
    for _ in 0..<rounds {
      let reply = try peer.ask([
        "task": "read-mesh", "program": reader.program, "file": path, "seconds": seconds,
      ])
      guard let median = reply["median"] as? Double, let count = reply["vertices"] as? Int,
        let faces = reply["faces"] as? Int, let enclosed = reply["enclosed"] as? Double
      else {
        throw Peer.Failure(description: "\(reader.name): \(reply["error"] ?? "no time")")
      }
      guard faces == mesh.faceCount, abs(enclosed / mesh.signedVolume - 1) < 1e-6 else {
        throw Peer.Failure(
          description:
            "\(reader.name) found \(faces) faces around a volume of \(enclosed), expected "
            + "\(mesh.faceCount) and \(mesh.signedVolume)")
      }
      vertices = count
      times.peer.append(median)
      times.ours.append(try medianRun(seconds: seconds) { _ = try Mesh.read(path) })
    }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    return Result(
      format: format, megabytes: Double(size) * 1e-6, reader: reader.name,
      peer: median(times.peer), ours: median(times.ours), vertices: (vertices, ours.vertexCount))
  }
}
