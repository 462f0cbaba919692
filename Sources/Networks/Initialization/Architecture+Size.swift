extension Architecture {
  /// Floats of the parameters as training lays them out, apart from a few for alignment.
  package func floatCount(inputs: Int, outputs: Int) -> Int {
    guard let kind = ActivationTable.all.first(where: { $0.name == activation }) else { return 0 }
    let planes = kind.field == .real ? 1 : 3
    let first = kind.mapCount * width * features.count(inputs: inputs)
    let tables = features.grid?.parameterCount(inputs: inputs) ?? 0
    return tables + first + planes
      * (hiddenLayers * kind.mapCount * width * width + width * outputs)
  }
}

extension Architecture.Features {
  /// Features that the encoding makes of `inputs` coordinates.
  fileprivate func count(inputs: Int) -> Int {
    switch kind {
    case .none: inputs
    case .positional: inputs * (1 + 2 * frequencies)
    case .fourier: 2 * frequencies
    case .grid: grid.map { $0.levels * $0.features } ?? 0
    }
  }
}
