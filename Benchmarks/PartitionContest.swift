import Compute
import Foundation
import Networks
import SplineGeometry

/// Partitions of the plane, with vertices, edges and affine maps, against regioncam.
struct PartitionContest {
  let workers: Workers
  let peer: Peer
  let rounds: Int
  let seconds: Double

  /// A network of two coordinates.
  struct Network {
    let name: String
    let path: String
    let spline: SplineNetwork
    /// The domain is the square from −reach to reach.
    let reach: Double
  }

  struct Result {
    let network: Network
    let regions: Int
    var times = RunTimes()
    var peer = 0.0
  }

  func run(_ networks: [Network]) throws -> [Result] {
    try networks.map { network in
      progress("partition, \(network.name) …")
      return try measure(network)
    }
  }

  private func measure(_ network: Network) throws -> Result {
    let range = -network.reach...network.reach
    let domain = try SplineDomain.rectangle(x: range, y: range)
    let partition = try network.spline.partition(of: domain, workers: workers)
    guard partition.isComplete, partition.looseEdgeCount == 0 else {
      throw Peer.Failure(description: "\(network.name): a partition with loose edges")
    }
    var (times, theirs) = (Rounds(), [Double]())
    for _ in 0..<rounds {
      try times.add(
        { workers in
          try medianRun(seconds: seconds) {
            _ = try network.spline.partition(of: domain, workers: workers)
          }
        }, all: workers)
      let reply = try peer.ask([
        "task": "planar-regions", "network": network.path, "reach": network.reach,
        "seconds": seconds,
      ])
      guard let time = reply["median"] as? Double, let regions = reply["regions"] as? Int else {
        throw Peer.Failure(description: "regioncam: \(reply["error"] ?? "no time in its answer")")
      }
      // In 32 bits it may take or lose a few slivers.
      guard abs(regions - partition.regionCount) * 1000 <= partition.regionCount else {
        throw Peer.Failure(
          description: "\(network.name): \(partition.regionCount) regions, regioncam has \(regions)"
        )
      }
      theirs.append(time)
    }
    return Result(
      network: network, regions: partition.regionCount, times: times.medians,
      peer: median(theirs))
  }
}

// MARK: - Networks

extension PartitionContest.Network {
  /// Fixtures, random networks, and planes through the trained ones.
  static func all(planesOf solids: [GeometryNetwork]) throws -> [PartitionContest.Network] {
    try [
      random([32, 32, 32]), random([128]), random([64, 64, 64, 64]), random([100, 100, 100]),
    ] + solids.map(plane)
  }

  /// He's normal weights, and normal biases of 0.3, from a fixed seed.
  private static func random(_ hidden: [Int]) throws -> PartitionContest.Network {
    var random = SplitMix64(seed: 7)
    let sizes = [2] + hidden + [1]
    var layers = zip(sizes, sizes.dropFirst()).map { inputs, units in
      let size = (2 / Double(inputs)).squareRoot()
      let weights = (0..<units * inputs).map { _ in Float(random.nextNormal() * size) }
      let biases = (0..<units).map { _ in Float(random.nextNormal() * 0.3) }
      return Layer(
        LinearMap(
          weight: Matrix(rows: units, columns: inputs, elements: weights), bias: biases),
        activation: ReLU())
    }
    layers[layers.count - 1].activation = nil
    return try written(
      Networks.Network(inputs: 2, layers: layers),
      name: "random, " + hidden.map(String.init).joined(separator: "-"))
  }

  /// The plane z = 0 of a network of three coordinates.
  private static func plane(_ solid: GeometryNetwork) throws -> PartitionContest.Network {
    var layers = try Model.read(solid.path, overrides: ModelOverrides(activation: "relu")).network
      .layers
    let map = layers[0].maps[0]
    var weight = Matrix(rows: map.outputs, columns: 2)
    for row in 0..<map.outputs {
      for column in 0..<2 { weight[row, column] = map.weight[row, column] }
    }
    layers[0].maps[0] = LinearMap(weight: weight, bias: map.bias)
    return try written(
      Networks.Network(inputs: 2, layers: layers), name: "\(solid.name), z = 0")
  }

  private static func written(
    _ network: Networks.Network, name: String
  ) throws -> PartitionContest.Network {
    let folder = GeometryNetwork.folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let letters = name.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(folder)/plane-\(String(letters)).safetensors"
    try Model(network: network).write(to: path)
    return try PartitionContest.Network(
      name: name, path: path, spline: SplineNetwork(network), reach: 1)
  }
}
