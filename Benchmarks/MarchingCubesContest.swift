import Compute
import Foundation
import Meshes

/// A volume whose surface is extracted by both programs.
enum MarchedVolume: String, CaseIterable {
  case sphere, gyroid, noise

  /// Samples along each side.
  var count: Int { self == .noise ? 128 : 256 }

  /// Values in [−1, 1]³, x fastest; outside of it along the sides, so that surfaces are closed.
  func values() -> [Float] {
    let n = count
    var random = SplitMix64(seed: 1)
    var values: [Float] = []
    values.reserveCapacity(n * n * n)
    for k in 0..<n * n * n {
      let place = SIMD3(k % n, k / n % n, k / (n * n))
      let p = SIMD3<Double>(place) * (2 / Double(n - 1)) - 1
      let radius = (p * p).sum().squareRoot()
      switch self {
      case .sphere: values.append(Float(0.8 - radius))
      case .gyroid:
        let gyroid =
          cos(12 * p.x) * sin(12 * p.y) + cos(12 * p.y) * sin(12 * p.z)
          + cos(12 * p.z) * sin(12 * p.x)
        values.append(Float(min(gyroid, 10 * (0.9 - radius))))
      case .noise:
        let isRim = place.min() == 0 || place.max() == n - 1
        values.append(isRim ? -1 : Float(random.nextNormal()))
      }
    }
    return values
  }
}

/// Marching cubes on precomputed volumes, against scikit-image's.
struct MarchingCubesContest {
  let workers: Workers
  let peer: Peer
  let rounds: Int
  let seconds: Double

  struct Result {
    let volume: MarchedVolume
    let triangles: Int
    /// Medians over the rounds, seconds of one run: the peer, and inr with one thread and with all.
    var peer = 0.0
    var single = 0.0
    var all = 0.0
    /// The relative difference of the volume that the meshes enclose.
    var difference = 0.0
  }

  func run() throws -> [Result] {
    try MarchedVolume.allCases.map { volume in
      progress("marching cubes, \(volume.rawValue) of \(volume.count)³ …")
      return try measure(volume)
    }
  }

  private func measure(_ volume: MarchedVolume) throws -> Result {
    let (n, values) = (volume.count, volume.values())
    let grid = SampleGrid(
      counts: SIMD3(repeating: n), box: Box(lower: .zero, upper: SIMD3(repeating: Double(n - 1))))
    let mesh = try MarchingCubes(level: 0).surface(of: values, on: grid, workers: workers).mesh
    var result = Result(volume: volume, triangles: mesh.faceCount)
    var samples: (peer: [Double], one: [Double], all: [Double]) = ([], [], [])
    try withTemporaryFolder { folder in
      let path = "\(folder)/volume.npy"
      try NumpyArray(shape: [n, n, n], elements: values).write(to: path)
      for _ in 0..<rounds {
        let reply = try peer.ask([
          "task": "marching-cubes", "volume": path, "level": 0, "seconds": seconds,
        ])
        guard let median = reply["median"] as? Double, let enclosed = reply["enclosed"] as? Double
        else {
          throw Peer.Failure(description: "scikit-image: \(reply["error"] ?? "no time")")
        }
        samples.peer.append(median)
        result.difference = abs(enclosed / mesh.signedVolume - 1)
        // Ambiguous cells, of which noise is full, are cut along other diagonals.
        guard result.difference < (volume == .noise ? 1e-2 : 1e-4) else {
          throw Peer.Failure(
            description: "scikit-image's \(volume.rawValue) encloses \(enclosed), inr's "
              + "\(mesh.signedVolume)")
        }
        samples.one.append(try time(values, grid, Workers(count: 1)))
        samples.all.append(try time(values, grid, workers))
      }
    }
    result.peer = median(samples.peer)
    (result.single, result.all) = (median(samples.one), median(samples.all))
    return result
  }

  private func time(_ values: [Float], _ grid: SampleGrid, _ workers: Workers) throws
    -> Double
  {
    try medianRun(seconds: seconds) {
      _ = try MarchingCubes(level: 0).surface(of: values, on: grid, workers: workers)
    }
  }
}
