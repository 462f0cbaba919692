import Compute
import Foundation
import Meshes

/// A question to a mesh, and the programs that answer it.
struct MeshQuery {
  let operation: String
  let program: String
  /// The largest difference of an answer from ours; nil where only counts of unequal answers are
  /// compared.
  let tolerance: Double?

  static let all = [
    // Both are expansions of second order, in trees of their own.
    MeshQuery(operation: "winding", program: "libigl", tolerance: 0.02),
    MeshQuery(operation: "inside", program: "trimesh", tolerance: nil),
    MeshQuery(operation: "closest", program: "libigl", tolerance: 1e-5),
    MeshQuery(operation: "nearest", program: "scipy", tolerance: 1e-5),
  ]
}

/// Times questions to a mesh, ours and the peers' in turn.
struct MeshQueryContest {
  let workers: Workers
  let peer: Peer
  let rounds: Int
  let seconds: Double

  struct Result {
    let query: MeshQuery
    let points: String
    /// Points a second.
    let ours: Double
    let peers: Double
    let difference: Double
  }

  /// A knot of a tube with waves on it: closed, 70,000 triangles.
  static func knot(_ count: Int = 700, by other: Int = 50) -> Mesh {
    func center(_ u: Double) -> SIMD3<Double> {
      let ring = 1 + 0.4 * cos(3 * u)
      return [ring * cos(2 * u), ring * sin(2 * u), 0.4 * sin(3 * u)]
    }
    func unit(_ v: SIMD3<Double>) -> SIMD3<Double> { v / (v * v).sum().squareRoot() }
    var positions: [SIMD3<Double>] = []
    for i in 0..<count {
      let u = 2 * Double.pi * Double(i) / Double(count)
      let along = unit(center(u + 1e-4) - center(u - 1e-4))
      // Up is never along this knot.
      let side = unit([along.y, -along.x, 0])
      let up: SIMD3<Double> = [
        side.y * along.z, -side.x * along.z, side.x * along.y - side.y * along.x,
      ]
      for j in 0..<other {
        let v = 2 * Double.pi * Double(j) / Double(other)
        let radius = 0.16 + 0.02 * cos(40 * u) * cos(3 * v)
        let place: SIMD3<Double> = center(u) + radius * cos(v) * side + radius * sin(v) * up
        // Rounded, so that the files hold the same mesh.
        positions.append(SIMD3<Double>(SIMD3<Float>(place)))
      }
    }
    var triangles: [SIMD3<Int32>] = []
    for i in 0..<count {
      for j in 0..<other {
        func vertex(_ i: Int, _ j: Int) -> Int32 { Int32(i % count * other + j % other) }
        let (a, b) = (vertex(i, j), vertex(i + 1, j))
        let (c, d) = (vertex(i + 1, j + 1), vertex(i, j + 1))
        triangles += [[a, b, c], [a, c, d]]
      }
    }
    let mesh = Mesh(positions: positions, triangles: triangles)
    guard mesh.signedVolume < 0 else { return mesh }
    return Mesh(positions: positions, triangles: triangles.map { [$0.x, $0.z, $0.y] })
  }

  /// - Parameter mesh: of triangles.
  func run(_ mesh: Mesh = knot(), pointCount: Int = 200_000) throws -> [Result] {
    let uniform = Self.uniformPoints(mesh, pointCount)
    let near = try Self.nearPoints(mesh, pointCount)
    var results: [Result] = []
    for (name, points) in [("in the box", uniform), ("near the surface", near)] {
      for query in MeshQuery.all {
        progress("mesh queries: \(query.operation) \(name) against \(query.program) …")
        results.append(try measure(query, mesh, points, name))
      }
    }
    return results
  }

