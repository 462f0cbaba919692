import Compute

/// Where the parameters of a network stand in one flat buffer, and with them their gradients and
/// the optimizer's moments.
///
/// Every piece begins on a vector boundary. The weights of a layer are one piece for all its maps,
/// `[maps · units, inputs]`; a complex piece has three planes: real parts, imaginary parts, and
/// their sum, which is not a parameter but what the engine multiplies by.
public struct ParameterLayout: Sendable {
  package struct LayerPlan: Sendable {
    package let inputs: Int
    package let units: Int
    package let mapCount: Int
    package let field: Field
    /// Of the first plane; the others follow at distances of `weightPlane`.
    package let weightOffset: Int
    package let weightPlane: Int
    /// Real parts, then (complex) imaginary parts.
    package let biasOffset: Int
    package let constantOffset: Int
    package let constantCount: Int
    /// What `backward` returns, summed: not a parameter, a place in the gradient.
    package let envelopeOffset: Int

    /// Rows of the stacked weights.
    package var rows: Int { mapCount * units }
    package var weightCount: Int { rows * inputs }
    package var biasCount: Int { rows * (field == .real ? 1 : 2) }
    package var biasRange: Range<Int> { biasOffset..<biasOffset + biasCount }
  }

  package let layers: [LayerPlan]
  /// Floats in the buffer.
  public let count: Int
  /// Floats of the layers, which stand first; the tables of a grid follow.
  package let layersCount: Int
  /// Whether values are worth a first layer of twice single precision, and it is small enough.
  let wantsRemainders: Bool
  /// Coordinates of a point, and features of the encoding.
  package let inputs: Int
  package let features: Int
  let encoding: EncodingKernel

  public init(_ network: Network) {
    var offset = 0
    func reserve(_ count: Int) -> Int {
      defer { offset += AlignedBuffer.vectorCount(for: count) * Vector.scalarCount }
      return offset
    }
    var plans: [LayerPlan] = []
    for layer in network.layers {
      let weights = layer.maps.count * layer.units * layer.inputs
      let padded = AlignedBuffer.vectorCount(for: weights) * Vector.scalarCount
      let biases = layer.maps.count * layer.units * (layer.field == .real ? 1 : 2)
      let constants = layer.activation?.values.count ?? 0
      plans.append(
        LayerPlan(
          inputs: layer.inputs, units: layer.units, mapCount: layer.maps.count, field: layer.field,
          weightOffset: reserve(padded * layer.field.planeCount), weightPlane: padded,
          biasOffset: reserve(biases), constantOffset: reserve(constants),
          constantCount: constants, envelopeOffset: reserve(1)))
    }
    layers = plans
    layersCount = offset
    let tables = offset
    encoding = network.encoding.kernel(inputs: network.inputs, tables: tables)
    if case .grid(let grid) = network.encoding {
      for level in grid.levels { _ = reserve(level.entries * grid.features) }
    }
    let first = network.layers[0].activation.map { type(of: $0).wantsRemainders } ?? false
    wantsRemainders = first && network.layers[0].inputs <= 4
    count = offset
    inputs = network.inputs
    features = network.encoding.featureCount(inputs: network.inputs)
  }

  /// Pieces of a gradient that tiles always add to: biases and sums for the constants.
  package var accumulatedPieces: [Range<Int>] {
    layers.flatMap { [$0.biasRange, $0.envelopeOffset..<$0.envelopeOffset + 1] }
  }

  public var outputs: Int { layers[layers.count - 1].units }

  /// The grid in front of the first layer, whose tables are trained.
  package var grid: GridKernel? {
    if case .grid(let kernel) = encoding { kernel } else { nil }
  }
}

extension ParameterLayout.LayerPlan {
  /// Brings the sums of a complex layer's real and imaginary weights up to date.
  package func updateSums(_ parameters: inout AlignedBuffer) {
    guard field == .complex else { return }
    var values = parameters.mutableFloats
    for i in weightOffset..<(weightOffset + weightPlane) {
      values[i + 2 * weightPlane] = values[i] + values[i + weightPlane]
    }
  }
}
