import Compute
import Foundation
import ImageFitting
import Imaging
import Networks

/// One call of `inr render` with a model of blocks: strip by strip, so that large pictures can be drawn.
struct RenderBlocksRun {
  let run: RenderRun
  let path: String
  let output: String
  let model: BlockModel

  func draw() throws {
    try run.arguments.refuse(
      [RenderRun.axes, ImageFitOptions.coordinates, RenderRun.range] + ModelOptions.ofNetworks,
      because: "a model of blocks knows its own")
    let size = try run.size(fitted: PixelSize(width: model.width, height: model.height))
    let part = try run.rectangle(width: size.width, height: size.height)
    let depth = try run.bitDepth(fitted: model.bitDepth, path: path)
    let workers = Workers(count: run.options.threads ?? Workers.processorCount)
    let renderer = BlockRenderer(model, workers: workers)
    /// Some rows of the part.
    func samples(_ rows: Range<Int>) throws -> [Float] {
      let samples = renderer.samples(
        width: size.width, height: size.height,
        rows: (part.y + rows.lowerBound)..<(part.y + rows.upperBound),
        columns: part.x..<(part.x + part.width))
      guard let i = samples.firstIndex(where: { !$0.isFinite }) else { return samples }
      let (row, column) = (i / model.channels).quotientAndRemainder(dividingBy: part.width)
      throw CommandError.notFinite(
        path: path, value: samples[i], column: part.x + column,
        row: part.y + rows.lowerBound + row)
    }
    switch try Image.FileFormat(endingOf: output) {
    case .png: try writeRows(of: part, depth, samples)
    case .npy:
      try run.checkCount(part)
      try run.checkMemory(width: part.width, height: part.height, channels: model.channels)
      let whole = try samples(0..<part.height)
      try Image(
        width: part.width, height: part.height, channels: model.channels, samples: whole,
        bitDepth: depth
      ).write(to: output)
    }
    run.console.message("\(output): \(part.width) x \(part.height) pixels")
  }

  /// Writes a PNG file under a hidden name first.
  private func writeRows(
    of part: PixelRectangle, _ depth: Image.BitDepth, _ samples: (Range<Int>) throws -> [Float]
  ) throws {
    try AtomicFile.replace(output) { temporary in
      let writer = try PNGRowWriter(
        temporary, width: part.width, height: part.height, channels: model.channels,
        bitDepth: depth)
      let rows = max(1, min(256, (1 << 24) / part.width))
      for start in stride(from: 0, to: part.height, by: rows) {
        try writer.write(try samples(start..<min(start + rows, part.height)))
      }
    }
  }
}
