import Compute
import Networks
import Training

/// Measurement i is the mean over the `size` points from i · `size` on; its target is row i.
struct BoxMeans: OperatorData {
  let data: MatrixData
  let size: Int

  var points: any CoordinateSource { data.coordinates }
  var channels: Int { data.channels }

  func rows(seenBy measurements: ArraySlice<Int32>) -> [Int32] {
    measurements.flatMap { first in (0..<Int32(size)).map { first * Int32(size) + $0 } }
  }

  func loss(of values: [Float], at measurements: ArraySlice<Int32>, progress: Double)
    -> (mean: Double, gradient: [Float])
  {
    let count = Float(measurements.count * channels)
    var (sum, gradient) = (0.0, [Float](repeating: 0, count: values.count))
    for (m, measurement) in measurements.enumerated() {
      for channel in 0..<channels {
        let places = (0..<size).map { (m * size + $0) * channels + channel }
        let mean = places.reduce(0) { $0 + values[$1] } / Float(size)
        let residual = mean - data.targets[Int(measurement), channel]
        sum += Double(residual * residual)
        for place in places { gradient[place] = 2 * residual / (Float(size) * count) }
      }
    }
    return (sum / Double(count), gradient)
  }
}
