import Compute
import Meshes
import Networks
import SplineGeometry
import Testing

@Suite struct PiecewiseAffineGraphTests {
  private typealias Value = PiecewiseAffineGraph.Value

  /// A graph, and beside it the same function written down directly.
  private struct Twin {
    var graph: PiecewiseAffineGraph
    private(set) var values: [(value: Value, evaluate: ([Double]) -> [Double])]
    private var random: SplitMix64

    init(inputs: Int, seed: UInt64) {
      graph = PiecewiseAffineGraph(inputs: inputs)
      values = [(graph.input, { $0 })]
      random = SplitMix64(seed: seed)
    }

    mutating func addRandomValue() {
      let (value, f) = values[Int.random(in: 0..<values.count, using: &random)]
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let map = randomMap(value.width, Int.random(in: 1...6, using: &random))
        values.append((graph.affine(map, of: value), { map(f($0)) }))
      case 2, 3:
        let slopes = (0..<value.width).map { _ in [0, 0, 0.1, -1, 1].randomElement(using: &random)!
        }
        values.append(
          (
            graph.activation(slopes: slopes, of: value),
            { zip(f($0), slopes).map { $0 > 0 ? $0 : $1 * $0 } }
          ))
      default:
        let (other, g) = values[Int.random(in: 0..<values.count, using: &random)]
        if other.width == value.width {
          values.append((graph.sum([value, other]), { zip(f($0), g($0)).map(+) }))
        } else {
          values.append((graph.concatenation([value, other]), { f($0) + g($0) }))
        }
      }
    }

