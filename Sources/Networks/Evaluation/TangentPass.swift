import Compute

/// One worker's memory for a tile of samples, and the passes through a network of one output for
/// losses of its values *and slopes* ∇f, such as the eikonal term of a signed distance.
///
/// Derivatives are the true ones, FINER's as well. Derivation: `Documentation/Math/eikonal.md`.
package final class TangentPass: @unchecked Sendable {
  package let layout: ParameterLayout
  /// The largest number of samples of a tile.
  package let capacity: Int
  /// Coordinates, one row each, that the caller fills in before ``forward``.
  package var coordinates: AlignedBuffer
  /// Values, one row.
  package var outputs: AlignedBuffer
  /// ∂L/∂values, one row, that the caller fills in before ``backward``.
  package var outputGradient: AlignedBuffer
  /// ∇f after ``forward``, one row a coordinate; before ``backward`` the caller puts v = ∂L/∂(∇f) in
  /// its place.
  package var slopes: AlignedBuffer

  // Of each layer: what it takes in, and the tangents of that.
  private let values: [Planes]
  private let tangents: [Planes]
  /// Products, then what the activations make of them, then ∂L/∂z.
  private let preactivations: [Planes]
  /// u = ∂f/∂z.
  private let sensitivities: [Planes]
  /// The activations' notes, in the end the curvature terms ∂(v · ∇f)/∂z.
  private let notes: [Planes]
  /// ∂f/∂h or ∂L/∂h, and the products W h′, of one layer at a time.
  private let valueGradient: Planes
  private let tangentProducts: Planes
  private let factors: PackedFactors

  /// - Parameter rounding: what becomes of the factors of the products.
  package init(_ parameters: ParameterBuffer, capacity: Int, rounding: FactorRounding? = nil) {
    let layout = parameters.layout
    precondition(layout.outputs == 1, "slopes of \(layout.outputs) outputs at once")
    let capacity = AlignedBuffer.vectorCount(for: capacity) * Vector.scalarCount
    self.layout = layout
    self.capacity = capacity
    factors = PackedFactors(rounding: rounding)
    coordinates = AlignedBuffer(count: layout.inputs * capacity)
    slopes = AlignedBuffer(count: layout.inputs * capacity)
    outputs = AlignedBuffer(count: capacity)
    outputGradient = AlignedBuffer(count: capacity)

    let rows = layout.layers.map { $0.rows * $0.field.planeCount }
    let inputs = layout.layers.map { $0.inputs * $0.field.planeCount }
    values = inputs.map { Planes(count: $0 * capacity) }
    tangents = inputs.map { Planes(count: $0 * capacity) }
    preactivations = rows.map { Planes(count: $0 * capacity) }
    sensitivities = rows.map { Planes(count: $0 * capacity) }
    notes = zip(layout.layers, parameters.activations).map { plan, activation in
      Planes(count: (activation.map(noteCount(of:)) ?? 0) * plan.units * capacity)
    }
    valueGradient = Planes(count: (inputs.max() ?? 0) * capacity)
    tangentProducts = Planes(count: (rows.max() ?? 0) * capacity)
  }

  /// Floats that a pass keeps for tiles of `capacity` samples, at most.
  package static func memory(_ layout: ParameterLayout, capacity: Int) -> Int {
    let rows = layout.layers.map { $0.rows * $0.field.planeCount }
    let inputs = layout.layers.map { $0.inputs * $0.field.planeCount }
    // Notes are no more than three rows where there are two of pre-activations.
    let layers = 4 * rows.reduce(0, +) + 2 * inputs.reduce(0, +)
    let shared = (rows.max() ?? 0) + (inputs.max() ?? 0) + 2 * layout.inputs + 2
    return (layers + shared) * capacity
  }

  // MARK: Forward

  /// Computes ``outputs`` and ``slopes`` from ``coordinates``.
  ///
  /// - Parameter width: vectors of samples in the tile.
  package func forward(_ parameters: ParameterBuffer, width: Int) {
    precondition(width * Vector.scalarCount <= capacity, "the tile is too wide for this pass")
    let last = layout.layers.count - 1
    layout.encoding.forward(
      coordinates, parameters.values, into: &values[0].buffer, width: width)
    for (k, plan) in layout.layers.enumerated() {
      plan.multiply(
        parameters.values, by: values[k].buffer, width: width, into: &preactivations[k].buffer,
        packing: factors)
      parameters.activations[k]?.forward(
        &preactivations[k].buffer, plan, parameters: parameters.values,
        into: &values[k + 1].buffer, notes: &notes[k].buffer, width: width)
    }
    layout.layers[last].storeOutputs(
      preactivations[last].buffer, parameters: parameters.values, into: &outputs, width: width)
    pullBack(parameters, width: width)
  }

  /// The sensitivities of all layers, and ``slopes``.
  private func pullBack(_ parameters: ParameterBuffer, width: Int) {
    let last = layout.layers.count - 1
    layout.layers[last].startPullBack(into: &sensitivities[last].buffer, width: width)
    for (k, plan) in layout.layers.enumerated().reversed() {
      parameters.activations[k]?.pullBack(
        valueGradient.buffer, values: values[k + 1].buffer, preactivations[k].buffer, plan,
        notes: &notes[k].buffer, into: &sensitivities[k].buffer, width: width)
      plan.multiplyAdjoint(
        parameters.values, by: sensitivities[k].buffer, width: width, into: &valueGradient.buffer,
        packing: factors)
    }
    layout.encoding.backward(
      valueGradient.buffer, features: values[0].buffer, parameters.values, into: &slopes,
      width: width)
  }

  // MARK: Backward

  /// Adds the gradient of the tile to `gradient`, from ``outputGradient``, ``slopes`` and what
  /// ``forward`` left.
  ///
  /// - Parameters:
  ///   - first: layers below it are frozen.
  ///   - accumulating: whether `gradient`'s weights hold something to add to; biases are always
  ///     added to.
  ///   - gradient: laid out as the parameters.
  package func backward(
    _ parameters: ParameterBuffer, from first: Int, width: Int, accumulating: Bool,
    into gradient: inout AlignedBuffer
  ) {
    pushForward(parameters, width: width, gradient: &gradient)
    let last = layout.layers.count - 1
    let lowest = min(first, last)
    layout.layers[last].startBackward(
      outputGradient, into: &preactivations[last].buffer, gradient: &gradient, width: width)
    for k in stride(from: last, through: lowest, by: -1) {
      let plan = layout.layers[k]
      if let activation = parameters.activations[k] {
        activation.backward(
          valueGradient.buffer, values: values[k + 1].buffer, &preactivations[k].buffer, plan,
          gradient: &gradient, width: width)
        plan.addCurvature(
          notes[k].buffer, to: &preactivations[k].buffer, gradient: &gradient, width: width)
      }
      // ∂L/∂W = ∂L/∂z · hᵀ + u · h′ᵀ.
      plan.accumulateWeights(
        preactivations[k].buffer, by: values[k].buffer, width: width, accumulating: accumulating,
        into: &gradient, packing: factors)
      plan.accumulateWeights(
        sensitivities[k].buffer, by: tangents[k].buffer, width: width, accumulating: true,
        into: &gradient, packing: factors)
      if k > lowest {
        plan.multiplyAdjoint(
          parameters.values, by: preactivations[k].buffer, width: width,
          into: &valueGradient.buffer, packing: factors)
      }
    }
  }

  /// The tangents along v of what the layers take in, and the curvature terms.
  private func pushForward(
    _ parameters: ParameterBuffer, width: Int, gradient: inout AlignedBuffer
  ) {
    layout.encoding.pushForward(
      slopes, features: values[0].buffer, into: &tangents[0].buffer, width: width)
    for (k, plan) in layout.layers.dropLast().enumerated() {
      plan.multiply(
        parameters.values, by: tangents[k].buffer, width: width, into: &tangentProducts.buffer,
        packing: factors)
      let envelope = parameters.activations[k]?.pushForward(
        tangentProducts.buffer, values: values[k + 1].buffer, preactivations[k].buffer, plan,
        notes: &notes[k].buffer, into: &tangents[k + 1].buffer, width: width)
      gradient.add(envelope ?? 0, at: plan.envelopeOffset)
    }
  }
}

