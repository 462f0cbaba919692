import Compute
import Networks

// What a tile's samples ask of a network: the slopes of their loss with respect to its values.

extension PointwiseData {
  /// Evaluates a loss on a tile's values, one row a channel, and leaves its slopes in `slopes`.
  ///
  /// - Returns: the sum of the losses.
  func evaluate(
    _ loss: any Loss, tile: ArraySlice<Int32>, stride: Int, scale: Float,
    predicted outputs: borrowing AlignedBuffer, into slopes: inout AlignedBuffer
  ) -> Double {
    var slopes = slopes.mutableFloats
    copyTargets(of: tile, into: &slopes, stride: stride)
    let predicted = outputs.floats
    var sum = 0.0
    for channel in 0..<channels {
      let row = channel * stride..<channel * stride + tile.count
      var rowSlopes = slopes.slice(row)
      sum += loss.evaluate(
        predicted: predicted.extracting(row), targetsToSlopes: &rowSlopes, scale: scale)
    }
    slopes.clearPadding(rows: channels, count: tile.count, stride: stride)
    return sum
  }
}

extension AlignedBuffer {
  /// Copies an outer gradient, `channels` numbers a point, into rows of `stride` points.
  mutating func distribute(
    _ gradient: [Float], of points: Range<Int>, channels: Int, stride: Int
  ) {
    var slopes = mutableFloats
    for point in points {
      for channel in 0..<channels {
        slopes[channel * stride + point - points.lowerBound] = gradient[point * channels + channel]
      }
    }
    slopes.clearPadding(rows: channels, count: points.count, stride: stride)
  }

  /// Turns a field's slopes ∇f, one row a coordinate, into the gradient of
  /// `weight · (‖∇f‖ − 1)²` with respect to them, times `scale`.
  ///
  /// Where ∇f is zero the term has a tip, and the gradient counts as zero.
  ///
  /// - Returns: the sum of the terms of the first `count` samples.
  mutating func takeEikonalSlopes(
    weight: Float, scale: Float, dimensions: Int, count: Int, stride: Int
  ) -> Double {
    var sum = 0.0
    var floats = mutableFloats
    for i in 0..<count {
      var square: Float = 0
      for d in 0..<dimensions { square += floats[d * stride + i] * floats[d * stride + i] }
      let norm = square.squareRoot()
      let residual = norm - 1
      sum += Double(weight * residual * residual)
      let factor = norm > 0 ? 2 * weight * scale * residual / norm : 0
      for d in 0..<dimensions { floats[d * stride + i] *= factor }
    }
    floats.clearPadding(rows: dimensions, count: count, stride: stride)
    return sum
  }
}

extension MutableSpan<Float> {
  /// Samples that only fill the last vector must not count.
  mutating fileprivate func clearPadding(rows: Int, count: Int, stride: Int) {
    for row in 0..<rows {
      for i in count..<stride { self[row * stride + i] = 0 }
    }
  }
}
