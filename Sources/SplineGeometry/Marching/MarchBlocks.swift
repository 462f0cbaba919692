/// The blocks into which cells are divided by the signs of the first layers.
///
/// Followed block by block, cells that come one after another differ in the later layers alone, so
/// that little is composed anew; and what is done in one block needs nothing from another.
struct MarchBlocks: Sendable {
  /// Among how many groups blocks are dealt out, by their hashes: enough for many workers.
  static let groupCount = 256
  /// As few layers are taken as tell some of the seeds apart into so many blocks.
  private static let leastBlockCount = 64
  private static let sampleCount = 256

  /// Units of all hidden layers.
  let neuronCount: Int
  /// The neurons of the first layers are those below this.
  let firstInnerNeuron: Int
  private let words: IdentityWords

  init(_ spline: SplineNetwork, telling seeds: MarchItems) {
    let units = spline.hiddenLayers.map(\.units)
    neuronCount = units.reduce(0, +)
    words = IdentityWords(neuronCount: neuronCount, sideCount: 0)
    let samples = stride(from: 0, to: seeds.count, by: 1 + seeds.count / Self.sampleCount)
    var end = 0
    for count in units {
      end += count
      let blocks = Set(samples.map { seeds.signs(of: $0, before: end) })
      if blocks.count >= Self.leastBlockCount { break }
    }
    firstInnerNeuron = end
  }

  /// The same cells with their blocks.
  func dealtOut(_ cells: MarchItems) -> MarchItems {
    var result = MarchItems(neuronCount: neuronCount)
    for (number, item) in cells.items.enumerated() {
      var block: UInt64 = 0
      for neuron in 0..<firstInnerNeuron where cells.isOn(neuron, in: number) {
        block = self.block(block, behind: neuron)
      }
      result.append(
        MarchItems.Item(hash: item.hash, block: block, point: item.point, radius: item.radius),
        cells.words, from: number * cells.wordCount)
    }
    return result
  }

  /// The block that differs in one neuron.
  func block(_ block: UInt64, behind neuron: Int) -> UInt64 {
    neuron < firstInnerNeuron ? block ^ words.active[neuron].y : block
  }
}