    mutating func randomMap(_ inputs: Int, _ outputs: Int) -> AffineMap {
      AffineMap(
        inputs: inputs,
        gradients: (0..<inputs * outputs).map { _ in random.nextNormal() * 0.6 },
        constants: (0..<outputs).map { _ in random.nextNormal() * 0.3 })
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func chainsComputeWhatTheirGraphsDo(seed: UInt64) throws {
    var twin = Twin(inputs: 3, seed: seed)
    for _ in 0..<25 where twin.values.last!.value.width < 40 { twin.addRandomValue() }
    var random = SplitMix64(seed: seed)
    for (value, evaluate) in twin.values {
      let network = try SplineNetwork(twin.graph, output: value)
      #expect(network.inputs == 3 && network.outputs == value.width)
      for _ in 0..<5 {
        let point = (0..<3).map { _ in random.nextNormal() }
        for (a, b) in zip(network.values(at: point), evaluate(point)) {
          // Sums of at most 40 terms, in up to 25 layers.
          #expect(abs(a - b) <= 1e-12 * max(1, abs(b)), "seed \(seed)")
        }
      }
    }
  }

  /// The sizes count the neurons of each layer, then what it carries.
  private func sizes(_ file: String, latent: Int = 0) throws -> [[Int]] {
    let network = try SampleImport.read(file).network
      .fixingFirstInputs(to: Array(repeating: 0.1, count: latent))
    return zip(network.hiddenUnits, network.carriedUnits).map { [$0, $1] }
  }

  @Test func noMoreIsCarriedThanNeeded() throws {
    #expect(try sizes("plain_old.onnx") == [[16, 0], [12, 0]])
    // The input, up to the layer that gets it; the code is constant.
    #expect(try sizes("deepsdf.safetensors") == [[18, 7], [11, 7], [18, 0]])
    #expect(try sizes("deepsdf.safetensors", latent: 4) == [[18, 3], [11, 3], [18, 0]])
    // One sum of 12 numbers past the middle of each block.
    #expect(
      try sizes("residual_new.onnx")
        == [[12, 0], [9, 12], [12, 0], [9, 12], [12, 0], [9, 12], [12, 0]])
    // The three coordinates that ten sums are made of, and seven sums behind a shortcut.
    #expect(
      try sizes("occupancy.safetensors") == [[10, 3], [10, 3], [10, 7], [7, 7], [7, 0]])
  }

  @Test func whatIsConstantOrTwiceTheSameIsCarriedOnce() throws {
    var graph = PiecewiseAffineGraph(inputs: 2)
    let bent = graph.rectified(graph.rectified(graph.scaled(graph.input, factors: [2])))
    let first = graph.selection([0], of: graph.input)
    let again = graph.selection([0, 0, 1], of: graph.input)
    let value = graph.concatenation([bent, first, again, graph.constant([4, 5])])
    let network = try SplineNetwork(graph, output: value)
    #expect(network.hiddenUnits == [2, 2] && network.carriedUnits == [2, 2])
    #expect(network.values(at: [-1, 3]) == [0, 6, -1, -1, -1, 3, 4, 5])
    let line = try SplineNetwork(graph, output: again)
    #expect(line.neuronCount == 0 && line.values(at: [7, 8]) == [7, 7, 8])
  }

  /// A network whose third layer gets the input, with the given weights, once more.
  private func skipping(_ weight: Double) throws -> SplineNetwork {
    var twin = Twin(inputs: 3, seed: 17)
    let maps = [(3, 12), (12, 9), (9, 10), (10, 1)].map { twin.randomMap($0, $1) }
    let skip = twin.randomMap(3, 10)
    var graph = twin.graph
    var value = graph.rectified(graph.affine(maps[0], of: graph.input))
    value = graph.rectified(graph.affine(maps[1], of: value))
    let wide = AffineMap(
      inputs: 12,
      gradients: (0..<10).flatMap { row in
        maps[2].gradient(ofOutput: row) + skip.gradient(ofOutput: row).map { weight * $0 }
      },
      constants: maps[2].constants)
    value = graph.affine(wide, of: graph.concatenation([value, graph.input]))
    value = graph.affine(maps[3], of: graph.rectified(value))
    return try SplineNetwork(graph, output: value)
  }

  @Test func linearUnitsAddNoRegions() throws {
    var twin = Twin(inputs: 3, seed: 17)
    let maps = [(3, 12), (12, 9), (9, 10), (10, 1)].map { twin.randomMap($0, $1) }
    var value = twin.graph.input
    for map in maps.dropLast() { value = twin.graph.rectified(twin.graph.affine(map, of: value)) }
    value = twin.graph.affine(maps[3], of: value)
    let plain = try SplineNetwork(twin.graph, output: value)
    let carrying = try skipping(0)
    #expect(plain.carriedUnits == [0, 0, 0] && carrying.carriedUnits == [3, 3, 0])
    let box = SampleSpline.box(1)
    let regions = try plain.regions(in: .box(box))
    let found = try carrying.regions(in: .box(box))
    #expect(regions.count > 200 && found.count == regions.count)
    #expect(found.map(\.pattern) == regions.map(\.pattern))
    #expect(found.map(\.vertices) == regions.map(\.vertices))
    let level = plain.values(at: [0.1, 0.1, 0.2])[0]
    let meshes = try [plain, carrying].map { try $0.levelSurface(level: level, in: box).mesh }
    #expect(meshes[0].faceCount > 20 && meshes[0].positions == meshes[1].positions)
  }

  @Test func aSkippingNetworksSurfaceIsCutAsOftenAsItsFunctionChangesSign() throws {
    let network = try skipping(1)
    let level = network.values(at: [0.1, 0.1, 0.2])[0]
    let surface = try network.levelSurface(level: level, in: SampleSpline.box(1))
    #expect(surface.report.isWatertight && surface.mesh.faceCount > 20)
    var random = SplitMix64(seed: 2)
    var total = 0
    for _ in 0..<60 {
      let ends = (0..<2).map { _ in SIMD3<Double>.random(in: -1...1, using: &random) }
      let expected = network.signChanges(of: level, from: ends[0], to: ends[1])
      #expect(surface.mesh.crossings(from: ends[0], to: ends[1]) == expected)
      total += expected
    }
    #expect(total > 10)
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    var graph = PiecewiseAffineGraph(inputs: 1)
    let bent = graph.rectified(graph.input)
    let value = graph.scaled(bent, factors: [.nan])
    #expect(throws: SplineNetworkError.notFinite(layer: 1)) {
      try SplineNetwork(graph, output: value)
    }
    let endless = graph.activation(slopes: [.infinity], of: graph.input)
    #expect(throws: SplineNetworkError.notFinite(layer: 0)) {
      try SplineNetwork(graph, output: endless)
    }
  }
}
