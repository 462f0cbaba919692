extension SplineNetwork {
  /// The function of the input that a value of a graph is, as a chain of layers.
  ///
  /// - Throws: if a number is not finite.
  public init(
    _ graph: PiecewiseAffineGraph, output: PiecewiseAffineGraph.Value
  ) throws(SplineNetworkError) {
    precondition(output.number < graph.nodes.count, "the output is no value of the graph")
    var compiler = ChainCompiler(graph, output: output)
    compiler.compile()
    for (k, layer) in compiler.layers.enumerated() {
      let isFinite =
        layer.weights.allSatisfy(\.isFinite) && layer.biases.allSatisfy(\.isFinite)
        && layer.slopes?.allSatisfy(\.isFinite) != false
      guard isFinite else { throw .notFinite(layer: k) }
    }
    self.init(layers: compiler.layers, inputs: graph.input.width)
  }
}

/// Makes a chain of layers out of a graph.
///
/// 1. Layer k holds the activations of level k: those with at most k activations on a way from the
///    input to their values.
/// 2. Values of lower levels that something behind layer k is made of are carried through it by
///    linear units. So the sum of a residual block is carried, not its terms.
/// 3. Between activations affine maps are multiplied out, in `Double`.
private struct ChainCompiler {
  private(set) var layers: [SplineNetwork.Layer] = []
  private let graph: PiecewiseAffineGraph
  private let output: PiecewiseAffineGraph.Value
  /// What the output depends on, in the graph's order.
  private let nodes: [PiecewiseAffineGraph.Node]
  /// The level up to which each value is an operand of something other than that level's
  /// activations.
  private let lastUses: [Int]
  /// Values as affine maps of the outputs of the last layer so far.
  private var maps: [Int: AffineMap] = [:]
  private var units: Int

  init(_ graph: PiecewiseAffineGraph, output: PiecewiseAffineGraph.Value) {
    self.graph = graph
    self.output = output
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    var lastUses = [Int](repeating: 0, count: graph.nodes.count)
    isNeeded[output.number] = true
    for node in graph.nodes.reversed() where isNeeded[node.value.number] {
      for operand in node.operation.operands {
        isNeeded[operand.number] = true
        lastUses[operand.number] = max(
          lastUses[operand.number], node.level - (node.operation.isActivation ? 1 : 0))
      }
    }
    nodes = graph.nodes.filter { isNeeded[$0.value.number] }
    self.lastUses = lastUses
    units = graph.input.width
  }

  mutating func compile() {
    let depth = graph.nodes[output.number].level
    for level in 0..<depth {
      findMaps(level: level)
      addLayer(after: level)
    }
    findMaps(level: depth)
    let map = map(of: output)
    layers.append(
      SplineNetwork.Layer(
        inputs: units, units: output.width, weights: map.gradients, biases: map.constants,
        slopes: nil))
  }

  /// The values of a level, but for its activations, as maps of the last layer's outputs.
  private mutating func findMaps(level: Int) {
    for node in nodes where node.level == level {
      switch node.operation {
      case .input:
        maps[node.value.number] = .selection(Array(0..<units), of: units)
      case .affine(let outer, let operand):
        maps[node.value.number] = outer.composed(with: map(of: operand))
      case .concatenation(let values):
        let parts = values.map { map(of: $0) }
        maps[node.value.number] = AffineMap(
          inputs: units, gradients: parts.flatMap(\.gradients),
          constants: parts.flatMap(\.constants))
      case .sum(let values):
        maps[node.value.number] = values.dropFirst().reduce(map(of: values[0])) { sum, term in
          let next = map(of: term)
          return AffineMap(
            inputs: units, gradients: zip(sum.gradients, next.gradients).map(+),
            constants: zip(sum.constants, next.constants).map(+))
        }
      case .activation:
        // Units of the last layer.
        break
      }
    }
  }

  private func map(of value: PiecewiseAffineGraph.Value) -> AffineMap {
    guard let map = maps[value.number] else {
      preconditionFailure("value \(value.number) was not carried")
    }
    return map
  }

