import Compute
import SplineGeometry
import TestSupport
import Testing

@Suite struct NeuralTangentKernelTests {
  // Sums of a few hundred products in another order.
  @Test func itIsTheProductsOfTheJacobians() throws {
    for sample in try SampleParameters.dozen() {
      let jacobians = try sample.points.map { try sample.spline.parameterJacobian(at: $0) }
      func products(_ outputs: Range<Int>) -> [Double] {
        jacobians.flatMap { a in
          jacobians.map { b in outputs.reduce(0) { $0 + product(a[$1], b[$1]) } }
        }
      }
      for output in 0..<sample.spline.outputs {
        let found = try sample.spline.neuralTangentKernel(at: sample.points, of: .component(output))
        let expected = products(output..<output + 1)
        #expect(found.pointCount == sample.points.count)
        #expect(relativeDeviation(found.values, from: expected) <= 1e-14)
      }
      let found = try sample.spline.neuralTangentKernel(at: sample.points)
      let expected = products(0..<sample.spline.outputs)
      #expect(relativeDeviation(found.values, from: expected) <= 1e-14)
    }
  }

  @Test func withoutBiasesOnlyDerivativesByWeightsCount() throws {
    let sample = try SampleParameters([2, 5, 4, 1], seed: 9)
    let spline = sample.spline
    // 5 · 2 weights and 5 biases, 4 · 5 and 4, 4 and 1.
    let biases = Set(Array(10..<15) + Array(35..<39) + [43])
    let rows = try sample.points.map { point in
      try spline.parameterJacobian(at: point)[0].enumerated().map {
        biases.contains($0) ? 0 : $1
      }
    }
    let found = try spline.neuralTangentKernel(at: sample.points, parameters: .weights)
    #expect(found.values.count == 25 && spline.parameterCount == 44)
    let expected = rows.flatMap { a in rows.map { product(a, $0) } }
    #expect(relativeDeviation(found.values, from: expected) <= 1e-14)
  }

  @Test(arguments: [1, 7, 8, 33, 300])
  func itIsSymmetricAndHasNoNegativeEigenvalue(count: Int) throws {
    let sample = try SampleParameters([2, 16, 16, 2], seed: 9, pointCount: count)
    let kernel = try sample.spline.neuralTangentKernel(at: sample.points)
    for i in 0..<count {
      for j in 0..<i { #expect(kernel[i, j] == kernel[j, i]) }
    }
    let eigenvalues = try kernel.eigenvalues()
    #expect(eigenvalues.count == count)
    #expect(abs(eigenvalues.reduce(0, +) - kernel.trace) <= 1e-12 * kernel.trace)
    #expect((eigenvalues.last ?? -1) >= -1e-13 * eigenvalues[0])
    if count <= 33 {
      let expected = JacobiRotations.eigenvalues(ofSymmetric: kernel.values, order: count)
      #expect(relativeDeviation(eigenvalues, from: expected) <= 1e-13)
    }
    for threads in [1, 2, 3] {
      let again = try sample.spline.neuralTangentKernel(
        at: sample.points, workers: Workers(count: threads))
      #expect(again == kernel)
    }
  }

  @Test func itsRankIsAtMostTheNumberOfParameters() throws {
    // 2 · 2 + 2 + 2 + 1 parameters, of which the rescaling of two neurons takes 2 away.
    let sample = try SampleParameters([2, 2, 1], slope: 0.125, seed: 2, pointCount: 40)
    let eigenvalues = try sample.spline.neuralTangentKernel(at: sample.points).eigenvalues()
    let rank = eigenvalues.count { $0 > 1e-13 * eigenvalues[0] }
    #expect(rank == 7)
  }

  @Test func aGradientStepMovesTheValuesByTheKernel() throws {
    let sample = try SampleParameters([3, 8, 6, 1], seed: 11)
    let (spline, points) = (sample.spline, sample.points)
    let kernel = try spline.neuralTangentKernel(at: points)
    // The parameters move along ∂f/∂θ at the first point.
    let direction = try spline.parameterJacobian(at: points[0])[0]
    let moved = centralDifference { step in
      var twin = sample.twin
      var rest = direction[...]
      twin.setParameters(
        twin.parameters.map { tensor in
          let change = rest.prefix(tensor.values.count)
          rest = rest.dropFirst(tensor.values.count)
          return NamedTensor(tensor.name, zip(tensor.values, change).map { $0 + step * $1 })
        })
      return points.map { twin.values(at: $0)[0] }
    }
    #expect(relativeDeviation(moved, from: points.indices.map { kernel[0, $0] }) <= 1e-9)
  }
}
