import Compute
import Foundation
import Networks

/// A network's regions with soft boundaries: each neuron says with what probability it is on.
///
/// A neuron with the pre-activation z chooses between two affine maps, z and `slope · z`. The soft
/// choice takes the first with probability `sigmoid(η (1 − slope) z)`, `η = β / (1 − β)`. Its entropy is
/// 1 bit where z is 0, on the neuron's boundary, and falls off on both sides within about `4 / η`. The
/// sum over the neurons, as a picture, is bright along the boundaries of the regions.
///
/// - Units: entropies in bits.
/// - Source: Balestriero and Baraniuk, "From hard to soft", arXiv:1810.09274 (derivation:
///   `Documentation/Math/soft-splines.md`).
public struct SoftPartition: Sendable {
  /// A layer's affine map and how hard its neurons choose.
  fileprivate struct Layer: Sendable {
    let map: SplineNetwork.Layer
    let hardness: Double
  }

  /// What the neurons hand on to the next layer.
  fileprivate enum Values: Sendable {
    /// One of the two maps: the network is the hard one, and only its picture is soft.
    case chosen
    /// The mean of the two maps, as a soft ReLU has it.
    case expected
  }

  fileprivate let layers: [Layer]
  fileprivate let values: Values
  /// Coordinates of a point.
  public let inputs: Int

  /// The regions of a ReLU or leaky-ReLU network, whose values stay what they are.
  ///
  /// - Parameter beta: from 0, where all is open, to below 1; the larger, the thinner the boundaries.
  public init(_ network: SplineNetwork, beta: Double) {
    precondition(beta >= 0 && beta < 1, "beta is \(beta), expected a number from 0 to below 1")
    layers = network.hiddenLayers.map { Layer(map: $0, hardness: beta / (1 - beta)) }
    values = .chosen
    inputs = network.inputs
  }

  /// The soft regions of a network of soft ReLUs, each layer with its own β.
  public init(_ network: Network) throws(SoftPartitionError) {
    guard network.encoding == .none else { throw .encoding(network.encoding.name) }
    var layers: [Layer] = []
    for (k, layer) in network.layers.dropLast().enumerated() {
      guard let activation = layer.activation as? SoftReLU else {
        throw .notSoft(layer: k, activation: layer.activation.map(name(of:)) ?? "none")
      }
      let map = layer.maps[0]
      guard map.weight.elements.allSatisfy(\.isFinite), map.bias.allSatisfy(\.isFinite) else {
        throw .notFinite(layer: k)
      }
      let beta = Double(activation.beta)
      layers.append(
        Layer(
          map: SplineNetwork.Layer(
            inputs: map.inputs, units: map.outputs, weights: map.weight.elements.map(Double.init),
            biases: map.bias.map(Double.init), slopes: Array(repeating: 0, count: map.outputs)),
          hardness: beta / (1 - beta)))
    }
    self.layers = layers
    values = .expected
    inputs = network.inputs
  }

  /// The entropy of each hidden layer's choices at each point, `[points][hidden layers]`; the same for
  /// any number of workers.
  public func entropies(at points: [[Double]], workers: Workers = Workers()) -> [[Double]] {
    for point in points {
      precondition(
        point.count == inputs, "a point has \(point.count) coordinates, not \(inputs)")
    }
    let pointsAtOnce = PointLanes.count * 32
    let scratch = WorkerStates(workers) { SoftLanes(self) }
    let chunks = scratch.map((points.count + pointsAtOnce - 1) / pointsAtOnce) { lanes, chunk in
      let end = min((chunk + 1) * pointsAtOnce, points.count)
      return stride(from: chunk * pointsAtOnce, to: end, by: PointLanes.count).flatMap { start in
        lanes.entropies(at: points[start..<min(start + PointLanes.count, end)])
      }
    }
    return chunks.flatMap { $0 }
  }
}

/// Eight points at a time.
private struct SoftLanes: Sendable {
  private let partition: SoftPartition
  private var inputs: [PointLanes.Lanes]
  private var outputs: [PointLanes.Lanes]

  init(_ partition: SoftPartition) {
    self.partition = partition
    let widest = partition.layers.reduce(partition.inputs) {
      max($0, $1.map.units, $1.map.inputs)
    }
    inputs = Array(repeating: .zero, count: widest)
    outputs = inputs
  }

  mutating func entropies(at points: ArraySlice<[Double]>) -> [[Double]] {
    for axis in 0..<partition.inputs {
      var lanes = PointLanes.Lanes.zero
      for (lane, point) in points.enumerated() { lanes[lane] = point[axis] }
      inputs[axis] = lanes
    }
    var sums: [PointLanes.Lanes] = []
    for layer in partition.layers {
      PointLanes.apply(layer.map, to: inputs, into: &outputs)
      var sum = PointLanes.Lanes.zero
      for unit in 0..<layer.map.units { sum += activate(unit, of: layer) }
      sums.append(sum)
    }
    return points.indices.map { point in sums.map { $0[point - points.startIndex] } }
  }

  /// Hands a unit's values on; returns its entropies.
  private mutating func activate(_ unit: Int, of layer: SoftPartition.Layer) -> PointLanes.Lanes {
    let z = outputs[unit]
    guard let slope = layer.map.slopes?[unit], slope != 1 else {
      inputs[unit] = z
      return .zero
    }
    var (entropies, values) = (PointLanes.Lanes.zero, PointLanes.Lanes.zero)
    for lane in 0..<PointLanes.count {
      let choice = SoftChoice(layer.hardness * (1 - slope) * z[lane])
      entropies[lane] = choice.entropy
      switch partition.values {
      case .chosen: values[lane] = z[lane] > 0 ? z[lane] : slope * z[lane]
      case .expected:
        values[lane] = (choice.probability + slope * (1 - choice.probability)) * z[lane]
      }
    }
    inputs[unit] = values
    return entropies
  }
}

/// A choice between two with the log-odds u.
struct SoftChoice {
  /// Of the first.
  let probability: Double
  /// In bits.
  let entropy: Double

  init(_ u: Double) {
    let m = abs(u)
    let t = exp(-m)
    probability = (u > 0 ? 1 : t) / (1 + t)
    // −p ln p − q ln q with p = 1/(1 + t), q = t/(1 + t), ln q = −m − ln(1 + t).
    entropy = (log1p(t) + (t > 0 ? m * t / (1 + t) : 0)) / log(2)
  }
}

/// Why a network has no soft regions of its own.
public enum SoftPartitionError: Error, Equatable, CustomStringConvertible {
  /// `layer` counts from 0.
  case notSoft(layer: Int, activation: String)
  case encoding(String)
  case notFinite(layer: Int)

  public var description: String {
    switch self {
    case .notSoft(let layer, let activation):
      "layer \(layer) has the activation \(activation), expected soft-relu in every hidden layer; "
        + "networks of relu or leaky-relu have soft regions for a beta that you choose"
    case .encoding(let name):
      "the network stands behind a \(name) encoding; soft regions need plain coordinates"
    case .notFinite(let layer):
      "layer \(layer) has weights or biases that are not finite"
    }
  }
}
