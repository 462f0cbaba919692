import Compute
import Foundation
import Networks
import SplineGeometry
import TestSupport
import Testing

// Differences of the twin err by about 1e-11 of the function's size, a few units here.
@Suite struct ParameterDerivativeTests {
  @Test func theJacobianIsThatOfDifferences() throws {
    for sample in try SampleParameters.dozen() {
      for point in sample.points {
        let found = try sample.spline.parameterJacobian(at: point)
        #expect(found.count == sample.spline.outputs)
        for (output, row) in found.enumerated() {
          let expected = sample.differences { $0.values(at: point)[output] }
          #expect(row.count == sample.spline.parameterCount)
          #expect(relativeDeviation(row, from: expected) <= 1e-9, "\(sample.name)")
        }
      }
    }
  }

  @Test func parametersAreThoseOfTheFileInItsOrder() throws {
    for sample in try SampleParameters.dozen() {
      #expect(sample.spline.parameters == sample.twin.weightsAndBiases.flatMap(\.values))
      #expect(sample.spline.parameterCount == sample.spline.parameters.count)
    }
  }

  @Test func mixedDerivativesAreThoseOfDifferences() throws {
    for sample in try SampleParameters.dozen() {
      let point = sample.points[0]
      let dimension = sample.spline.inputs
      for output in 0..<sample.spline.outputs {
        let found = try sample.spline.tangentSampleSensitivity(at: point, of: .component(output))
        let columns = (0..<dimension).map { axis in
          sample.differences { $0.jacobian(at: point)[output * dimension + axis] }
        }
        let expected = columns[0].indices.flatMap { place in columns.map { $0[place] } }
        #expect(relativeDeviation(found, from: expected) <= 1e-9, "\(sample.name)")
      }
    }
  }

  // Sums of a few hundred squares in another order.
  @Test func tangentSensitivityIsTheNormOfTheMixedDerivatives() throws {
    for sample in try SampleParameters.dozen() {
      let spline = sample.spline
      var squares = sample.points.map { _ in 0.0 }
      for output in 0..<spline.outputs {
        let found = try spline.tangentSensitivity(at: sample.points, of: .component(output))
        for (k, point) in sample.points.enumerated() {
          let square = squaredLength(
            try spline.tangentSampleSensitivity(at: point, of: .component(output)))
          #expect(abs(found[k] - square.squareRoot()) <= 1e-14 * found[k])
          squares[k] += square
        }
      }
      let found = try spline.tangentSensitivity(at: sample.points)
      #expect(relativeDeviation(found, from: squares.map { $0.squareRoot() }) <= 1e-14)
      // Where all neurons of a layer are off, as happens in the narrowest, it is 0.
      #expect(found.contains { $0 > 0.1 })
    }
  }

  @Test func aDifferenceOfOutputsHasTheDifferenceOfTheirDerivatives() throws {
    let sample = try SampleParameters([4, 6, 5, 3], seed: 8)
    let (spline, point) = (sample.spline, sample.points[0])
    let mixed = try (0..<3).map { output in
      try spline.tangentSampleSensitivity(at: point, of: .component(output))
    }
    let difference = zip(mixed[2], mixed[0]).map { $0 - $1 }
    let found = try spline.tangentSampleSensitivity(at: point, of: .difference(2, 0))
    #expect(relativeDeviation(found, from: difference) <= 1e-14)
    let norm = try spline.tangentSensitivity(at: [point], of: .difference(2, 0))[0]
    #expect(abs(norm - squaredLength(difference).squareRoot()) <= 1e-14 * norm)
  }

  @Test func tangentSensitivityIsConstantInARegionAndItsMeanIsThatOfTheSample() throws {
    let sample = try SampleParameters([2, 12, 12, 1], seed: 4, pointCount: 600)
    let (spline, points) = (sample.spline, sample.points)
    let values = try spline.tangentSensitivity(at: points)
    let groups = Dictionary(grouping: points.indices) { spline.pattern(at: points[$0]) }
    #expect(groups.count > 20)
    for group in groups.values {
      for k in group { #expect(values[k] == values[group[0]]) }
    }
    #expect(Set(values).count > groups.count / 2)
    let mean = SampleMean(of: values)
    let expected = values.reduce(0, +) / 600
    let deviation = squaredLength(values.map { $0 - expected }) / 599
    #expect(mean.count == 600 && mean.mean == expected)
    let error = try #require(mean.standardError)
    #expect(abs(error - (deviation / 600).squareRoot()) <= 1e-14 * error)
    #expect(SampleMean(of: [3]).mean == 3 && SampleMean(of: [3]).standardError == nil)
    let data = try JSONEncoder().encode(mean)
    #expect(try JSONDecoder().decode(SampleMean.self, from: data) == mean)
  }

  @Test func pointsAndThreadsDoNotMatterToEachOther() throws {
    // More than one chunk of 256 points, and a group that is not full.
    let sample = try SampleParameters([3, 9, 7, 2], slope: 0.125, seed: 2, pointCount: 523)
    let (spline, points) = (sample.spline, sample.points)
    let alone = try points.map { try spline.tangentSensitivity(at: [$0])[0] }
    for threads in [1, 2, 3] {
      let workers = Workers(count: threads)
      #expect(try spline.tangentSensitivity(at: points, workers: workers) == alone)
    }
    #expect(try spline.tangentSensitivity(at: []) == [])
  }

  @Test func linearUnitsAndWrongOutputsAreRefused() throws {
    let bent = try SampleSpline.random([3, 12, 9, 10, 1], seed: 6)
    var layers = bent.layers
    layers[1].activation = LeakyReLU([1])
    let spline = try SplineNetwork(Network(inputs: 3, layers: layers))
    let point = [0.0, 0, 0]
    let error = SplineNetworkError.linearUnits(layer: 1, count: 9)
    #expect(throws: error) { try spline.parameterJacobian(at: point) }
    #expect(throws: error) { try spline.tangentSampleSensitivity(at: point, of: .component(0)) }
    #expect(throws: error) { try spline.tangentSensitivity(at: [point]) }
    #expect(throws: error) { try spline.neuralTangentKernel(at: [point]) }
    #expect(throws: error) { try spline.fisherRaoNorm(at: [point], lossDerivatives: [[1]]) }
    let text = error.description
    #expect(text.contains("layer 1") && text.contains("9 linear units"))
    #expect(text.contains("Fisher-Rao") && text.contains("norms can be measured"))
    // What can be measured all the same.
    #expect(try spline.norms().spectralProduct > 0)

    let plain = try SplineNetwork(bent)
    let missing = SplineNetworkError.noOutput(found: 1, outputs: 1)
    #expect(throws: missing) { try plain.tangentSensitivity(at: [point], of: .component(1)) }
    #expect(throws: missing) { try plain.neuralTangentKernel(at: [point], of: .difference(0, 1)) }
  }
}
