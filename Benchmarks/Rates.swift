import Compute
import Dispatch
import Foundation
import Networks
import Training

/// Seconds since some fixed time.
private func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

/// Repeats `body` for some time; the median seconds of one call, the first ones not counted.
private func medianTime(seconds: Double, _ body: () -> Void) -> Double {
  for _ in 0..<4 { body() }
  var times: [Double] = []
  let end = now() + seconds
  repeat {
    let start = now()
    body()
    times.append(now() - start)
  } while now() < end || times.count < 5
  return median(times)
}

/// A smooth function of the lattice's points.
struct SmoothData: PointwiseData {
  let lattice = PixelLattice(width: 512, height: 512)
  var points: any CoordinateSource { lattice }
  var channels: Int { 1 }

  func copyTargets(
    of rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, row) in rows.enumerated() { target[i] = Float(row % 512) / 512 }
  }
}

/// One training step: forward, loss, backward, Adam.
enum StepRate {
  static func measure(
    _ network: Network, batch: Int, workers: Workers, rounding: FactorRounding?, seconds: Double
  ) -> Double {
    let parameters = ParameterBuffer(network)
    let engine = GradientEngine(parameters, workers: workers, rounding: rounding)
    let moments = Moments(count: parameters.layout.count)
    let data = SmoothData()
    var sampler = BatchSampler(
      samples: (0..<Int32(data.lattice.count)).map { $0 }, batch: batch, seed: 1)
    let objective = Objective.pointwise(data, SquaredError())
    let rates = [Float](repeating: 1e-4, count: network.layers.count)
    var step = 0
    let time = medianTime(seconds: seconds) {
      _ = engine.accumulate(sampler.samples(ofStep: step), of: objective)
      step += 1
      engine.step(Adam(), moments, number: step, rates: rates, tableRate: 0)
    }
    return Double(batch) / time
  }
}

/// Values only.
enum RenderRate {
  static func measure(_ network: Network, workers: Workers, seconds: Double) -> Double {
    let lattice = PixelLattice(width: 512, height: 512)
    let evaluator = FieldEvaluator(network, workers: workers)
    let time = medianTime(seconds: seconds) { _ = evaluator.values(at: lattice) }
    return Double(lattice.count) / time
  }
}

/// What the machine's own OpenBLAS does: one 256³ product per core, all cores at once.
enum MatrixProductRate {
  private static let size = 256
  private static let repetitions = 100

  /// - Returns: flops a second of all cores together.
  static func measure(workers: Workers) -> Double {
    let time = medianTime(seconds: 0.3) {
      workers.forEach(workers.count) { _, _ in multiplyRepeatedly() }
    }
    let flops = 2 * size * size * size * repetitions * workers.count
    return Double(flops) / time
  }

  private static func multiplyRepeatedly() {
    let factor = AlignedBuffer([Float](repeating: 1 / 256, count: size * size))
    var product = AlignedBuffer(count: size * size)
    for _ in 0..<repetitions {
      MatrixProduct.multiply(
        factor, by: factor, size: ProductSize(rows: size, inner: size, columns: size),
        into: &product)
    }
  }
}
