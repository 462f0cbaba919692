import ImageFitting

/// What `inr info` tells of a model of blocks.
struct BlockModelRecord: Encodable {
  struct LevelRecord: Encodable {
    let width: Int
    let height: Int
    let blocks: Int
    let networks: Int
    let parameters: Int
  }

  let width: Int
  let height: Int
  let channels: Int
  let bitDepth: Int
  let blockSize: Int
  let features: Int
  /// The most of a block.
  let units: Int
  let parameters: Int
  /// From the finest on.
  let levels: [LevelRecord]

  init(_ model: BlockModel) {
    width = model.width
    height = model.height
    channels = model.channels
    bitDepth = model.bitDepth
    blockSize = model.shape.size
    features = model.shape.features
    units = model.levels.flatMap(\.units).max().map { Int($0) } ?? 0
    parameters = model.parameterCount
    levels = model.levels.map {
      LevelRecord(
        width: $0.width, height: $0.height, blocks: $0.blockCount, networks: $0.networkCount,
        parameters: $0.parameters.count)
    }
  }

  var text: String {
    var lines = [
      "picture     \(width) x \(height) pixels, \(counted(channels, "channel")) of \(bitDepth) bits",
      "blocks      \(blockSize) x \(blockSize) pixels, \(features) shared features, "
        + "up to \(counted(units, "sine"))",
      "parameters  \(parameters)",
    ]
    for (k, level) in levels.enumerated() {
      lines.append(
        "level \(k)     \(level.width) x \(level.height) pixels: \(level.networks) of "
          + "\(counted(level.blocks, "block")) have networks, \(level.parameters) parameters")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
