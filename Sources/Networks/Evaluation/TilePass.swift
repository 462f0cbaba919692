import Compute

/// One worker's memory for a tile of samples, and the passes through the network over it.
///
/// A tile goes through all layers while everything stays in the core's own cache. All planes hold
/// one row of `width` vectors a unit, so a matrix product `weights · values` needs no transposition
/// and the activations run over contiguous vectors (`Documentation/Math/tile-engine.md`).
package final class TilePass: @unchecked Sendable {
  /// What a backward pass is to find.
  package enum Wanted: Sendable, Equatable {
    /// ∂L/∂parameters of layer `from` and those above it.
    case parameters(from: Int)
    /// ∂L/∂coordinates.
    case coordinates
  }

  /// Planes that can be handed around although their memory has one owner.
  private final class Planes {
    var buffer: AlignedBuffer
    init(count: Int) { buffer = AlignedBuffer(count: count) }
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

  package init(_ layout: ParameterLayout, capacity: Int, purpose: PassPurpose) {
    let capacity = AlignedBuffer.vectorCount(for: capacity) * Vector.scalarCount
    self.layout = layout
    self.capacity = capacity
    self.purpose = purpose
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
    layout.layers.reduce(2 * layout.features) {
      $0 + $1.rows * $1.field.planeCount + 3 * $1.inputs * $1.field.planeCount
    } * capacity
  }

  // MARK: Forward

  /// Computes ``outputs`` from ``coordinates``.
  ///
  /// - Parameter width: vectors of samples in the tile.
  package func forward(_ parameters: ParameterBuffer, width: Int) {
    precondition(width * Vector.scalarCount <= capacity, "the tile is too wide for this pass")
    layout.encoding.forward(coordinates, into: &features.buffer, width: width)
    let last = layout.layers.count - 1
    for k in 0...last {
      if k == 0, let remainders {
        forwardExactly(parameters, remainders, width: width)
        continue
      }
      multiply(parameters, layer: k, width: width)
      if k < last {
        parameters.activations[k]?.forward(
          &preactivations[k].buffer, layout.layers[k], parameters: parameters.values,
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
  private func input(of k: Int) -> Planes { k == 0 ? features : values[k - 1] }

  /// `z = W h` for one layer, as products that the activation combines.
  private func multiply(_ parameters: ParameterBuffer, layer k: Int, width: Int) {
    let plan = layout.layers[k]
    let samples = width * Vector.scalarCount
    let isLast = k == layout.layers.count - 1
    // The real part of the last layer needs two of the three products.
    for plane in 0..<(isLast && plan.field == .complex ? 2 : plan.field.planeCount) {
      MatrixProduct.multiply(
        parameters.values, from: plan.weightOffset + plane * plan.weightPlane,
        by: input(of: k).buffer, from: plane * plan.inputs * samples,
        size: ProductSize(rows: plan.rows, inner: plan.inputs, columns: samples),
        into: &preactivations[k].buffer, at: plane * plan.rows * samples)
    }
  }

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
    let lowest = min(wanted.firstLayer, last)
    layout.layers[last].startBackward(
      outputGradient, into: &preactivations[last].buffer, gradient: &gradient, width: width)
    for k in stride(from: last, through: lowest, by: -1) {
      if k < last {
        parameters.activations[k]?.backward(
          valueGradient.buffer, values: values[k].buffer, &preactivations[k].buffer,
          layout.layers[k], gradient: &gradient, width: width)
      }
      if wanted != .coordinates {
        accumulateWeights(layer: k, width: width, accumulating: accumulating, into: &gradient)
      }
      if k > lowest || wanted == .coordinates {
        multiplyAdjoint(parameters, layer: k, width: width)
      }
    }
    if wanted == .coordinates {
      layout.encoding.backward(
        valueGradient.buffer, features: features.buffer, into: &coordinates, width: width)
    }
  }

  /// `∂L/∂W += ∂L/∂z · hᵀ`, plane by plane.
  private func accumulateWeights(
    layer k: Int, width: Int, accumulating: Bool, into gradient: inout AlignedBuffer
  ) {
    let plan = layout.layers[k]
    let samples = width * Vector.scalarCount
    for plane in 0..<plan.field.planeCount {
      MatrixProduct.multiply(
        preactivations[k].buffer, from: plane * plan.rows * samples,
        by: input(of: k).buffer, from: plane * plan.inputs * samples, .transposed,
        size: ProductSize(rows: plan.rows, inner: samples, columns: plan.inputs),
        into: &gradient, at: plan.weightOffset + plane * plan.weightPlane,
        accumulating: accumulating)
    }
  }

  /// `∂L/∂h = Wᴴ · ∂L/∂z` for the values below layer `k`, as products yet to be combined.
  private func multiplyAdjoint(_ parameters: ParameterBuffer, layer k: Int, width: Int) {
    let plan = layout.layers[k]
    let samples = width * Vector.scalarCount
    for plane in 0..<plan.field.planeCount {
      MatrixProduct.multiply(
        parameters.values, from: plan.weightOffset + plane * plan.weightPlane, .transposed,
        by: preactivations[k].buffer, from: plane * plan.rows * samples,
        size: ProductSize(rows: plan.inputs, inner: plan.rows, columns: samples),
        into: &valueGradient.buffer, at: plane * plan.inputs * samples)
    }
  }
}

extension TilePass.Wanted {
  fileprivate var firstLayer: Int {
    switch self {
    case .parameters(let from): from
    case .coordinates: 0
    }
  }
}

extension ParameterLayout.LayerPlan {
  /// Values of the network from the last layer's products: real part and bias.
  fileprivate func storeOutputs(
    _ z: borrowing AlignedBuffer, parameters: borrowing AlignedBuffer,
    into outputs: inout AlignedBuffer, width: Int
  ) {
    let (z, bias) = (z.vectors, parameters.floats.extracting(biasRange))
    var outputs = outputs.mutableVectors
    for channel in 0..<units {
      let bias = Vector(repeating: bias[channel])
      for i in channel * width..<(channel + 1) * width {
        outputs[i] = z[i] + bias
        if field == .complex { outputs[i] -= z[units * width + i] }
      }
    }
  }

  /// Takes ∂L/∂values for the last layer's ∂L/∂z; the imaginary part of a complex one is zero.
  fileprivate func startBackward(
    _ g: borrowing AlignedBuffer, into z: inout AlignedBuffer, gradient: inout AlignedBuffer,
    width: Int
  ) {
    let g = g.vectors
    var z = z.mutableVectors
    var gradient = gradient.mutableFloats
    let plane = units * width
    for channel in 0..<units {
      var sum = Vector(repeating: 0)
      for i in channel * width..<(channel + 1) * width {
        z[i] = g[i]
        if field == .complex {
          z[plane + i] = Vector(repeating: 0)
          z[2 * plane + i] = g[i]
        }
        sum += g[i]
      }
      gradient[biasOffset + channel] += VectorMath.sum(sum)
    }
  }
}
