import Compute
import SplineGeometry

/// The entropy of a soft partition at points, and as a map.
struct SoftEntropy {
  let partition: SoftPartition
  /// Which partition.
  let remark: String
  let points: [[Double]]
  let pointsText: String
  let map: PixelMap

  struct Record: Encodable {
    /// In bits.
    let total: SampleDistribution?
    let perLayer: [Double]
  }

  init(
    _ partition: SoftPartition, _ remark: String, _ points: [[Double]], pointsText: String,
    map: PixelMap
  ) {
    self.partition = partition
    self.remark = remark
    self.points = points
    self.pointsText = pointsText
    self.map = map
  }

  func result(_ folder: MeasureFolder?, _ workers: Workers) throws -> MeasureResult {
    let entropies = partition.entropies(at: points, workers: workers)
    let layers = entropies[0].indices.map { layer in
      entropies.reduce(0) { $0 + $1[layer] } / Double(entropies.count)
    }
    if let folder, map.box.count == 2 {
      let values = partition.entropies(at: map.points, workers: workers)
      try folder.write(values.map { $0.reduce(0, +) }, asMap: "entropy", size: map.size)
    }
    let record = Record(
      total: SampleDistribution(of: entropies.map { $0.reduce(0, +) }), perLayer: layers)
    return MeasureResult(
      "Entropy of the soft partition \(remark), at \(pointsText)",
      rows(record.total, unit: " bits") + [
        ("mean by layer", layers.map { figure($0) }.joined(separator: ", ") + " bits")
      ], record: record)
  }
}
