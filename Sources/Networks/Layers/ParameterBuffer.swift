import Compute

/// The parameters of a network as the engine reads them.
///
/// Tiles on several threads read it at the same time; whoever writes to it makes sure that no tile
/// is under way.
public final class ParameterBuffer: @unchecked Sendable {
  public let layout: ParameterLayout
  package var values: AlignedBuffer
  package private(set) var activations: [(any Activation)?]
  private let network: Network

  public init(_ network: Network) {
    layout = ParameterLayout(network)
    values = AlignedBuffer(count: layout.count)
    activations = network.layers.map(\.activation)
    self.network = network
    for (k, layer) in network.layers.enumerated() { store(layer, layout.layers[k]) }
    if case .grid(let grid) = network.encoding { store(grid) }
    updateSums()
  }

  private func store(_ layer: Layer, _ plan: ParameterLayout.LayerPlan) {
    for (m, map) in layer.maps.enumerated() {
      let start = plan.weightOffset + m * plan.units * plan.inputs
      copy(map.weight.elements, to: start)
      copy(map.bias, to: plan.biasOffset + m * plan.units)
      if let imaginary = map.imaginary {
        copy(imaginary.weight.elements, to: start + plan.weightPlane)
        copy(imaginary.bias, to: plan.biasOffset + plan.rows + m * plan.units)
      }
    }
    copy(layer.activation?.values ?? [], to: plan.constantOffset)
  }

  private func store(_ grid: GridEncoding) {
    var start = 0
    for range in tableRanges(grid) {
      copy(Array(grid.tables[start..<start + range.count]), to: range.lowerBound)
      start += range.count
    }
  }

  /// Where the tables of the levels stand.
  private func tableRanges(_ grid: GridEncoding) -> [Range<Int>] {
    layout.grid?.levels.map { $0.range(features: grid.features) } ?? []
  }

  private func copy(_ elements: [Float], to offset: Int) {
    values.copy(elements, to: offset)
  }

  private func elements(at offset: Int, count: Int) -> [Float] {
    values.elements(offset..<offset + count)
  }

  /// Brings the sums of real and imaginary weights up to date.
  package func updateSums() {
    for plan in layout.layers where plan.field == .complex {
      plan.updateSums(&values)
    }
  }

  /// Rebuilds the activations from the constants in the buffer, after these were trained.
  package func updateActivations() {
    for (k, plan) in layout.layers.enumerated() where plan.constantCount > 0 {
      let constants = elements(at: plan.constantOffset, count: plan.constantCount)
      activations[k] = activations[k].map { type(of: $0).init(constants) }
    }
  }

  /// Overwrites the parameters, as ``allValues`` returned them.
  package func restore(_ elements: [Float]) {
    precondition(elements.count == layout.count)
    copy(elements, to: 0)
    updateActivations()
  }

  package var allValues: [Float] { elements(at: 0, count: layout.count) }

  /// The network with the parameters as they are now.
  public func makeNetwork() -> Network {
    var layers = network.layers
    for (k, plan) in layout.layers.enumerated() {
      for m in layers[k].maps.indices {
        let start = plan.weightOffset + m * plan.units * plan.inputs
        let (weights, units) = (plan.units * plan.inputs, plan.units)
        layers[k].maps[m].weight.elements = elements(at: start, count: weights)
        layers[k].maps[m].bias = elements(at: plan.biasOffset + m * units, count: units)
        layers[k].maps[m].imaginary?.weight.elements = elements(
          at: start + plan.weightPlane, count: weights)
        layers[k].maps[m].imaginary?.bias = elements(
          at: plan.biasOffset + plan.rows + m * units, count: units)
      }
      layers[k].activation = activations[k]
    }
    var encoding = network.encoding
    if case .grid(var grid) = encoding {
      grid.tables = tableRanges(grid).flatMap { elements(at: $0.lowerBound, count: $0.count) }
      encoding = .grid(grid)
    }
    return network.replacing(encoding, layers: layers)
  }
}
