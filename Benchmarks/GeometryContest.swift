import Compute
import Foundation
import Meshes
import SplineGeometry

/// Seconds of one run.
struct RunTimes {
  /// With one thread, and with all.
  var one = 0.0
  var all = 0.0
}

/// Times of several rounds.
struct Rounds {
  var one: [Double] = []
  var all: [Double] = []

  mutating func add(_ time: (Workers) throws -> Double, all workers: Workers) rethrows {
    one.append(try time(Workers(count: 1)))
    all.append(try time(workers))
  }

  var medians: RunTimes { RunTimes(one: median(one), all: median(all)) }
}

/// Exact level sets and regions of ReLU networks, against what else people extract surfaces with.
struct GeometryContest {
  let workers: Workers
  let peer: Peer
  let rounds: Int
  let seconds: Double

  /// The lattice from whose edges the surface is followed, and the samples of marching cubes, along
  /// each axis.
  static let latticeCount = 32
  static let sampleCount = 128

  struct Level {
    let network: GeometryNetwork
    /// Faces of the complete search, and those that following the surface did not find.
    let faces: Int
    let missed: Int
    /// Regions that the complete search looked at.
    let visited: Int
    /// Following the surface, and the complete search.
    var march = RunTimes()
    var complete = RunTimes()
    var sampled = Sampled()
  }

  /// Marching cubes on samples.
  struct Sampled {
    /// With the evaluation of the network, and that alone.
    var total = RunTimes()
    var evaluation = RunTimes()
    var triangles = 0
    /// The area of the triangles over that of the exact surface, less 1.
    var areaError = 0.0
  }

  func levels(_ networks: [GeometryNetwork]) throws -> [Level] {
    try networks.map { network in
      progress("level set, \(network.name) …")
      return try measure(network)
    }
  }

  private func measure(_ network: GeometryNetwork) throws -> Level {
    let complete = try surface(network, .complete, workers)
    let marched = try surface(network, .lattice(Self.latticeCount), workers)
    guard complete.report.isComplete, complete.report.isWatertight, !marched.report.isComplete
    else {
      throw Peer.Failure(description: "\(network.name): \(complete.report), \(marched.report)")
    }
    var result = Level(
      network: network, faces: complete.mesh.faceCount,
      missed: complete.mesh.faceCount - marched.mesh.faceCount,
      visited: complete.report.visitedCellCount)
    var (march, proven) = (Rounds(), Rounds())
    var (total, evaluation) = (Rounds(), Rounds())
    for _ in 0..<rounds {
      try march.add({ try time(network, .lattice(Self.latticeCount), $0) }, all: workers)
      try proven.add({ try time(network, .complete, $0) }, all: workers)
      for threads in Set([1, workers.count]).sorted() {
        let reply = try sample(network, threads)
        result.sampled.triangles = reply.triangles
        result.sampled.areaError = reply.area / complete.mesh.area - 1
        if threads == 1 {
          total.one.append(reply.total)
          evaluation.one.append(reply.evaluation)
        }
        if threads == workers.count {
          total.all.append(reply.total)
          evaluation.all.append(reply.evaluation)
        }
      }
    }
    (result.march, result.complete) = (march.medians, proven.medians)
    (result.sampled.total, result.sampled.evaluation) = (total.medians, evaluation.medians)
    return result
  }

  private func surface(_ network: GeometryNetwork, _ search: LevelSearch, _ workers: Workers) throws
    -> LevelSurface
  {
    try network.spline.levelSurface(in: network.box, search: search, workers: workers)
  }

  private func time(_ network: GeometryNetwork, _ search: LevelSearch, _ workers: Workers) throws
    -> Double
  {
    try medianRun(seconds: seconds) { _ = try surface(network, search, workers) }
  }

  private func sample(_ network: GeometryNetwork, _ threads: Int) throws -> (
    total: Double, evaluation: Double, triangles: Int, area: Double
  ) {
    let (lower, upper) = (network.box.lower, network.box.upper)
    let reply = try peer.ask([
      "task": "sampled-surface", "network": network.path, "samples": Self.sampleCount,
      "box": [lower.x, lower.y, lower.z, upper.x, upper.y, upper.z], "threads": threads,
      "seconds": seconds,
    ])
    guard let total = reply["median"] as? Double, let evaluation = reply["evaluation"] as? Double,
      let triangles = reply["faces"] as? Int, let area = reply["area"] as? Double
    else {
      throw Peer.Failure(description: "marching cubes: \(reply["error"] ?? "no time")")
    }
    return (total, evaluation, triangles, area)
  }
}

// MARK: - Regions

extension GeometryContest {
  struct Regions {
    let network: GeometryNetwork
    let count: Int
    var times = RunTimes()
  }

  /// All regions in the box: counted, not kept.
  func regions(_ networks: [GeometryNetwork]) throws -> [Regions] {
    try networks.map { network in
      progress("regions, \(network.name) …")
      let domain = try SplineDomain.box(network.box)
      var result = Regions(
        network: network,
        count: try network.spline.regionSummary(in: domain, workers: workers).regionCount)
      var times = Rounds()
      for _ in 0..<rounds {
        try times.add(
          { workers in
            try medianRun(seconds: seconds) {
              _ = try network.spline.regionSummary(in: domain, workers: workers)
            }
          }, all: workers)
      }
      result.times = times.medians
      return result
    }
  }
}

// MARK: - Edge subdivision, memory

extension GeometryContest {
  struct EdgeSubdivision {
    let threads: Int
    let seconds: Double
    let vertices: Int
    let edges: Int
    let faces: Int
  }

  /// One run with as many threads as a peer has; nil, and the reason, where it is not installed.
  func edgeSubdivision(
    _ network: GeometryNetwork, _ peer: Peer, threads: Int
  ) throws -> (run: EdgeSubdivision?, reason: String) {
    progress("edge subdivision, \(network.name): a minute …")
    let reply = try peer.ask([
      "task": "edge-subdivision", "network": network.path, "bounds": [-1, 1],
    ])
    guard let seconds = reply["seconds"] as? Double, let vertices = reply["vertices"] as? Int,
      let edges = reply["edges"] as? Int, let faces = reply["faces"] as? Int
    else {
      let reason = "\(reply["error"] ?? "no time in its answer")"
      progress("edge subdivision: \(reason)")
      return (nil, reason)
    }
    return (
      EdgeSubdivision(
        threads: threads, seconds: seconds, vertices: vertices, edges: edges, faces: faces), ""
    )
  }

  struct Memory {
    let network: GeometryNetwork
    let faces: Int
    /// Of `inr mesh`, which also checks the mesh and writes it.
    let peakBytes: Int
    let seconds: Double
  }

  func memory(_ networks: [GeometryNetwork], _ peer: Peer) throws -> [Memory] {
    try networks.map { network in
      progress("memory, \(network.name) …")
      return try withTemporaryFolder { folder in
        let reply = try peer.ask([
          "task": "run",
          "command": [InrProgram.path, "mesh", network.path, "-o", "\(folder)/mesh.ply", "--json"],
        ])
        guard let bytes = reply["peak_bytes"] as? Int, let seconds = reply["seconds"] as? Double,
          let output = reply["output"] as? String,
          let record = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
          let faces = (record["mesh"] as? [String: Any])?["faces"] as? Int
        else {
          let reason = reply["error"] ?? reply["messages"] ?? "no memory in its answer"
          throw Peer.Failure(description: "inr mesh: \(reason)")
        }
        return Memory(network: network, faces: faces, peakBytes: bytes, seconds: seconds)
      }
    }
  }
}
