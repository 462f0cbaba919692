import Compute
import Foundation
import ImageFitting
import Testing

/// The network of one block.
struct BlockTrainingTests {
  /// Smooth waves, `[channels, side · side]`.
  private func pixels(_ shape: BlockShape, frequency: Double, amplitude: Double) -> [Float] {
    (0..<shape.channels * shape.points).map { i in
      let (channel, point) = i.quotientAndRemainder(dividingBy: shape.points)
      let (y, x) = point.quotientAndRemainder(dividingBy: shape.side)
      let phase = frequency * Double(x + 2 * y) / Double(shape.side) + Double(channel)
      return Float(amplitude * sin(phase))
    }
  }

  private func trainer(_ shape: BlockShape, _ training: BlockTraining) -> BlockTrainer {
    let features = BlockFeatures(shape, seed: 3)
    return BlockTrainer(
      features, start: BlockStart(features, units: min(4, training.units), seed: 3),
      training: training)
  }

  @Test(arguments: [1, 3, 4], [1, 4, 6])
  func theGradientIsTheCentralDifference(channels: Int, units: Int) {
    let shape = BlockShape(size: 5, units: units, channels: channels, features: 12)
    let features = BlockFeatures(shape, seed: 7).ofPixels()
    let mask = AlignedBuffer([Float](repeating: 1, count: shape.points))
    var random = SplitMix64(seed: 1)
    let start = (0..<shape.parameterCount).map { _ in random.nextUniform(bound: 0.8) }
    var targets = AlignedBuffer(count: channels * shape.width * 16)
    for c in 0..<channels {
      targets.copy(
        (0..<shape.points).map { _ in random.nextUniform(bound: 1) }, to: c * shape.width * 16)
    }
    let pass = BlockPass(shape)
    func loss(_ numbers: [Float]) -> Double {
      pass.parameters.copy(numbers)
      return Double(pass.differentiate(features, targets: targets, mask: mask)) / 2
    }
    _ = loss(start)
    let gradient = pass.gradient.elements(0..<shape.parameterCount)
    #expect(gradient.contains { abs($0) > 1 })
    for i in 0..<shape.parameterCount {
      let step: Float = 1e-2
      var (up, down) = (start, start)
      up[i] += step
      down[i] -= step
      let difference = (loss(up) - loss(down)) / Double(up[i] - down[i])
      // The third derivative times h²/6, and the loss's rounding, 2⁻²⁴ of about 100, over 2 h.
      #expect(abs(difference - Double(gradient[i])) < 2e-2 * max(1, abs(difference)), "\(i)")
    }
  }

  @Test func aBlockThatIsDoneBeforeItBeginsGetsNoNetwork() {
    let shape = BlockShape(size: 8, channels: 1)
    // A wave of amplitude a has the mean square a²/2, here 2e-4: 37 dB.
    let wave = pixels(shape, frequency: 40, amplitude: 0.02)
    let easy = trainer(shape, BlockTraining(targetDecibels: 36, units: 4)).train(wave)
    #expect(easy.units == 0 && easy.parameters.isEmpty && easy.steps == 0)
    #expect(abs(easy.meanSquaredError - 2e-4) < 4e-5)
    let hard = trainer(shape, BlockTraining(targetDecibels: 38, units: 4)).train(wave)
    #expect(hard.units > 0 && hard.steps > 0)
  }

  @Test(arguments: [1, 3])
  func aBlockStopsAtItsTarget(channels: Int) {
    let shape = BlockShape(size: 16, channels: channels)
    // The wave alone has 23 dB.
    let wave = pixels(shape, frequency: 30, amplitude: 0.1)
    let steps = [25.0, 30, 33].map { target in
      let block = trainer(shape, BlockTraining(targetDecibels: target, units: 8)).train(wave)
      #expect(-10 * log10(block.meanSquaredError) >= target)
      #expect(block.parameters.count == shape.parameterCount(units: block.units))
      return block.steps
    }
    #expect(0 < steps[0] && steps[0] < steps[1] && steps[1] < steps[2])
  }

  @Test func aBlockGetsAsManyUnitsAsItNeeds() {
    let shape = BlockShape(size: 16, channels: 1)
    var random = SplitMix64(seed: 2)
    let noise = (0..<shape.points).map { _ in random.nextUniform(bound: 0.5) }
    let errors = [2, 4, 8].map { units in
      let block = trainer(shape, BlockTraining(targetDecibels: 60, units: units)).train(noise)
      #expect(block.units == units)
      return block.meanSquaredError
    }
    // Noise has no structure: each number more explains some of it.
    #expect(errors[1] < 0.8 * errors[0] && errors[2] < 0.8 * errors[1])
    let wave = pixels(shape, frequency: 30, amplitude: 0.1)
    let easy = trainer(shape, BlockTraining(targetDecibels: 25, units: 8)).train(wave)
    #expect(easy.units == 4)
  }

  @Test(arguments: [1, 3])
  func unitsThatAreAddedCountNothingAtFirst(channels: Int) {
    let shape = BlockShape(size: 16, units: 16, channels: channels)
    var random = SplitMix64(seed: 4)
    let noise = (0..<channels * shape.points).map { _ in random.nextUniform(bound: 0.5) }
    let errors = [4, 8, 16].map { units in
      let training = BlockTraining(targetDecibels: 60, units: units, steps: 0)
      let block = trainer(shape, training).train(noise)
      #expect(block.units == units && block.steps == 0)
      return block.meanSquaredError
    }
    // The same numbers, added up in another order.
    #expect(abs(errors[1] - errors[0]) < 1e-6 * errors[0])
    #expect(abs(errors[2] - errors[0]) < 1e-6 * errors[0])
  }

  @Test func whatATrainerDidBeforeDoesNotShow() {
    let shape = BlockShape(size: 8, channels: 2)
    let training = BlockTraining(targetDecibels: 50, units: 8)
    let (one, other) = (
      pixels(shape, frequency: 20, amplitude: 0.4), pixels(shape, frequency: 3, amplitude: 0.1)
    )
    let fresh = trainer(shape, training).train(other)
    let used = trainer(shape, training)
    _ = used.train(one)
    #expect(used.train(other).parameters == fresh.parameters)
  }
}

extension BlockShape {
  /// Numbers of a network with so many units.
  fileprivate func parameterCount(units: Int) -> Int {
    units * features + channels * (units + 1)
  }
}
