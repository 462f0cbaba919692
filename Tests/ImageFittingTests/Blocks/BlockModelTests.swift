import Compute
import Foundation
import ImageFitting
import Imaging
import Networks
import Testing
import Training

/// A folder that goes away with the test.
private struct Scratch: ~Copyable {
  let path = FileManager.default.temporaryDirectory.path + "/inr-blocks-\(UUID().uuidString)"
  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Whole fits of small pictures, their models, and what is drawn of them.
struct BlockModelTests {
  /// Waves whose frequency grows to the right, so that blocks differ in what they need.
  private func picture(width: Int = 75, height: Int = 53, channels: Int = 3) -> Image {
    let samples = (0..<width * height * channels).map { i in
      let (pixel, c) = (i / channels, i % channels)
      let (x, y) = (Double(pixel % width), Double(pixel / width))
      return Float(0.5 + 0.35 * sin(0.012 * x * x + 0.1 * y + Double(c)))
    }
    return Image(width: width, height: height, channels: channels, samples: samples)
  }

  private func configuration(_ path: String, decibels: Double = 35) -> BlockFitConfiguration {
    var configuration = BlockFitConfiguration(picture: path)
    configuration.targetDecibels = decibels
    configuration.size = 8
    configuration.seed = 5
    return configuration
  }

  private func fit(
    _ configuration: BlockFitConfiguration, threads: Int = 2
  ) throws -> BlockFit {
    let fit = try BlockFit(configuration, workers: Workers(count: threads))
    let stop = try fit.run(afterStrip: { _ in .goOn }, save: {})
    #expect(stop == .finished)
    return fit
  }

  private func whole(_ model: BlockModel, threads: Int = 2) -> [Float] {
    BlockRenderer(model, workers: Workers(count: threads)).samples(
      width: model.width, height: model.height, rows: 0..<model.height,
      columns: 0..<model.width)
  }

  @Test(arguments: [1, 3, 4])
  func aFitReachesItsTargetBlockByBlock(channels: Int) throws {
    let scratch = try Scratch()
    let (path, result) = (scratch.path + "/a.png", scratch.path + "/b.png")
    try picture(channels: channels).write(to: path)
    let fit = try fit(configuration(path))
    let error = try fit.reconstruct(to: result)
    let metrics = BlockFitMetrics(fit, stop: .finished, meanSquaredError: error, fileBytes: 0)
    #expect(metrics.missed == 0 && metrics.networks > 0 && metrics.networks < metrics.blocks)
    #expect(metrics.psnr >= 35)
    // The measured error is that of the picture that was written, up to its rounding.
    let (a, b) = (try Image.read(path), try Image.read(result))
    let sum = zip(a.samples, b.samples).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
    #expect(abs(-10 * log10(sum / Double(a.samples.count)) - metrics.psnr) < 0.1)
    // Where the waves are short there are more networks.
    let level = fit.model.levels[0]
    func networks(_ columns: Range<Int>) -> Int {
      level.units.indices.count { columns.contains($0 % level.columns) && level.units[$0] > 0 }
    }
    #expect(networks(7..<10) > networks(0..<3))
  }

  @Test func aPictureOfOneColourNeedsNoNetwork() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.png"
    try Image(width: 40, height: 30, channels: 3, filledWith: 0.6).write(to: path)
    let fit = try fit(configuration(path, decibels: 60))
    #expect(fit.model.levels.allSatisfy { $0.networkCount == 0 && $0.parameters.isEmpty })
    #expect(try fit.reconstruct(to: scratch.path + "/b.png") < 1e-9)
  }

