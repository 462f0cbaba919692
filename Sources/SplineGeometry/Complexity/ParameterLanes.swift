import Compute

/// What the derivatives by the parameters are made of, at eight points at a time.
///
/// Layer l computes `z_l = W_l a_{l−1} + b_l` from its inputs, where `a_0 = x`. For a weighted sum f of
/// the outputs let `δ_l = ∂f/∂z_l`. Then `∂f/∂W_l = δ_l a_{l−1}ᵀ` and `∂f/∂b_l = δ_l`. In a region each
/// δ is constant, and each a affine in x.
///
/// No step mixes lanes, so a point's numbers are the same alone and among others.
struct ParameterLanes: Sendable {
  typealias Lanes = SIMD8<Double>
  static let count = 8

  private let layers: [SplineNetwork.Layer]
  /// Weights `[inputs, units]` of each layer.
  private let transposedWeights: [[Double]]
  /// For slopes, which have none.
  private let noBiases: [Double]
  /// `a_{l−1}` of each layer.
  private(set) var inputs: [[Lanes]] = []
  /// `z_l` of each layer; the last are the network's values.
  private(set) var preactivations: [[Lanes]] = []
  /// `δ_l` of each layer.
  private(set) var sensitivities: [[Lanes]] = []

  init(_ network: SplineNetwork) {
    layers = network.unshared.layers
    transposedWeights = layers.map { layer in
      (0..<layer.inputs).flatMap { i in
        (0..<layer.units).map { layer.weights[$0 * layer.inputs + i] }
      }
    }
    noBiases = Array(repeating: 0, count: layers.reduce(0) { max($0, $1.inputs, $1.units) })
    inputs = layers.map { Array(repeating: .zero, count: $0.inputs) }
    preactivations = layers.map { Array(repeating: .zero, count: $0.units) }
    sensitivities = preactivations
  }

  var values: [Lanes] { preactivations[layers.count - 1] }

  /// Sets inputs and pre-activations for at most eight points.
  mutating func evaluate(_ points: ArraySlice<[Double]>) {
    let coordinates = layers[0].inputs
    for point in points {
      precondition(
        point.count == coordinates, "a point has \(point.count) coordinates, not \(coordinates)")
    }
    for axis in 0..<coordinates {
      var lanes = Lanes.zero
      for (lane, point) in points.enumerated() { lanes[lane] = point[axis] }
      inputs[0][axis] = lanes
    }
    for (l, layer) in layers.enumerated() {
      LaneProduct.multiply(
        layer.weights, rows: layer.units, by: inputs[l], plus: layer.biases,
        into: &preactivations[l])
      guard let slopes = layer.slopes else { return }
      for unit in 0..<layer.units {
        inputs[l + 1][unit] = Self.bend(
          preactivations[l][unit], slopes[unit], preactivations[l][unit])
      }
    }
  }

  /// Sets the sensitivities of the sum of the outputs with these weights, at the points last evaluated.
  mutating func pullBack(_ outputWeights: [Lanes]) {
    var next = outputWeights
    for l in layers.indices.reversed() {
      if let slopes = layers[l].slopes {
        for unit in next.indices {
          next[unit] = Self.bend(next[unit], slopes[unit], preactivations[l][unit])
        }
      }
      sensitivities[l] = next
      guard l > 0 else { return }
      next = Array(repeating: .zero, count: layers[l].inputs)
      LaneProduct.multiply(
        transposedWeights[l], rows: next.count, by: sensitivities[l], plus: noBiases, into: &next)
    }
  }

  /// `∂a_{l−1}/∂x` of each layer but the first, whose is the identity: `[coordinates, inputs]`, at the
  /// points last evaluated.
  func inputSlopes() -> [[Lanes]] {
    let coordinates = layers[0].inputs
    var slopes: [[Lanes]] = []
    for (l, layer) in layers.dropLast().enumerated() {
      var next: [Lanes] = []
      next.reserveCapacity(coordinates * layer.units)
      for axis in 0..<coordinates {
        var column = [Lanes](repeating: .zero, count: layer.units)
        if l == 0 {
          for unit in 0..<layer.units {
            column[unit] = Lanes(repeating: layer.weights[unit * coordinates + axis])
          }
        } else {
          LaneProduct.multiply(
            layer.weights, rows: layer.units, by: slopes[l - 1], from: axis * layer.inputs,
            plus: noBiases, into: &column)
        }
        for unit in 0..<layer.units {
          next.append(Self.bend(column[unit], layer.slopes?[unit] ?? 1, preactivations[l][unit]))
        }
      }
      slopes.append(next)
    }
    return slopes
  }

  /// The activation's derivative times a number: as it is where the neuron is on.
  @inline(__always)
  private static func bend(_ number: Lanes, _ slope: Double, _ preactivation: Lanes) -> Lanes {
    (number * slope).replacing(with: number, where: preactivation .> 0)
  }

  static func squaredLength(_ numbers: [Lanes]) -> Lanes {
    var sum = Lanes.zero
    for number in numbers { sum.addProduct(number, number) }
    return sum
  }
}

extension SplineNetwork {
  /// Calls `body` for eight points at a time, the last group maybe fewer; returns the results in the
  /// points' order. The network has been evaluated at the points.
  func mapParameterLanes<Result: Sendable>(
    at points: [[Double]], workers: Workers,
    _ body: @Sendable (_ lanes: inout ParameterLanes, _ points: Range<Int>) -> Result
  ) -> [Result] {
    let pointsAtOnce = 32 * ParameterLanes.count
    let states = WorkerStates(workers) { ParameterLanes(self) }
    let chunks = states.map((points.count + pointsAtOnce - 1) / pointsAtOnce) { lanes, chunk in
      let end = min((chunk + 1) * pointsAtOnce, points.count)
      return stride(from: chunk * pointsAtOnce, to: end, by: ParameterLanes.count).map { start in
        let group = start..<min(start + ParameterLanes.count, end)
        lanes.evaluate(points[group])
        return body(&lanes, group)
      }
    }
    return chunks.flatMap { $0 }
  }

  /// The weights of the outputs in a function, or in each output if none is given.
  func outputWeights(
    of output: ScalarOutput?
  ) throws(SplineNetworkError) -> [[ParameterLanes.Lanes]] {
    func weights(_ terms: [(output: Int, sign: Double)]) throws(SplineNetworkError)
      -> [ParameterLanes.Lanes]
    {
      var weights = [ParameterLanes.Lanes](repeating: .zero, count: outputs)
      for (k, sign) in terms {
        guard k >= 0, k < outputs else { throw .noOutput(found: k, outputs: outputs) }
        weights[k] += ParameterLanes.Lanes(repeating: sign)
      }
      return weights
    }
    switch output {
    case .component(let k): return [try weights([(k, 1)])]
    case .difference(let a, let b): return [try weights([(a, 1), (b, -1)])]
    case nil:
      var all: [[ParameterLanes.Lanes]] = []
      for k in 0..<outputs { all.append(try weights([(k, 1)])) }
      return all
    }
  }
}
