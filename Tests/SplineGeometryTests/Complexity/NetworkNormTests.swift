import Compute
import Foundation
import Networks
import SplineGeometry
import TestSupport
import Testing

@Suite struct NetworkNormTests {
  /// The products of weights along all paths, one after another.
  private func pathProducts(_ network: Network) -> [Double] {
    var paths = (0..<network.inputs).map { (unit: $0, product: 1.0) }
    for layer in network.layers {
      let weight = layer.maps[0].weight
      paths = paths.flatMap { path in
        (0..<weight.rows).map { (unit: $0, product: path.product * Double(weight[$0, path.unit])) }
      }
    }
    return paths.map(\.product)
  }

  @Test func pathNormsAreSumsOverAllPaths() throws {
    for sample in try SampleParameters.dozen() {
      let norms = try sample.spline.norms()
      let paths = pathProducts(sample.network)
      let expected = [
        paths.reduce(0) { $0 + abs($1) }, squaredLength(paths).squareRoot(),
      ]
      #expect(relativeDeviation([norms.pathNormL1], from: [expected[0]]) <= 1e-14)
      #expect(relativeDeviation([norms.pathNormL2], from: [expected[1]]) <= 1e-14)
      let (inputs, outputs) = (sample.spline.inputs, sample.spline.outputs)
      #expect(Int(norms.pathsPerPair) * inputs * outputs == paths.count)
    }
  }

  @Test func normsOfLayersAreThoseOfTheirMatrices() throws {
    for sample in try SampleParameters.dozen() {
      let norms = try sample.spline.norms()
      for (k, layer) in sample.network.layers.enumerated() {
        let weight = layer.maps[0].weight
        let values = JacobiRotations.singularValues(
          of: weight.elements.map(Double.init), rows: weight.rows, columns: weight.columns)
        #expect(abs(norms.spectralNorms[k] - values[0]) <= 1e-14 * values[0])
        let frobenius = squaredLength(values).squareRoot()
        #expect(abs(norms.frobeniusNorms[k] - frobenius) <= 1e-14 * frobenius)
      }
      #expect(norms.spectralProduct == norms.spectralNorms.reduce(1, *))
      #expect(norms.frobeniusProduct == norms.frobeniusNorms.reduce(1, *))
    }
  }

  // 1 + 1e-12 for the rounding of both sides, which are equal for single layers.
  @Test(arguments: [nil, Float(0.125), -2]) func noSlopeIsAboveTheBounds(slope: Float?) throws {
    for seed in 0..<12 as Range<UInt64> {
      let sample = try SampleParameters(
        [3, 8, 6, 2], slope: slope, seed: seed, pointCount: 20)
      let norms = try sample.spline.norms()
      #expect(norms.slopeFactor == (slope == -2 ? 4 : 1))
      #expect(norms.spectralProduct <= norms.frobeniusProduct)
      #expect(norms.pathNormL2 <= norms.pathNormL1 && norms.pathNormL2 <= norms.frobeniusProduct)
      for point in sample.points {
        let map = sample.spline.affineMap(of: sample.spline.pattern(at: point))
        let norm = try map.singularValues().operatorNorm
        #expect(norm > 0 && norm <= norms.spectralBound * (1 + 1e-12))
        // From the largest coordinate to the sum of the outputs: the worst corner of a cube.
        let worst = (0..<8).map { corner in
          (0..<2).reduce(0) { sum, output in
            let row = map.gradient(ofOutput: output)
            return sum
              + abs(row.enumerated().reduce(0) { corner >> $1.0 & 1 == 1 ? $0 + $1.1 : $0 - $1.1 })
          }
        }
        #expect((worst.max() ?? 0) <= norms.slopeFactor * norms.pathNormL1 * (1 + 1e-12))
        #expect(
          squaredLength(map.gradients).squareRoot() <= norms.pathBoundL2 * (1 + 1e-12))
      }
    }
  }

  @Test func boundsOfASingleLayerAreReached() throws {
    let sample = try SampleParameters([3, 4], seed: 5)
    let (norms, map) = try (
      sample.spline.norms(), sample.spline.affineMap(of: ActivationPattern(neuronCount: 0))
    )
    #expect(try norms.spectralBound == map.singularValues().operatorNorm)
    #expect(norms.pathNormL2 == norms.frobeniusProduct && norms.pathsPerPair == 1)
  }

  @Test func linearUnitsCarryPathsAtTheirWeights() throws {
    // x + max(x, 0), compiled to a layer with a linear unit, has the path past it, too.
    var graph = PiecewiseAffineGraph(inputs: 1)
    let input = graph.input
    let bent = graph.activation(
      slopes: [0],
      of: graph.affine(AffineMap(inputs: 1, gradients: [3], constants: [0]), of: input))
    let sum = graph.affine(
      AffineMap(inputs: 2, gradients: [2, -1], constants: [0]),
      of: graph.concatenation([bent, input]))
    let norms = try SplineNetwork(graph, output: sum).norms()
    #expect(norms.pathNormL1 == 7 && norms.pathNormL2 == Double(37).squareRoot())
  }

  @Test func theyCanBeSaved() throws {
    let norms = try SampleParameters([3, 8, 6, 2], seed: 1).spline.norms()
    let data = try JSONEncoder().encode(norms)
    #expect(try JSONDecoder().decode(NetworkNorms.self, from: data) == norms)
  }
}