  /// Adds the layer of the activations of level `level + 1`.
  private mutating func addLayer(after level: Int) {
    var rows = LayerRows(inputs: units)
    // Where the next layer finds each value; complete when the number of units is known.
    var placements: [(number: Int, map: (_ units: Int) -> AffineMap)] = []
    for node in nodes where node.level == level + 1 {
      guard case .activation(let slopes, let operand) = node.operation else { continue }
      let map = map(of: operand)
      let numbers = (0..<map.outputs).map { rows.addNeuron($0, of: map, slope: slopes[$0]) }
      placements.append((node.value.number, { .selection(numbers, of: $0) }))
    }
    for node in nodes where node.level <= level && lastUses[node.value.number] > level {
      placements.append((node.value.number, rows.carry(map(of: node.value))))
    }
    layers.append(rows.layer)
    units = rows.count
    maps = [:]
    for placement in placements { maps[placement.number] = placement.map(units) }
  }
}

/// The units of a layer that is being put together.
private struct LayerRows {
  let inputs: Int
  private var weights: [Double] = []
  private var biases: [Double] = []
  private var slopes: [Double] = []
  /// The linear units, by their rows.
  private var carried: [ArraySlice<Double>: Int] = [:]

  init(inputs: Int) { self.inputs = inputs }

  var count: Int { biases.count }

  var layer: SplineNetwork.Layer {
    SplineNetwork.Layer(
      inputs: inputs, units: count, weights: weights, biases: biases, slopes: slopes)
  }

  mutating func addNeuron(_ row: Int, of map: AffineMap, slope: Double) -> Int {
    weights += map.gradient(ofOutput: row)
    biases.append(map.constants[row])
    slopes.append(slope)
    return count - 1
  }

  /// Carries a value by linear units: of its numbers, or of the inputs that it depends on if these
  /// are fewer. What does not depend on the point needs none.
  ///
  /// - Returns: the value as a map of this layer's outputs, once their number is known.
  mutating func carry(_ map: AffineMap) -> (_ units: Int) -> AffineMap {
    let rows = (0..<map.outputs).filter { map.gradient(ofOutput: $0).contains { $0 != 0 } }
    let columns = (0..<inputs).filter { column in
      rows.contains { map.gradients[$0 * inputs + column] != 0 }
    }
    let constants = map.constants
    guard columns.count >= Set(rows.map { map.gradient(ofOutput: $0) }).count else {
      let numbers = columns.map { addLinear(AffineMap.selection([$0], of: inputs).gradients[...]) }
      return { units in
        var gradients = [Double](repeating: 0, count: map.outputs * units)
        for row in rows {
          for (column, number) in zip(columns, numbers) {
            gradients[row * units + number] = map.gradients[row * map.inputs + column]
          }
        }
        return AffineMap(inputs: units, gradients: gradients, constants: constants)
      }
    }
    let numbers = rows.map { addLinear(map.gradient(ofOutput: $0)) }
    return { units in
      var gradients = [Double](repeating: 0, count: map.outputs * units)
      for (row, number) in zip(rows, numbers) { gradients[row * units + number] = 1 }
      return AffineMap(inputs: units, gradients: gradients, constants: constants)
    }
  }

  /// A linear unit without a bias; the same one for the same row.
  private mutating func addLinear(_ row: ArraySlice<Double>) -> Int {
    if let number = carried[row] { return number }
    let number = count
    weights += row
    biases.append(0)
    slopes.append(1)
    carried[row] = number
    return number
  }
}

extension AffineMap {
  /// Some of `count` numbers.
  fileprivate static func selection(_ indices: [Int], of count: Int) -> AffineMap {
    var gradients = [Double](repeating: 0, count: indices.count * count)
    for (row, index) in indices.enumerated() { gradients[row * count + index] = 1 }
    return AffineMap(
      inputs: count, gradients: gradients,
      constants: [Double](repeating: 0, count: indices.count))
  }

  /// This map after another one. Zeros cost nothing: most maps only select or scale.
  fileprivate func composed(with inner: AffineMap) -> AffineMap {
    let entries = (0..<inner.outputs).map { row in
      (0..<inner.inputs).compactMap { column in
        let factor = inner.gradients[row * inner.inputs + column]
        return factor == 0 ? nil : (column: column, factor: factor)
      }
    }
    var products = [Double](repeating: 0, count: outputs * inner.inputs)
    var sums = constants
    for row in 0..<outputs {
      for middle in 0..<inputs {
        let factor = gradients[row * inputs + middle]
        guard factor != 0 else { continue }
        sums[row] += factor * inner.constants[middle]
        for entry in entries[middle] {
          products[row * inner.inputs + entry.column] += factor * entry.factor
        }
      }
    }
    return AffineMap(inputs: inner.inputs, gradients: products, constants: sums)
  }
}
