import SplineGeometry

/// Measures of the regions and of the weights.
extension MeasureContext {
  func norms() throws -> MeasureResult {
    struct Record: Encodable {
      let norms: NetworkNorms
      let spectralProduct, frobeniusProduct, spectralBound, pathBoundL2: Double
    }
    let norms = try network.norms()
    return MeasureResult(
      "Norms of the weights",
      [
        ("product of spectral norms", figure(norms.spectralProduct)),
        ("product of Frobenius norms", figure(norms.frobeniusProduct)),
        ("path norm l1", figure(norms.pathNormL1)),
        ("path norm l2", figure(norms.pathNormL2)),
        ("Lipschitz constant at most", figure(norms.spectralBound)),
      ],
      record: Record(
        norms: norms, spectralProduct: norms.spectralProduct,
        frobeniusProduct: norms.frobeniusProduct, spectralBound: norms.spectralBound,
        pathBoundL2: norms.pathBoundL2))
  }

  func regions() throws -> MeasureResult {
    struct Record: Encodable {
      let counts: RegionCounts
      let regionsPerMeasure: Double
      let prediction: RegionPrediction
      let predictedRegionsPerMeasure: Double
    }
    let counts = try regionCounts()
    let prediction = counts.prediction
    let (size, border) = counts.dimension == 2 ? ("area", "length") : ("volume", "area")
    return MeasureResult(
      "Regions of the domain\(counts.isComplete ? "" : " (more than --max-regions; the first)")",
      [
        ("activation regions", "\(counts.activationRegions)"),
        ("linear regions", "\(counts.linearRegions)"),
        ("regions per unit \(size)", figure(counts.regionsPerMeasure)),
        (
          "Hanin and Rolnick: N^n / n!",
          "\(figure(prediction.regionsPerMeasure)) for \(counts.neuronCount) neurons, "
            + "\(counts.dimension) coordinates"
        ),
        ("vertices, edges", "\(counts.vertices), \(counts.edges)"),
        ("total boundary \(border)", figure(counts.boundaryMeasure)),
        ("\(size) of a region, mean", figure(counts.meanRegionMeasure)),
        ("\(size) of a region, median", figure(counts.medianRegionMeasure)),
      ],
      record: Record(
        counts: counts, regionsPerMeasure: counts.regionsPerMeasure, prediction: prediction,
        predictedRegionsPerMeasure: prediction.regionsPerMeasure))
  }

  private func regionCounts() throws -> RegionCounts {
    if let shared { return try shared.partition().counts }
    guard let domain else { preconditionFailure("counts of regions without a domain") }
    return try spline.regionCounts(in: domain, workers: workers)
  }

  func lines() throws -> MeasureResult {
    let segments = try AffineSlice.randomSegments(
      lower: box.map(\.lowerBound), upper: box.map(\.upperBound), count: options.segmentCount,
      seed: options.seed)
    let counts = try spline.segmentCounts(of: segments, workers: workers)
    return MeasureResult(
      "Regions along \(counted(segments.count, "random segment")) of the domain",
      [
        ("pieces of a segment", figure(counts.pieces)),
        ("breakpoints per unit length", figure(counts.breakpointsPerLength)),
        ("… and neuron", figure(counts.breakpointsPerLengthAndNeuron)),
        (
          "Hanin and Rolnick: of the order of N", "\(counts.neuronCount) per unit length"
        ),
      ], record: counts)
  }

  func condition() throws -> MeasureResult {
    guard let domain else { preconditionFailure("condition numbers without a domain") }
    let numbers = try spline.conditionNumbers(in: domain, workers: workers)
    return MeasureResult(
      "Condition numbers of the affine maps over \(counted(numbers.regionCount, "region"))",
      rows(numbers.distribution) + [
        ("maps of smaller rank", "\(numbers.rankDeficientCount)"),
        ("constant maps", "\(numbers.constantCount)"),
      ], record: numbers)
  }

  func lipschitz() throws -> MeasureResult {
    let bound = try spline.norms().spectralBound
    guard let domain else {
      struct Record: Encodable {
        let sample: LipschitzSample
        let upperBound: Double
      }
      let sample = try spline.lipschitzSample(at: points, norm: options.norm, workers: workers)
      return MeasureResult(
        "Lipschitz constant between two bounds, as the domain has more than three coordinates",
        [
          ("at least", "\(figure(sample.largest)), the largest at \(pointsText)"),
          ("at most", "\(figure(bound)), the product of spectral norms"),
        ], record: Record(sample: sample, upperBound: bound))
    }
    struct Record: Encodable {
      let constant: LipschitzConstant
      let upperBound: Double
    }
    let constant = try spline.lipschitzConstant(
      in: domain, norm: options.norm, workers: workers)
    return MeasureResult(
      "Lipschitz constant on the domain, exact, for the norm \(options.norm.rawValue)",
      [
        ("constant", figure(constant.value)),
        ("at", constant.point.map { figure($0) }.joined(separator: ", ")),
        ("regions looked at", "\(constant.visitedRegionCount)"),
        ("product of spectral norms", figure(bound)),
      ], record: Record(constant: constant, upperBound: bound))
  }

  func surface() throws -> MeasureResult {
    struct Record: Encodable {
      let surfaceMeasure, domainMeasure: Double
      let volumeChange: SampleDistribution?
      let samples: Int
    }
    guard let domain else { preconditionFailure("a surface without a domain") }
    let surface = try spline.imageSurface(of: domain, workers: workers)
    let uniform = try surface.uniformSamples(
      count: options.sampleCount, seed: options.seed, workers: workers)
    let naive = surface.domainSamples(
      count: options.sampleCount, seed: options.seed, workers: workers)
    try folder?.writeSurface(uniform: uniform, naive: naive)
    let changes = SampleDistribution(of: surface.volumeChanges)
    let size = spline.inputs == 2 ? "area" : "volume"
    return MeasureResult(
      "Image of the domain in \(spline.outputs) dimensions",
      [
        ("\(size) of the image", figure(surface.surfaceMeasure)),
        ("\(size) of the domain", figure(surface.domainMeasure)),
        ("regions", "\(surface.regionCount)"),
      ] + rows(changes).map { ("volume change, \($0.0)", $0.1) },
      record: Record(
        surfaceMeasure: surface.surfaceMeasure, domainMeasure: surface.domainMeasure,
        volumeChange: changes, samples: options.sampleCount))
  }
}
