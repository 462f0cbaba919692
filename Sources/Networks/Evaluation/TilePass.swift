import Compute

/// One worker's memory for a tile of samples, and the passes through the network over it.
///
/// A tile goes through all layers while everything stays in the core's own cache. All planes hold
/// one row of `width` vectors a unit, so a matrix product `weights · values` needs no transposition
/// and the activations run over contiguous vectors (`Documentation/Math/tile-engine.md`).
package final class TilePass: @unchecked Sendable {
  /// What a backward pass is to find.
  package enum Wanted: Sendable, Equatable {
    /// ∂L/∂parameters of layer `from` and those above it, and ∂L/∂features of a grid.
    case parameters(from: Int)
    /// ∂L/∂pre-activations of layer `from` and those above it, left where these stood; of the
    /// parameters' gradient only the biases.
    case slopes(from: Int)
    /// ∂L/∂coordinates.
    case coordinates
  }

  package let layout: ParameterLayout
  /// The largest number of samples of a tile.
  package let capacity: Int
  private let purpose: PassPurpose
  /// Coordinates, one row each, that the caller fills in before ``forward``.
  package var coordinates: AlignedBuffer
  /// Values, one row a channel.
  package var outputs: AlignedBuffer
  /// ∂L/∂values, one row a channel, that the caller fills in before ``backward``.
  package var outputGradient: AlignedBuffer
  private let features: Planes
  private let preactivations: [Planes]
  private let values: [Planes]
  private let valueGradient: Planes
  /// What rounding takes from the first layer's pre-activations, for activations that want it.
  private let remainders: Planes?
  let factors: PackedFactors

  /// - Parameter rounding: what becomes of the factors of the products.
  package init(
    _ layout: ParameterLayout, capacity: Int, purpose: PassPurpose, rounding: FactorRounding? = nil
  ) {
    let capacity = AlignedBuffer.vectorCount(for: capacity) * Vector.scalarCount
    self.layout = layout
    self.capacity = capacity
    self.purpose = purpose
    factors = PackedFactors(rounding: rounding)
    let keeps = purpose == .gradient
    remainders =
      layout.wantsRemainders && !keeps
      ? Planes(count: layout.layers[0].rows * capacity) : nil
    coordinates = AlignedBuffer(count: layout.inputs * capacity)
    outputs = AlignedBuffer(count: layout.outputs * capacity)
    outputGradient = AlignedBuffer(count: keeps ? layout.outputs * capacity : 0)
    features = Planes(count: layout.features * capacity)

    let rows = layout.layers.map { $0.rows * $0.field.planeCount }
    let hidden = layout.layers.dropFirst().map { $0.inputs * $0.field.planeCount }
    let widest = max(hidden.max() ?? 0, layout.features)
    valueGradient = Planes(count: keeps ? widest * capacity : 0)
    if keeps {
      preactivations = rows.map { Planes(count: $0 * capacity) }
      values = hidden.map { Planes(count: $0 * capacity) }
    } else {
      // Nothing is looked at twice, so all layers share their memory.
      let shared = Planes(count: (rows.max() ?? 0) * capacity)
      let alternating = [Planes(count: widest * capacity), Planes(count: widest * capacity)]
      preactivations = rows.map { _ in shared }
      values = hidden.indices.map { alternating[$0 % 2] }
    }
  }

  /// Floats that a pass keeps for tiles of `capacity` samples.
  package static func memory(_ layout: ParameterLayout, capacity: Int) -> Int {
    let planes = layout.layers.reduce(2 * layout.features) {
      $0 + $1.rows * $1.field.planeCount + 3 * $1.inputs * $1.field.planeCount
    }
    let packed = layout.layers.map {
      PackedFactors.memory(ProductSize(rows: $0.rows, inner: $0.inputs, columns: capacity))
    }
    return planes * capacity + (packed.max() ?? 0)
  }

  // MARK: Forward

  /// Computes ``outputs`` from ``coordinates``.
  ///
  /// - Parameter width: vectors of samples in the tile.
  package func forward(_ parameters: ParameterBuffer, width: Int) {
    precondition(width * Vector.scalarCount <= capacity, "the tile is too wide for this pass")
    layout.encoding.forward(
      coordinates, parameters.values, into: &features.buffer, width: width)
    let last = layout.layers.count - 1
    for k in 0...last {
      if k == 0, let remainders {
        forwardExactly(parameters, remainders, width: width)
        continue
      }
      let plan = layout.layers[k]
      // The real part of a complex last layer needs two of the three products.
      plan.multiply(
        parameters.values, by: input(of: k).buffer,
        planes: k == last ? min(plan.field.planeCount, 2) : nil, width: width,
        into: &preactivations[k].buffer, packing: factors)
      if k < last {
        parameters.activations[k]?.forward(
          &preactivations[k].buffer, plan, parameters: parameters.values,
          into: &values[k].buffer, width: width, purpose: purpose)
      }
    }
    layout.layers[last].storeOutputs(
      preactivations[last].buffer, parameters: parameters.values, into: &outputs, width: width)
  }

  /// The first layer to twice single precision.
  private func forwardExactly(
    _ parameters: ParameterBuffer, _ remainders: Planes, width: Int
  ) {
    let plan = layout.layers[0]
    MatrixProduct.multiplyExactly(
      parameters.values, from: plan.weightOffset, bias: plan.biasOffset, by: features.buffer,
      rows: plan.rows, inner: plan.inputs, width: width, into: &preactivations[0].buffer,
      remainder: &remainders.buffer)
    parameters.activations[0]?.forward(
      preactivations[0].buffer, remainder: remainders.buffer, into: &values[0].buffer,
      shape: TileShape(units: plan.units, width: width))
  }

  /// The values that layer `k` takes in.
  func input(of k: Int) -> Planes { k == 0 ? features : values[k - 1] }

  /// The pre-activations of layer `k`, and after a backward pass ∂L/∂pre-activations.
  func preactivationPlanes(of k: Int) -> Planes { preactivations[k] }

  // MARK: Backward

  /// Adds the gradient of the tile to `gradient`, from ``outputGradient`` and what ``forward`` left.
  ///
  /// - Parameters:
  ///   - accumulating: whether `gradient`'s weights hold something to add to; biases are always
  ///     added to.
  ///   - gradient: laid out as the parameters. When coordinates are wanted its contents are of no
  ///     use, and ``coordinates`` hold ∂L/∂x afterwards.
  package func backward(
    _ parameters: ParameterBuffer, wanted: Wanted, width: Int, accumulating: Bool,
    into gradient: inout AlignedBuffer
  ) {
    precondition(purpose == .gradient, "a pass for values keeps nothing for its backward pass")
    let last = layout.layers.count - 1
    let firstTrained = min(wanted.firstLayer, last)
    let lowest = wantsFeatureGradient(wanted) ? 0 : firstTrained
    layout.layers[last].startBackward(
      outputGradient, into: &preactivations[last].buffer, gradient: &gradient, width: width)
    for k in stride(from: last, through: lowest, by: -1) {
      let plan = layout.layers[k]
      if k < last {
        parameters.activations[k]?.backward(
          valueGradient.buffer, values: values[k].buffer, &preactivations[k].buffer,
          plan, gradient: &gradient, width: width)
      }
      if case .parameters = wanted, k >= firstTrained {
        plan.accumulateWeights(
          preactivations[k].buffer, by: input(of: k).buffer, width: width,
          accumulating: accumulating, into: &gradient, packing: factors)
      }
      if k > lowest || wantsFeatureGradient(wanted) {
        plan.multiplyAdjoint(
          parameters.values, by: preactivations[k].buffer, width: width,
          into: &valueGradient.buffer, packing: factors)
      }
    }
    if wanted == .coordinates {
      layout.encoding.backward(
        valueGradient.buffer, features: features.buffer, parameters.values, into: &coordinates,
        width: width)
    }
  }

  private func wantsFeatureGradient(_ wanted: Wanted) -> Bool {
    switch wanted {
    case .coordinates: true
    case .parameters: layout.grid != nil
    case .slopes: false
    }
  }

  /// After a backward pass for parameters through a grid: the tile's coordinates, then
  /// ∂L/∂features, one row each.
  ///
  /// - Parameter target: several passes write to it at the same time, each to its own vectors.
  package func copyForGrid(into target: borrowing AlignedBuffer, at start: Int, width: Int) {
    let (coordinateCount, featureCount) = (layout.inputs * width, layout.features * width)
    target.copy(coordinates, count: coordinateCount, to: start)
    target.copy(valueGradient.buffer, count: featureCount, to: start + coordinateCount)
  }
}

extension AlignedBuffer {
  fileprivate func copy(_ source: borrowing AlignedBuffer, count: Int, to start: Int) {
    let source = source.vectors
    var target = concurrentVectors(start..<start + count)
    for i in 0..<count { target[i] = source[i] }
  }
}

extension TilePass.Wanted {
  fileprivate var firstLayer: Int {
    switch self {
    case .parameters(let from), .slopes(let from): from
    case .coordinates: 0
    }
  }
}
