import Compute
import Foundation
import Networks

extension BlockModel {
  /// The model in a file, or `nil` if that is anything but a safetensors file of blocks.
  public static func ifStored(in path: String) throws(BlockModelError) -> BlockModel? {
    guard let file = try? Safetensors.read(path), file.metadata[metadataKey] != nil else {
      return nil
    }
    return try BlockModel(file, from: path)
  }

  /// Reads a file that ``write(to:)`` wrote.
  public static func read(_ path: String) throws(BlockModelError) -> BlockModel {
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.read(path) } catch {
      throw .container(error)
    }
    return try BlockModel(file, from: path)
  }

  /// The model in a file that was read; `path` names it in errors.
  public init(_ file: Safetensors, from path: String) throws(BlockModelError) {
    let reader = try BlockFileReader(file, path: path)
    let shape = reader.shape
    let (weight, bias) = (
      try reader.floats("features.weight", shape: [shape.features - 1, 2]),
      try reader.floats("features.bias", shape: [shape.features - 1])
    )
    let features = BlockFeatures(
      shape: shape, weight: Matrix(rows: shape.features - 1, columns: 2, elements: weight),
      bias: bias)
    let sizes = BlockLevel.sizes(
      width: reader.width, height: reader.height, blockSize: shape.size)
    var levels: [BlockLevel] = []
    for (k, size) in sizes.enumerated() {
      let level = BlockLevel(width: size.width, height: size.height, blockSize: shape.size)
      levels.append(try reader.restored(level, number: k))
    }
    self.init(
      width: reader.width, height: reader.height, bitDepth: reader.bitDepth,
      color: try reader.floats("mean", shape: [shape.channels]), features: features,
      levels: levels)
  }
}

/// Takes a block model's file apart; nothing in it is used before it was checked.
private struct BlockFileReader {
  let file: Safetensors
  let path: String
  let shape: BlockShape
  let width: Int
  let height: Int
  let bitDepth: Int

  init(_ file: Safetensors, path: String) throws(BlockModelError) {
    self.file = file
    self.path = path
    guard let text = file.metadata[BlockModel.metadataKey] else {
      throw .notBlocks(path: path)
    }
    guard case .object(let object) = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    else { throw .badConfiguration(path: path, problem: "it is no JSON object") }
    func integer(_ key: String, _ range: ClosedRange<Int>) throws(BlockModelError) -> Int {
      guard case .integer(let value) = object[key], range.contains(value) else {
        throw .badConfiguration(
          path: path,
          problem:
            "\"\(key)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    let format = try integer("format", 1...Int.max)
    guard format <= BlockModel.format else {
      throw .newerFormat(path: path, found: format, known: BlockModel.format)
    }
    width = try integer("width", 1...BlockModel.largestSide)
    height = try integer("height", 1...BlockModel.largestSide)
    _ = try integer("margin", BlockShape.margin...BlockShape.margin)
    let depth = try integer("bit_depth", 8...16)
    bitDepth = depth == 16 ? 16 : 8
    let features = try integer("features", 4...4096)
    guard features % 4 == 0 else {
      throw .badConfiguration(path: path, problem: "\"features\" is no multiple of 4")
    }
    shape = BlockShape(
      size: try integer("block_size", BlockShape.sizes),
      units: try integer("units", BlockShape.allUnitCounts),
      channels: try integer("channels", 1...4), features: features)
  }

  private func tensor(
    _ name: String, _ type: Safetensors.ElementType, shape: [Int]
  ) throws(BlockModelError) -> Safetensors.Tensor {
    guard let tensor = file[name], tensor.elementType == type, tensor.shape == shape
    else {
      throw .badTensor(
        path: path, name: name,
        found: file[name].map { "\($0.elementType.rawValue) of shape \($0.shape)" } ?? "none",
        expected: "\(type.rawValue) of shape \(shape)")
    }
    return tensor
  }

  func floats(_ name: String, shape: [Int]) throws(BlockModelError) -> [Float] {
    try tensor(name, .float32, shape: shape).floats ?? []
  }

  /// The bit patterns of numbers of two bytes, in pieces: there may be hundreds of millions.
  private static func patterns(_ data: Data) -> [UInt16] {
    var patterns: [UInt16] = []
    patterns.reserveCapacity(data.count / 2)
    for start in stride(from: data.startIndex, to: data.endIndex, by: 1 << 20) {
      let part = [UInt8](data[start..<min(start + (1 << 20), data.endIndex)])
      let bytes = part.span
      for i in stride(from: 0, to: part.count, by: 2) {
        patterns.append(UInt16(bytes[i]) | UInt16(bytes[i + 1]) << 8)
      }
    }
    return patterns
  }

  /// A level with its networks.
  func restored(_ level: BlockLevel, number: Int) throws(BlockModelError) -> BlockLevel {
    let unitsName = "levels.\(number).units"
    let units = [UInt8](
      try tensor(unitsName, .uint8, shape: [level.rows, level.columns]).bytes)
    guard let most = units.max(), Int(most) <= shape.units else {
      throw .badTensor(
        path: path, name: unitsName, found: "\(units.max() ?? 0)",
        expected: "at most \(shape.units) units")
    }
    let counts = (0...shape.units).map { $0 == 0 ? 0 : shape.with(units: $0).parameterCount }
    let count = units.reduce(0) { $0 + counts[Int($1)] }
    let numbers = try tensor("levels.\(number).parameters", .float16, shape: [count])
    var restored = level
    restored.restore(
      units: units, parameters: Self.patterns(numbers.bytes), decided: level.blockCount,
      shape: shape)
    return restored
  }
}

/// A file from which no block model can be read, and what to do about it.
public enum BlockModelError: Error, Equatable, CustomStringConvertible {
  case container(SafetensorsError)
  case notBlocks(path: String)
  case badConfiguration(path: String, problem: String)
  case newerFormat(path: String, found: Int, known: Int)
  case badTensor(path: String, name: String, found: String, expected: String)

  public var description: String {
    switch self {
    case .container(let error):
      error.description
    case .notBlocks(let path):
      "\(path) holds no model of blocks, expected the metadata \(BlockModel.metadataKey); "
        + "read it as a network"
    case .badConfiguration(let path, let problem):
      "\(path) describes its blocks wrongly: \(problem); save it again"
    case .newerFormat(let path, let found, let known):
      "\(path) has version \(found) of the format of block models; expected at most \(known); "
        + "read it with a newer version of the program"
    case .badTensor(let path, let name, let found, let expected):
      "\(path): found \(found) in the place of \(name), expected \(expected); copy or save it again"
    }
  }
}
