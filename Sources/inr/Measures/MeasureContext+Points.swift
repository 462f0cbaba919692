import SplineGeometry

/// Measures at points.
extension MeasureContext {
  func distance() -> MeasureResult {
    struct Record: Encodable {
      let distances: SampleDistribution?
      let unbounded: Int
      let predictedMean: Double?
      let correlationWithErrors: Double?
    }
    let distances = spline.boundaryDistances(at: points, workers: workers).map(\.distance)
    let prediction = RegionPrediction(
      neuronCount: spline.neuronCount, dimension: spline.inputs)
    let record = Record(
      distances: SampleDistribution(of: distances), unbounded: distances.count { !$0.isFinite },
      predictedMean: prediction.boundaryDistance,
      correlationWithErrors: errors.flatMap { pearsonCorrelation(distances, $0) })
    folder?.keep(distances, as: "boundary-distance.npy")
    var rows = rows(record.distances)
    rows.append(("Hanin and Rolnick: of the order of 1 / N", figure(record.predictedMean)))
    if record.unbounded > 0 { rows.append(("points without a boundary", "\(record.unbounded)")) }
    if errors != nil {
      rows.append(("correlation with the errors", figure(record.correlationWithErrors)))
    }
    return MeasureResult(
      "Distance to the nearest boundary of a region, at \(pointsText)", rows, record: record)
  }

  func levelDistance() throws -> MeasureResult {
    struct Record: Encodable {
      let level: Double
      let outputIndex: String
      let distances: SampleDistribution?
      /// Points whose distance to the level set outside the domain may be less.
      let nearerOutside: Int
    }
    guard let domain else { preconditionFailure("a level set without a domain") }
    let choice = output ?? .component(0)
    let found = try spline.levelDistances(
      of: points, to: choice, level: options.level, in: domain, workers: workers)
    let distances = found.map(\.distance)
    folder?.keep(distances, as: "level-distance.npy")
    let record = Record(
      level: options.level, outputIndex: choice.text, distances: SampleDistribution(of: distances),
      nearerOutside: found.count { $0.distance.isFinite && !$0.isNearestOfAll })
    return MeasureResult(
      "Distance to the level set \(figure(options.level)) of output \(choice.text), at \(pointsText)",
      rows(record.distances) + [
        ("points that may have a nearer one outside", "\(record.nearerOutside)")
      ], record: record)
  }

  func complexity() throws -> MeasureResult {
    struct Record: Encodable {
      let radius: Double
      let sampled: SampleDistribution?
      let sampledPerLayer: [Double]
      let exact: SampleDistribution?
      let correlationWithErrors: Double?
    }
    let neighbourhood = CrossPolytope(
      radius: radius, dimension: spline.inputs, seed: options.seed)
    let found = spline.localComplexity(at: points, in: neighbourhood, workers: workers)
    let totals = found.map { Double($0.total) }
    let layers = spline.hiddenUnits.indices.map { layer in
      found.reduce(0) { $0 + Double($1.layers[layer]) } / Double(found.count)
    }
    var exact: SampleDistribution?
    if let partition = try shared?.partition(), partition.isComplete {
      let counts = partition.localComplexity(
        at: points.map { SIMD2($0[0], $0[1]) }, radius: radius, workers: workers)
      exact = SampleDistribution(of: counts.map { Double($0.total) })
      if let folder {
        let map = PixelMap(box: box, orientation: orientation)
        let counts = partition.localComplexity(
          at: map.points.map { SIMD2($0[0], $0[1]) }, radius: radius, workers: workers)
        try folder.write(counts.map { Double($0.total) }, asMap: "complexity", size: map.size)
      }
    }
    let record = Record(
      radius: radius, sampled: SampleDistribution(of: totals), sampledPerLayer: layers,
      exact: exact, correlationWithErrors: errors.flatMap { pearsonCorrelation(totals, $0) })
    folder?.keep(totals, as: "complexity-sampled.npy")
    var rows = rows(record.sampled, unit: " neurons").map { ("sampled, \($0.0)", $0.1) }
    rows.append(("sampled, by layer", layers.map { figure($0) }.joined(separator: ", ")))
    if exact != nil {
      rows += inr.rows(exact).prefix(2).map { ("exact, \($0.0)", $0.1 + " neurons") }
    }
    if errors != nil {
      rows.append(("correlation with the errors", figure(record.correlationWithErrors)))
    }
    return MeasureResult(
      "Local complexity: neurons that bend within \(figure(radius)), at \(pointsText)", rows,
      record: record)
  }

  func patterns() throws -> MeasureResult {
    struct Record: Encodable {
      let points: Int
      let differentPatterns: Int
      let distances: SampleDistribution?
      let nearest: SampleDistribution?
      let perLayer: [Double]
    }
    let some = fewPoints
    let distances = spline.patternDistances(at: some, workers: workers)
    let matrix = distances.matrix(workers: workers)
    let neighbours = distances.nearestNeighbours(count: 10, workers: workers)
    try folder?.writePatterns(matrix, distances, neighbours, workers: workers)
    var pairs: [Double] = []
    var layers = [Double](repeating: 0, count: distances.layerNeurons.count)
    for first in some.indices {
      for second in 0..<first {
        pairs.append(Double(matrix[first * some.count + second]))
        for (layer, count) in distances.layerDistances(first, second).enumerated() {
          layers[layer] += Double(count)
        }
      }
    }
    let record = Record(
      points: some.count, differentPatterns: distances.distinctCount,
      distances: SampleDistribution(of: pairs),
      nearest: SampleDistribution(
        of: neighbours.compactMap { $0.first.map { Double($0.distance) } }),
      perLayer: layers.map { $0 / Double(max(pairs.count, 1)) })
    return MeasureResult(
      "Neurons in which patterns differ, between \(some.count) points",
      [("different patterns", "\(record.differentPatterns)")] + rows(record.distances) + [
        ("mean by layer", record.perLayer.map { figure($0) }.joined(separator: ", ")),
        ("to the nearest point, mean", figure(record.nearest?.sample.mean)),
      ], record: record)
  }

  func entropy() throws -> MeasureResult {
    try SoftEntropy(
      SoftPartition(spline, beta: options.beta), "with beta \(figure(options.beta))", points,
      pointsText: pointsText, map: PixelMap(box: box, orientation: orientation)
    ).result(folder, workers)
  }

  /// The first points, as many as there may be pairs of.
  var fewPoints: [[Double]] { Array(points.prefix(1000)) }
}
