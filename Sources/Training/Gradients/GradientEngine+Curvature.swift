import Compute
import Networks

/// A tile after its backward pass from one output of the network.
struct OutputSlopes {
  let pass: TilePass
  let worker: Int
  /// Of the batch's fixed groups; its tiles come one after the other.
  let group: Int
  /// Samples in the tile, and the vectors that hold them.
  let count: Int
  let width: Int
  let isFirstOfGroup: Bool
  /// Whether all outputs have had their turn.
  let isLastOfTile: Bool
}

extension GradientEngine {
  /// The groups that a batch is cut into.
  static func groupCount(_ batch: ArraySlice<Int32>) -> Int {
    BatchPartition(count: batch.count).groups.count
  }

  /// Runs the tiles back once for each output of the network, with the root of the loss's second
  /// derivative as the outer gradient: what the Gauss-Newton matrix `Σ ∂²ℓ · ∂f ∂fᵀ` of the mean loss is
  /// made of (`Documentation/Math/curvature.md`).
  ///
  /// - Parameter body: sees the slopes of one tile and one output.
  func forEachOutput(
    _ batch: ArraySlice<Int32>, of data: any PointwiseData, _ loss: any CurvedLoss,
    _ body: @Sendable (OutputSlopes) -> Void
  ) {
    let (points, channels) = (data.points, data.channels)
    let scale = 1 / Float(batch.count * channels)
    forEachTile(batch) { worker, tile, width, group, isFirst in
      let pass = passes[worker]
      for channel in 0..<channels {
        points.load(tile, into: &pass.coordinates, width: width)
        // The way back overwrites what the way forward left.
        pass.forward(parameters, width: width)
        data.takeRoots(
          of: loss, channel: channel, tile: tile, stride: width * Vector.scalarCount, scale: scale,
          predicted: pass.outputs, into: &pass.outputGradient)
        pass.backward(
          parameters, wanted: .slopes(from: firstTrainedLayer), width: width, accumulating: false,
          into: &group.gradient)
        body(
          OutputSlopes(
            pass: pass, worker: worker, group: group.index, count: tile.count, width: width,
            isFirstOfGroup: isFirst && channel == 0, isLastOfTile: channel == channels - 1))
      }
    }
  }

  /// The mean loss of a batch, without its gradient.
  func loss(
    _ batch: ArraySlice<Int32>, of data: any PointwiseData, _ loss: any Loss
  ) -> Double {
    let points = data.points
    let count = forEachTile(batch) { worker, tile, width, group, isFirst in
      let pass = passes[worker]
      points.load(tile, into: &pass.coordinates, width: width)
      pass.forward(parameters, width: width)
      let sum = data.evaluate(
        loss, tile: tile, stride: width * Vector.scalarCount, scale: 1, predicted: pass.outputs,
        into: &pass.outputGradient)
      group.loss = (isFirst ? 0 : group.loss) + sum
    }
    return groups[..<count].reduce(0) { $0 + $1.loss } / Double(batch.count * data.channels)
  }
}

extension PointwiseData {
  /// Leaves the roots of one output's scaled second derivatives in `slopes`, and zeros for the others.
  fileprivate func takeRoots(
    of loss: any CurvedLoss, channel: Int, tile: ArraySlice<Int32>, stride: Int, scale: Float,
    predicted outputs: borrowing AlignedBuffer, into slopes: inout AlignedBuffer
  ) {
    var slopes = slopes.mutableFloats
    copyTargets(of: tile, into: &slopes, stride: stride)
    let predicted = outputs.floats
    for row in 0..<channels {
      for i in row * stride..<(row + 1) * stride {
        slopes[i] =
          row == channel && i < row * stride + tile.count
          ? (scale * loss.curvature(predicted: predicted[i], target: slopes[i])).squareRoot() : 0
      }
    }
  }
}