  @Test func stripsAndThreadsDoNotChangeTheModel() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.png"
    try picture().write(to: path)
    let expected = try fit(configuration(path))
    for (rows, threads) in [(8, 1), (20, 3), (1000, 4)] {
      var other = configuration(path)
      other.stripRows = rows
      let found = try fit(other, threads: threads)
      #expect(found.model.levels == expected.model.levels, "strips of \(rows)")
      #expect(whole(found.model, threads: threads) == whole(expected.model))
    }
    var seeded = configuration(path)
    seeded.seed = 6
    #expect(try fit(seeded).model.levels != expected.model.levels)
  }

  @Test func aFitThatWasStoppedGoesOnToTheSameModel() throws {
    let scratch = try Scratch()
    let (path, checkpoint) = (scratch.path + "/a.png", scratch.path + "/c.safetensors")
    try picture().write(to: path)
    var settings = configuration(path)
    settings.stripRows = 8
    let expected = try fit(settings)
    var stops = 0
    var part = try BlockFit(settings, workers: Workers(count: 2))
    // Killed before its first strip.
    try part.writeCheckpoint(to: checkpoint)
    part = try BlockFit(checkpoint: checkpoint, timeLimit: nil, workers: Workers(count: 2))
    while true {
      var strips = 0
      let stop = try part.run(
        afterStrip: { _ in
          strips += 1
          return strips == 3 ? .stop(.interrupted) : .goOn
        }, save: {})
      if stop == .finished { break }
      stops += 1
      // What there is so far is a model.
      try part.writeCheckpoint(to: checkpoint)
      #expect(try BlockModel.read(checkpoint).levels.count == expected.model.levels.count)
      part = try BlockFit(checkpoint: checkpoint, timeLimit: nil, workers: Workers(count: 1))
    }
    #expect(stops > 2)
    #expect(part.model.levels == expected.model.levels)
    #expect(part.history.map(\.steps) == expected.history.map(\.steps))
    try picture(width: 74).write(to: path)
    #expect(
      throws: BlockFitError.otherPicture(
        path: path, found: "74 x 53 pixels of 3 channels",
        expected: "75 x 53 pixels of 3 channels")
    ) { try BlockFit(checkpoint: checkpoint, timeLimit: nil, workers: Workers(count: 1)) }
  }

  // MARK: Drawing

  @Test(arguments: [(75, 53), (150, 106), (231, 160), (38, 27), (19, 14), (10, 200), (1, 1)])
  func aPartHasTheBitsThatItHasInTheWhole(size: (Int, Int)) throws {
    let scratch = try Scratch()
    try picture().write(to: scratch.path + "/a.png")
    let model = try fit(configuration(scratch.path + "/a.png")).model
    let (width, height) = size
    let renderer = BlockRenderer(model, workers: Workers(count: 2))
    let whole = renderer.samples(
      width: width, height: height, rows: 0..<height, columns: 0..<width)
    #expect(whole.count == width * height * 3)
    for (rows, columns) in [
      (0..<1, 0..<1), (height / 3..<height, width / 2..<width), (height - 1..<height, 0..<width),
      (height / 2..<min(height / 2 + 5, height), width / 3..<min(width / 3 + 7, width)),
    ] {
      let part = renderer.samples(width: width, height: height, rows: rows, columns: columns)
      let crop = rows.flatMap { row in
        whole[((row * width + columns.lowerBound) * 3)..<((row * width + columns.upperBound) * 3)]
      }
      #expect(part == crop, "rows \(rows), columns \(columns)")
    }
  }

  /// Networks of random numbers: neighbours know nothing of each other, so that hard borders would show
  /// as jumps.
  @Test func blocksJoinWithoutSeams() throws {
    let shape = BlockShape(size: 16, units: 4, channels: 1)
    let features = BlockFeatures(shape, seed: 1)
    var random = SplitMix64(seed: 9)
    var level = BlockLevel(width: 64, height: 64, blockSize: 16)
    for _ in 0..<level.blockCount {
      // Smooth networks: only their constants differ, by up to 1.
      var numbers = [Float](repeating: 0, count: shape.parameterCount)
      numbers[shape.parameterCount - 1] = random.nextUniform(bound: 0.5)
      level.append(units: 4, numbers.map { Float16($0).bitPattern })
    }
    let model = BlockModel(
      width: 64, height: 64, bitDepth: 8, color: [0.5], features: features, levels: [level])
    let renderer = BlockRenderer(model, workers: Workers(count: 2))
    for scale in [1, 8] {
      let side = 64 * scale
      let samples = renderer.samples(
        width: side, height: side, rows: 0..<side, columns: 0..<side)
      // Neighbouring constants differ by at most 1. A border passes through 4 places, and takes at
      // most 0.69 of the difference from one pixel to the next, where a hard one takes it all; drawn
      // 8 times as large, at most a fifth from one to the next.
      var largest: Float = 0
      for row in 0..<side {
        for column in 1..<side {
          let jump = abs(samples[row * side + column] - samples[row * side + column - 1])
          largest = max(largest, jump)
        }
      }
      let constants = level.units.indices.map {
        samples[($0 / 4 * 16 + 8) * scale * side + ($0 % 4 * 16 + 8) * scale]
      }
      let differences = (0..<16).filter { $0 % 4 > 0 }.map {
        abs(constants[$0] - constants[$0 - 1])
      }
      let difference = differences.max() ?? 0
      #expect(difference > 0.3)
      #expect(largest < (scale == 1 ? 0.69 : 0.2) * difference, "scale \(scale)")
    }
  }

  /// The step from one pixel to the next is, on average, no larger across the borders of blocks than
  /// inside, as far as it is not the picture's own.
  @Test func errorsAreNoLargerAcrossBordersThanInside() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.png"
    try picture(width: 160, height: 96, channels: 1).write(to: path)
    let model = try fit(configuration(path, decibels: 32)).model
    let target = try Image.read(path)
    let drawn = whole(model)
    var sums = (border: 0.0, inside: 0.0)
    var counts = (border: 0, inside: 0)
    for row in 0..<96 {
      for column in 1..<160 {
        let i = row * 160 + column
        let step = drawn[i] - drawn[i - 1] - target.samples[i] + target.samples[i - 1]
        if column % 8 == 0 {
          sums.border += Double(step * step)
          counts.border += 1
        } else {
          sums.inside += Double(step * step)
          counts.inside += 1
        }
      }
    }
    #expect(sums.inside > 0)
    #expect(sums.border / Double(counts.border) < 1.1 * sums.inside / Double(counts.inside))
  }

  // MARK: Files

  @Test func aModelSurvivesItsFile() throws {
    let scratch = try Scratch()
    let (path, file) = (scratch.path + "/a.png", scratch.path + "/model.safetensors")
    try picture(channels: 2).write(to: path, bitDepth: .sixteen)
    let model = try fit(configuration(path)).model
    try model.write(to: file)
    let read = try BlockModel.read(file)
    #expect(read.levels == model.levels && read.features == model.features)
    #expect(read.width == 75 && read.height == 53 && read.channels == 2 && read.bitDepth == 16)
    #expect(read.color == model.color)
    #expect(whole(read) == whole(model))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    try read.write(to: file)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
    #expect(throws: ModelFileError.blocks(path: file)) { try Model.read(file) }
  }

  @Test func filesThatAreWrongAreNamed() throws {
    let scratch = try Scratch()
    let (path, file) = (scratch.path + "/a.png", scratch.path + "/model.safetensors")
    try picture(width: 20, height: 20, channels: 1).write(to: path)
    try fit(configuration(path, decibels: 25)).model.write(to: file)
    let good = try Safetensors.read(file)
    func problem(_ change: (inout [String: Safetensors.Tensor], inout String) -> Void) -> String {
      var tensors = Dictionary(uniqueKeysWithValues: good.tensors.map { ($0.name, $0) })
      var text = good.metadata["inr_blocks"] ?? ""
      change(&tensors, &text)
      let wrong = Safetensors(tensors: Array(tensors.values), metadata: ["inr_blocks": text])
      do {
        _ = try BlockModel(wrong, from: "m")
        return ""
      } catch { return "\(error)" }
    }
    #expect(problem { _, _ in } == "")
    #expect(problem { _, text in text = "[" }.contains("m describes its blocks wrongly"))
    #expect(
      problem { _, text in text = text.replacing("\"width\":20", with: "\"width\":0") }
        .contains("\"width\" is not a whole number from 1 to 1000000"))
    #expect(
      problem { _, text in text = text.replacing("\"format\":1", with: "\"format\":2") }
        .contains("m has version 2 of the format of block models; expected at most 1"))
    #expect(
      problem { tensors, _ in tensors["levels.0.units"] = nil }
        .contains("found none in the place of levels.0.units, expected U8 of shape [3, 3]"))
    #expect(
      problem { _, text in text = text.replacing("\"height\":20", with: "\"height\":70") }
        .contains("in the place of levels.0.units, expected U8 of shape [9, 3]"))
    #expect(
      problem { tensors, _ in
        tensors["levels.0.parameters"] = .init(
          name: "levels.0.parameters", elementType: .float16, shape: [1], bytes: Data([0, 0]))
      }.contains("found F16 of shape [1] in the place of levels.0.parameters, expected F16"))
    #expect(throws: BlockModelError.notBlocks(path: "m")) {
      try BlockModel(Safetensors(tensors: []), from: "m")
    }
  }
}
