import Compute
import Foundation
import Networks

extension BlockModel {
  /// The keys of the file's metadata: what the model is, and in a checkpoint how far its fit is.
  static let metadataKey = "inr_blocks"
  static let fitKey = "inr_blocks_fit"
  static let format = 1
  /// Pixels along a side.
  static let largestSide = 1_000_000

  /// Writes the file (`Documentation/NetworkFile.md`), one level after another.
  public func write(to path: String) throws { try write(to: path, fit: nil) }

  /// - Parameter fit: the state of an unfinished fit.
  func write(to path: String, fit: String?) throws {
    let text = (try? JSONEncoder.sorted.encode(json)).map { String(decoding: $0, as: UTF8.self) }
    var metadata = [Self.metadataKey: text ?? "{}"]
    metadata[Self.fitKey] = fit
    let header = Safetensors.encodedHeader(tensorPlans, metadata: metadata)
    try AtomicFile.replace(path) { temporary in
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
      try file.write(contentsOf: header + sharedNumbers)
      for numbers in levels.map(\.parameters) {
        // In pieces: a copy of a level may be a gigabyte.
        for start in stride(from: 0, to: numbers.count, by: 1 << 20) {
          var piece = Data()
          piece.append(storing: Array(numbers[start..<min(start + (1 << 20), numbers.count)]))
          try file.write(contentsOf: piece)
        }
      }
      for level in levels { try file.write(contentsOf: Data(level.units)) }
      try file.synchronize()
      try file.close()
    }
  }

  /// In the order of the file: large elements first, so that each tensor begins at a multiple of its
  /// element's size.
  private var tensorPlans: [Safetensors.TensorPlan] {
    let halves = levels.enumerated().map { k, level in
      Safetensors.TensorPlan(
        "levels.\(k).parameters", .float16, shape: [level.parameters.count])
    }
    let shared: [Safetensors.TensorPlan] = [
      .init("features.weight", .float32, shape: [features.weight.rows, 2]),
      .init("features.bias", .float32, shape: [features.bias.count]),
      .init("mean", .float32, shape: [channels]),
    ]
    let places = levels.enumerated().map { k, level in
      Safetensors.TensorPlan("levels.\(k).units", .uint8, shape: [level.rows, level.columns])
    }
    return shared + halves + places
  }

  private var sharedNumbers: Data {
    Data(storing: features.weight.elements + features.bias + color)
  }

  private var json: JSON {
    .object([
      "format": .integer(Self.format), "width": .integer(width), "height": .integer(height),
      "channels": .integer(channels), "bit_depth": .integer(bitDepth),
      "block_size": .integer(shape.size), "margin": .integer(BlockShape.margin),
      "features": .integer(shape.features), "units": .integer(shape.units),
      "levels": .integer(levels.count),
    ])
  }
}

extension JSONEncoder {
  fileprivate static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
