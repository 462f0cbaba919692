import Compute
import Foundation
import TestSupport
import Testing
import Training

@Suite struct LossTests {
  /// A loss of one sample in double precision, and its derivative.
  struct Formula: Sendable {
    let loss: any Loss
    let value: @Sendable (_ f: Double, _ t: Double) -> Double
    let slope: @Sendable (_ f: Double, _ t: Double) -> Double
    /// Largest absolute error of a slope.
    let tolerance: Double
  }

  /// As the textbooks have it, with logarithms that lose nothing.
  static let crossEntropy = Formula(
    loss: BinaryCrossEntropy(),
    value: { f, t in t * log1p(exp(-f)) + (1 - t) * log1p(exp(f)) },
    slope: { f, t in 1 / (1 + exp(-f)) - t }, tolerance: 2e-7)
  static let absolute = Formula(
    loss: AbsoluteError(), value: { abs($0 - $1) },
    slope: { $0 == $1 ? 0 : ($0 > $1 ? 1 : -1) }, tolerance: 0)
  static let squared = Formula(
    loss: SquaredError(), value: { ($0 - $1) * ($0 - $1) }, slope: { 2 * ($0 - $1) },
    tolerance: 2e-6)
  static let formulas = [crossEntropy, absolute, squared]

  private func evaluate(_ loss: any Loss, _ f: [Float], _ t: [Float], scale: Float = 1)
    -> (sum: Double, slopes: [Float])
  {
    var buffer = AlignedBuffer(t)
    var slopes = buffer.mutableFloats
    let sum = loss.evaluate(predicted: f.span, targetsToSlopes: &slopes, scale: scale)
    return (sum, buffer.elements(0..<t.count))
  }

  /// Predictions in −8…8 with targets in 0…1.
  private func samples(_ count: Int, seed: UInt64) -> (f: [Float], t: [Float]) {
    var random = SplitMix64(seed: seed)
    return (
      (0..<count).map { _ in random.nextUniform(bound: 8) },
      (0..<count).map { i in i % 3 < 2 ? Float(i % 3) : Float(random.nextUnit()) }
    )
  }

  @Test(arguments: formulas.indices, [0, 1, 7, 16, 33, 500])
  func lossesAndSlopesAreThoseOfTheFormula(index: Int, count: Int) {
    let formula = Self.formulas[index]
    let (f, t) = samples(count, seed: 3)
    let found = evaluate(formula.loss, f, t, scale: 0.25)
    let expected = zip(f, t).map { formula.value(Double($0), Double($1)) }
    // A loss is rounded a few times by 6e-8 of it.
    #expect(abs(found.sum - expected.reduce(0, +)) <= 5e-7 * expected.reduce(0, +))
    #expect(found.slopes.count == count)
    for (i, slope) in found.slopes.enumerated() {
      let expected = formula.slope(Double(f[i]), Double(t[i])) / 4
      #expect(abs(Double(slope) - expected) <= formula.tolerance, "f \(f[i]), t \(t[i])")
    }
  }

  @Test(arguments: formulas.indices)
  func slopesAreTheFormulasDifferences(index: Int) {
    let formula = Self.formulas[index]
    let (f, t) = samples(40, seed: 4)
    for (f, t) in zip(f, t) {
      let slope = centralDifference { [formula.value(Double(f) + $0, Double(t))] }[0]
      #expect(abs(formula.slope(Double(f), Double(t)) - slope) <= 1e-8)
    }
  }

  @Test func curvaturesAreTheSlopesDifferences() {
    let losses: [(any CurvedLoss, Formula)] = [
      (BinaryCrossEntropy(), Self.crossEntropy), (SquaredError(), Self.squared),
    ]
    let (f, t) = samples(40, seed: 5)
    for (loss, formula) in losses {
      for (f, t) in zip(f, t) {
        let expected = centralDifference { [formula.slope(Double(f) + $0, Double(t))] }[0]
        #expect(abs(Double(loss.curvature(predicted: f, target: t)) - expected) <= 1e-7)
      }
    }
    #expect(BinaryCrossEntropy().curvature(predicted: 1e30, target: 0) == 0)
    #expect(BinaryCrossEntropy().curvature(predicted: -1e30, target: 0) == 0)
  }

  @Test func logitsOfAnySizeHaveFiniteLosses() {
    let logits: [Float] = [100, -100, 100, -100, 1e30, -1e30, 0, -0.0, 100]
    let targets: [Float] = [1, 0, 0, 1, 1, 0, 1, 0, 0.25]
    let losses: [Double] = [0, 0, 100, 100, 0, 0, log(2), log(2), 75]
    let slopes: [Float] = [0, 0, 1, -1, 0, 0, -0.5, 0.5, 0.75]
    for i in logits.indices {
      let found = evaluate(BinaryCrossEntropy(), [logits[i]], [targets[i]])
      #expect(abs(found.sum - losses[i]) <= 1e-7 * max(losses[i], 1), "\(logits[i])")
      #expect(found.slopes == [slopes[i]], "\(logits[i])")
    }
  }

  /// A sample that is certain and right still says by how little it is wrong.
  @Test(arguments: [5, 10, 20, 40, 80] as [Float])
  func smallSlopesAreExact(logit: Float) {
    let expected = 1 / (1 + exp(Double(logit)))
    let right = evaluate(BinaryCrossEntropy(), [logit, -logit], [1, 0])
    #expect(relativeDeviation(right.slopes, from: [-expected, expected]) <= 5e-7)
    #expect(relativeDeviation([right.sum], from: [2 * log1p(exp(-Double(logit)))]) <= 5e-7)
  }

  @Test func whatIsNotANumberIsNotHidden() {
    for formula in Self.formulas {
      #expect(evaluate(formula.loss, [1, .nan, 2], [0, 1, 1]).sum.isNaN)
    }
  }
}
