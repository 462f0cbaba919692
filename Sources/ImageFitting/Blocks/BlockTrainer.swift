import Compute
import Foundation

/// How the blocks of a model are trained.
public struct BlockTraining: Sendable, Equatable, Codable {
  /// A block is done once its mean squared error is as small; one that is so small without a network
  /// gets none.
  public var target: Double
  /// Steps over all of a block's pixels, unless it is done sooner.
  public var steps: Int
  public var learningRate: Float
  /// The most that a block can have.
  public var units: Int

  public init(targetDecibels: Double, units: Int, steps: Int = 60, learningRate: Float = 0.15) {
    self.units = units
    target = BlockTraining.meanSquaredError(ofDecibels: targetDecibels)
    self.steps = steps
    self.learningRate = learningRate
  }

  static func meanSquaredError(ofDecibels decibels: Double) -> Double {
    pow(10, -decibels / 10)
  }
}

/// What became of a block.
package struct TrainedBlock: Sendable {
  /// Of its network; 0 if it needs none.
  package var units = 0
  /// Its own numbers in half precision.
  package var parameters: [UInt16] = []
  /// Over the pixels that it sees.
  package var meanSquaredError: Double
  package var steps = 0
}

/// Trains blocks one after another, each from its pixels alone.
///
/// All pixels take part in each step, so that the error is known at each; Adam's constants were chosen
/// by measurement (`Documentation/Decisions/0015-blocks.md`).
package final class BlockTrainer: @unchecked Sendable {
  private let training: BlockTraining
  /// With all units that a block may have here.
  private let shape: BlockShape
  private let pass: BlockPass
  private let start: BlockStart
  private let features: AlignedBuffer
  private let mask: AlignedBuffer
  private var targets: AlignedBuffer
  private var moments: AlignedBuffer
  private var squares: AlignedBuffer

  package init(_ features: BlockFeatures, start: BlockStart, training: BlockTraining) {
    let shape = features.shape.with(units: training.units)
    self.training = training
    self.shape = shape
    self.start = start
    self.features = features.ofPixels()
    pass = BlockPass(shape)
    mask = AlignedBuffer([Float](repeating: 1, count: shape.points))
    targets = AlignedBuffer(count: shape.channels * shape.width * Vector.scalarCount)
    moments = AlignedBuffer(count: shape.parameterCount)
    squares = AlignedBuffer(count: shape.parameterCount)
  }

  /// Fits a network to `pixels`, `[channels, side · side]`: one that is twice as large whenever its
  /// steps do not suffice.
  package func train(_ pixels: [Float]) -> TrainedBlock {
    precondition(pixels.count == shape.channels * shape.points)
    let energy = pixels.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(pixels.count)
    var block = TrainedBlock(meanSquaredError: energy)
    guard energy > training.target else { return block }
    // The network learns numbers of the size of 1.
    let scale = Float(energy.squareRoot())
    load(pixels, dividedBy: scale)
    begin()
    var share = descend(to: training.target / energy, steps: &block.steps)
    while share * energy > training.target, pass.shape.units < shape.units {
      grow(to: min(2 * pass.shape.units, shape.units))
      share = descend(to: training.target / energy, steps: &block.steps)
    }
    guard share < 1 else { return block }
    block.meanSquaredError = share * energy
    block.units = pass.shape.units
    block.parameters = halves(scale)
    return block
  }

  /// Takes steps until the mean squared error is `target`, or they are used up; returns the error.
  private func descend(to target: Double, steps: inout Int) -> Double {
    moments.fill(with: 0)
    squares.fill(with: 0)
    var step = 0
    while true {
      let sum = pass.differentiate(features, targets: targets, mask: mask)
      let error = Double(sum) / Double(shape.channels * shape.points)
      guard error > target, step < training.steps else { return error }
      update(step: step)
      step += 1
      steps += 1
    }
  }

  private func load(_ pixels: [Float], dividedBy scale: Float) {
    let factor = 1 / scale
    for c in 0..<shape.channels {
      let row = pixels[(c * shape.points)..<((c + 1) * shape.points)]
      targets.copy(row.map { $0 * factor }, to: c * shape.width * Vector.scalarCount)
    }
  }

  private func begin() {
    pass.shape = shape.with(units: start.units)
    let hidden = Array(start.hidden[..<pass.shape.hiddenCount])
    pass.parameters.copy(hidden + start.outputs(for: targets))
  }

  /// Adds units, which count nothing at first.
  private func grow(to units: Int) {
    let old = pass.shape
    let new = old.with(units: units)
    let numbers = pass.parameters.elements(0..<old.parameterCount)
    var grown = numbers[..<old.hiddenCount] + start.hidden[old.hiddenCount..<new.hiddenCount]
    for c in 0..<old.channels {
      let row = old.hiddenCount + c * (old.units + 1)
      grown += numbers[row..<(row + old.units)]
      grown += [Float](repeating: 0, count: units - old.units)
      grown.append(numbers[row + old.units])
    }
    pass.shape = new
    pass.parameters.copy(Array(grown))
  }

  private func update(step: Int) {
    let adam = BlockAdam(rate: training.learningRate, step: step, of: training.steps)
    // The gradient of the mean over the points.
    let factor = 1 / Float(pass.shape.points)
    adam.update(
      &pass.parameters, along: pass.gradient, factor: factor, moments: &moments, squares: &squares)
  }

  /// The block's numbers in half precision, with the scale of its pixels in the output layer.
  private func halves(_ scale: Float) -> [UInt16] {
    let hidden = pass.shape.hiddenCount
    let numbers = pass.parameters.elements(0..<pass.shape.parameterCount)
    return numbers.enumerated().map { i, number in
      Float16(i < hidden ? number : number * scale).bitPattern
    }
  }
}
