import Compute
import Networks

/// Computes the loss of a batch and its gradient, tile by tile on all threads.
///
/// Design and data flow: `Documentation/Math/tile-engine.md`.
package final class GradientEngine: @unchecked Sendable {
  package let parameters: ParameterBuffer
  let workers: Workers
  /// Layers below this one are frozen.
  let firstTrainedLayer: Int
  private let rounding: FactorRounding?
  let passes: [TilePass]
  /// Made when they are first wanted.
  private lazy var tangentPasses = (0..<workers.count).map { _ in
    TangentPass(parameters, capacity: BatchPartition.largestTileRows, rounding: rounding)
  }
  private(set) var groups: [GradientGroup] = []
  private var activeGroups = 0
  private let parts: [UpdatePart]
  private let tables: TableGradient?
  /// The summed gradient of the last batch.
  package private(set) var total: AlignedBuffer
  private let evaluator: FieldEvaluator

  /// - Parameter rounding: what becomes of the factors of the products in the layers.
  package init(
    _ parameters: ParameterBuffer, workers: Workers, firstTrainedLayer: Int = 0,
    rounding: FactorRounding? = nil
  ) {
    self.parameters = parameters
    self.workers = workers
    self.firstTrainedLayer = firstTrainedLayer
    self.rounding = rounding
    let layout = parameters.layout
    passes = (0..<workers.count).map { _ in
      TilePass(
        layout, capacity: BatchPartition.largestTileRows, purpose: .gradient,
        rounding: rounding)
    }
    parts = UpdatePart.parts(of: layout, from: firstTrainedLayer)
    tables = TableGradient(layout)
    total = AlignedBuffer(count: layout.count)
    evaluator = FieldEvaluator(parameters, workers: workers)
  }

  /// Fills the groups' gradients for a batch.
  ///
  /// - Parameter progress: the share of the run that is over.
  /// - Returns: the mean loss over the batch's samples (or measurements) and channels.
  package func accumulate(
    _ batch: ArraySlice<Int32>, of objective: Objective, progress: Double = 0
  ) -> Double {
    switch objective {
    case .pointwise(let data, let loss): return accumulate(batch, of: data, loss)
    case .following(let data, let loss): return accumulate(batch, of: data, loss)
    case .signedDistance(let data, let loss, let weight):
      return weight == 0
        ? accumulate(batch, of: data, loss) : accumulate(batch, of: data, loss, eikonal: weight)
    case .throughOperator(let data): return accumulate(batch, of: data, progress: progress)
    }
  }

  private func accumulate(
    _ batch: ArraySlice<Int32>, of data: any PointwiseData, _ loss: any Loss
  ) -> Double {
    let (points, scale) = (data.points, 1 / Float(batch.count * data.channels))
    let sum = accumulate(batch, at: points) { tile, pass, stride in
      data.evaluate(
        loss, tile: tile, stride: stride, scale: scale, predicted: pass.outputs,
        into: &pass.outputGradient)
    }
    return sum / Double(batch.count * data.channels)
  }

  /// The field on all points that the batch sees, then the operator's residual and its adjoint image,
  /// then the tiles again with that as the outer gradient.
  private func accumulate(
    _ batch: ArraySlice<Int32>, of data: any OperatorData, progress: Double
  ) -> Double {
    let rows = data.rows(seenBy: batch)
    let values = evaluator.values(at: data.points, of: .numbered(rows))
    let (mean, gradient) = data.loss(of: values, at: batch, progress: progress)
    let channels = data.channels
    _ = accumulate(rows[...], at: data.points) { tile, pass, stride in
      pass.outputGradient.distribute(
        gradient, of: tile.startIndex..<tile.endIndex, channels: channels, stride: stride)
      return 0
    }
    return mean
  }

  /// - Parameter slopes: fills a pass's outer gradient and returns the sum of the tile's losses.
  private func accumulate(
    _ rows: ArraySlice<Int32>, at points: any CoordinateSource,
    _ slopes: @Sendable (ArraySlice<Int32>, TilePass, _ stride: Int) -> Double
  ) -> Double {
    let (tables, first) = (tables, rows.startIndex)
    return inGroups(rows) { worker, tile, width, group, accumulating in
      let pass = passes[worker]
      points.load(tile, into: &pass.coordinates, width: width)
      pass.forward(parameters, width: width)
      group.loss += slopes(tile, pass, width * Vector.scalarCount)
      pass.backward(
        parameters, wanted: .parameters(from: firstTrainedLayer), width: width,
        accumulating: accumulating, into: &group.gradient)
      tables?.store(pass, from: tile.startIndex - first, width: width)
    }
  }

  /// Losses of values and slopes (`Documentation/Math/eikonal.md`).
  private func accumulate(
    _ batch: ArraySlice<Int32>, of data: any PointwiseData, _ loss: any Loss,
    eikonal weight: Float
  ) -> Double {
    let (points, scale) = (data.points, 1 / Float(batch.count))
    let passes = tangentPasses
    let sum = inGroups(batch) { worker, tile, width, group, accumulating in
      let (pass, stride) = (passes[worker], width * Vector.scalarCount)
      points.load(tile, into: &pass.coordinates, width: width)
      pass.forward(parameters, width: width)
      group.loss += data.evaluate(
        loss, tile: tile, stride: stride, scale: scale, predicted: pass.outputs,
        into: &pass.outputGradient)
      group.loss += pass.slopes.takeEikonalSlopes(
        weight: weight, scale: scale, dimensions: points.dimensions, count: tile.count,
        stride: stride)
      pass.backward(
        parameters, from: firstTrainedLayer, width: width, accumulating: accumulating,
        into: &group.gradient)
    }
    return sum / Double(batch.count)
  }

  /// Cuts a batch into groups of tiles and calls `body` for each tile, a group's tiles in order.
  ///
  /// - Parameter body: adds the tile's loss and gradient to those of the group; `accumulating` says
  ///   whether the group's gradient holds weights to add to.
  /// - Returns: the sum of the groups' losses.
  private func inGroups(
    _ rows: ArraySlice<Int32>,
    _ body:
      @Sendable (
        _ worker: Int, _ tile: ArraySlice<Int32>, _ width: Int, GradientGroup,
        _ accumulating: Bool
      ) -> Void
  ) -> Double {
    let tileRows = BatchPartition(count: rows.count).tileRows
    tables?.begin(count: rows.count, tileRows: tileRows, total: &total)
    activeGroups = forEachTile(rows) { worker, tile, width, group, isFirst in
      if isFirst { group.clear() }
      body(worker, tile, width, group, !isFirst)
    }
    return groups[..<activeGroups].reduce(0) { $0 + $1.loss }
  }

  /// Cuts a batch into groups of tiles and calls `body` for each tile, a group's tiles in order.
  ///
  /// - Parameter body: `isFirst` says whether the tile is the first of its group.
  /// - Returns: the number of groups.
  @discardableResult func forEachTile(
    _ rows: ArraySlice<Int32>,
    _ body:
      @Sendable (
        _ worker: Int, _ tile: ArraySlice<Int32>, _ width: Int, GradientGroup, _ isFirst: Bool
      ) -> Void
  ) -> Int {
    let partition = BatchPartition(count: rows.count)
    while groups.count < partition.groups.count {
      groups.append(GradientGroup(parameters.layout, index: groups.count))
    }
    let groups = groups
    workers.forEach(partition.groups.count) { worker, index in
      Subnormals.flushed {
        for (t, range) in partition.tiles(of: index).enumerated() {
          let tile = rows[rows.startIndex + range.lowerBound..<rows.startIndex + range.upperBound]
          body(worker, tile, AlignedBuffer.vectorCount(for: tile.count), groups[index], t == 0)
        }
      }
    }
    return partition.groups.count
  }

  /// Adds the groups up and takes a step, part by part.
  ///
  /// - Parameters:
  ///   - rates: learning rate of each layer.
  ///   - tableRate: that of a grid's tables.
  package func step(
    _ optimizer: any Optimizer, _ moments: Moments, number: Int, rates: [Float], tableRate: Float
  ) {
    let groups = Array(groups[..<activeGroups])
    update(
      parts, optimizer, moments, number: number, rates: rates, tableRate: tableRate,
      preparing: { $0.sum(groups, into: self.total) })
  }

  /// Takes a step for what is not a weight of a layer, from ``total``.
  func stepAllButWeights(
    _ optimizer: any Optimizer, _ moments: Moments, number: Int, rates: [Float], tableRate: Float
  ) {
    update(
      parts.filter { !$0.isWeights }, optimizer, moments, number: number, rates: rates,
      tableRate: tableRate, preparing: { _ in })
  }

  private func update(
    _ parts: [UpdatePart], _ optimizer: any Optimizer, _ moments: Moments, number: Int,
    rates: [Float], tableRate: Float, preparing prepare: @Sendable (UpdatePart) -> Void
  ) {
    let levels = tables?.levelCount ?? 0
    let shared = tables?.sharedParts ?? []
    let barrier = levels + parts.count
    let stepTables: @Sendable (UpdatePart) -> Void = { [self] part in
      part.update(
        self.parameters.values, along: total, moments: moments.first, moments.second, optimizer,
        step: number, learningRate: tableRate)
      part.clear(total)
    }
    workers.forEach(barrier + shared.count, barrier: shared.isEmpty ? 0 : barrier) { _, index in
      Subnormals.flushed {
        if index < levels {
          tables?.sum(fromFinest: index, into: total)
          tables?.ownParts(fromFinest: index).forEach(stepTables)
        } else if index < barrier {
          let part = parts[index - levels]
          prepare(part)
          part.update(
            parameters.values, along: total, moments: moments.first, moments.second, optimizer,
            step: number, learningRate: rates[part.layer])
        } else {
          stepTables(shared[index - barrier])
        }
      }
    }
    tables?.finishStep()
  }

  /// Adds the groups up into ``total`` without taking a step.
  package func sumGradient() {
    let groups = Array(groups[..<activeGroups])
    workers.forEach(parts.count) { _, index in parts[index].sum(groups, into: total) }
    tables?.sumAll(into: total, workers)
  }

  /// Takes a step for the activations' constants, from ``total`` and the parameters that it was
  /// computed at (`Documentation/Math/trained-constants.md`).
  package func stepConstants(
    _ optimizer: any Optimizer, _ moments: Moments, number: Int, rates: [Float]
  ) {
    for (k, plan) in parameters.layout.layers.enumerated()
    where k >= firstTrainedLayer && plan.constantCount > 0 {
      let scale = (0..<plan.mapCount).map {
        plan.scaleGradient(ofMap: $0, parameters.values, total)
      }
      let gradients = parameters.activations[k]?.constantGradients(
        scale: scale, envelope: envelope(plan))
      total.copy(gradients ?? [], to: plan.constantOffset)
      let first = plan.constantOffset / Vector.scalarCount
      UpdatePart(layer: k, range: first..<first + 1, plane: 0).update(
        parameters.values, along: total, moments: moments.first, moments.second, optimizer,
        step: number, learningRate: rates[k])
    }
  }

  /// The groups' sums of what the layer's activation returned from its backward pass.
  private func envelope(_ plan: ParameterLayout.LayerPlan) -> Float {
    groups[..<activeGroups].reduce(0) {
      $0 + $1.gradient.elements(plan.envelopeOffset..<plan.envelopeOffset + 1)[0]
    }
  }
}

extension ParameterLayout.LayerPlan {
  /// `⟨W, ∂L/∂W⟩ + ⟨b, ∂L/∂b⟩` of one map, over real and imaginary parts.
  fileprivate func scaleGradient(
    ofMap map: Int, _ parameters: borrowing AlignedBuffer, _ gradient: borrowing AlignedBuffer
  ) -> Float {
    let (values, slopes) = (parameters.floats, gradient.floats)
    var sum = 0.0
    for plane in 0..<(field == .real ? 1 : 2) {
      let weights = weightOffset + plane * weightPlane + map * units * inputs
      let biases = biasOffset + plane * rows + map * units
      for i in weights..<weights + units * inputs { sum += Double(values[i] * slopes[i]) }
      for i in biases..<biases + units { sum += Double(values[i] * slopes[i]) }
    }
    return Float(sum)
  }
}

/// What an optimizer remembers of each parameter.
package final class Moments: @unchecked Sendable {
  package var first: AlignedBuffer
  package var second: AlignedBuffer

  package init(count: Int) {
    first = AlignedBuffer(count: count)
    second = AlignedBuffer(count: count)
  }
}