private func noteCount(of activation: any Activation) -> Int { type(of: activation).noteCount }

extension AlignedBuffer {
  fileprivate mutating func add(_ number: Float, at offset: Int) {
    var floats = mutableFloats
    floats[offset] += number
  }
}

extension ParameterLayout.LayerPlan {
  /// The last layer's ∂f/∂z: 1 for every sample; the imaginary part of a complex one is zero.
  fileprivate func startPullBack(into u: inout AlignedBuffer, width: Int) {
    var u = u.mutableVectors
    for i in 0..<(units * width * field.planeCount) {
      u[i] = Vector(repeating: (units * width..<2 * units * width).contains(i) ? 0 : 1)
    }
  }

  /// Adds the curvature terms to ∂L/∂z and their sums to the bias gradient.
  fileprivate func addCurvature(
    _ notes: borrowing AlignedBuffer, to z: inout AlignedBuffer, gradient: inout AlignedBuffer,
    width: Int
  ) {
    let notes = notes.vectors
    var z = z.mutableVectors
    var gradient = gradient.mutableFloats
    let plane = rows * width
    for row in 0..<biasCount {
      let isReal = row < rows
      var sum = Vector(repeating: 0)
      for i in row * width..<(row + 1) * width {
        z[i] += notes[i]
        // The third plane is the difference of the others.
        if field == .complex {
          if isReal { z[2 * plane + i] += notes[i] } else { z[plane + i] -= notes[i] }
        }
        sum += notes[i]
      }
      gradient[biasOffset + row] += VectorMath.sum(sum)
    }
  }
}