  private func measure(
    _ query: MeshQuery, _ mesh: Mesh, _ points: [SIMD3<Double>], _ name: String
  ) throws -> Result {
    let ours = try task(query, mesh, points)
    var times: (ours: [Double], peers: [Double]) = ([], [])
    var difference = 0.0
    try withTemporaryFolder { folder in
      var request = try request(mesh, points, in: folder)
      request["program"] = query.program
      request["operation"] = query.operation
      for round in 0..<rounds {
        let reply = try peer.ask(request)
        guard let median = reply["median"] as? Double, let path = request["result"] as? String
        else {
          throw Peer.Failure(description: "\(query.program): \(reply["error"] ?? "no time")")
        }
        times.peers.append(median)
        if round == 0 {
          let theirs = try NumpyArray.read(path).elements
          difference = try check(query, ours(), theirs)
        }
        times.ours.append(medianRun(seconds: seconds) { _ = ours() })
      }
    }
    return Result(
      query: query, points: name, ours: Double(points.count) / median(times.ours),
      peers: Double(points.count) / median(times.peers), difference: difference)
  }

  /// The largest difference, or the share of points whose answers differ.
  private func check(_ query: MeshQuery, _ ours: [Double], _ theirs: [Float]) throws -> Double {
    guard ours.count == theirs.count else {
      throw Peer.Failure(
        description: "\(query.program) gave \(theirs.count) answers, expected \(ours.count)")
    }
    let differences = zip(ours, theirs).map { abs($0 - Double($1)) }
    guard let tolerance = query.tolerance else {
      return Double(differences.count { $0 > 0.5 }) / Double(differences.count)
    }
    let largest = differences.max() ?? 0
    guard largest <= tolerance else {
      throw Peer.Failure(
        description: "\(query.program)'s \(query.operation) differs from inr's by \(largest), "
          + "expected at most \(tolerance)")
    }
    return largest
  }

  private func task(_ query: MeshQuery, _ mesh: Mesh, _ points: [SIMD3<Double>]) throws
    -> () -> [Double]
  {
    let tree = try TriangleTree(mesh, workers: workers)
    let vertices = PointTree(mesh.positions, workers: workers)
    let workers = workers
    switch query.operation {
    case "winding": return { tree.windingNumbers(at: points, workers: workers) }
    case "inside": return { tree.areInside(points, workers: workers).map { $0 ? 1 : 0 } }
    case "closest":
      return { tree.closestPoints(to: points, workers: workers).map { $0.distance } }
    default:
      return {
        vertices.nearest(to: points, workers: workers).map { $0.squaredDistance.squareRoot() }
      }
    }
  }

  /// In the box around the mesh, a tenth larger.
  private static func uniformPoints(_ mesh: Mesh, _ count: Int) -> [SIMD3<Double>] {
    guard let box = mesh.bounds else { return [] }
    var random = SplitMix64(seed: 1)
    return (0..<count).map { _ in
      let unit = SIMD3(random.nextUnit(), random.nextUnit(), random.nextUnit()) - 0.5
      return SIMD3<Double>(SIMD3<Float>(box.center + 1.1 * unit * box.size))
    }
  }

  /// Samples of the surface, moved by normal numbers of a hundredth of the box.
  private static func nearPoints(_ mesh: Mesh, _ count: Int) throws -> [SIMD3<Double>] {
    var random = SplitMix64(seed: 2)
    let width = (mesh.bounds?.size.max() ?? 0) / 100
    return try SurfaceSampling(mesh).samples(count, seed: 3).points.map { point in
      let noise = SIMD3(random.nextNormal(), random.nextNormal(), random.nextNormal())
      return SIMD3<Double>(SIMD3<Float>(point + width * noise))
    }
  }

  /// Writes what the peers need into a folder, and a request that names it.
  private func request(_ mesh: Mesh, _ points: [SIMD3<Double>], in folder: String) throws
    -> [String: Any]
  {
    func write(_ name: String, _ rows: Int, _ elements: [Float]) throws -> String {
      let path = "\(folder)/\(name).npy"
      try NumpyArray(shape: [rows, 3], elements: elements).write(to: path)
      return path
    }
    func flat(_ points: [SIMD3<Double>]) -> [Float] {
      points.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
    }
    let triangles = mesh.triangles
    precondition(mesh.vertexCount < 1 << 24, "vertex numbers are written as floats")
    return try [
      "task": "mesh-queries", "result": "\(folder)/result.npy", "seconds": seconds,
      "vertices": write("vertices", mesh.vertexCount, flat(mesh.positions)),
      "faces": write(
        "faces", triangles.count, triangles.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }),
      "points": write("points", points.count, flat(points)),
    ]
  }
}
