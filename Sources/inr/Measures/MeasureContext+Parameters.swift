import SplineGeometry

/// Measures of the derivatives by the weights.
extension MeasureContext {
  func sensitivity() throws -> MeasureResult {
    let values = try network.tangentSensitivity(at: wholePoints, of: output, workers: workers)
    folder?.keep(values, as: "tangent-sensitivity.npy")
    let distribution = SampleDistribution(of: values)
    return MeasureResult(
      "Tangent sensitivity, the Frobenius norm of the derivatives by weights and coordinates, at "
        + pointsText,
      rows(distribution), record: distribution)
  }

  func fisherRao() throws -> MeasureResult {
    struct Record: Encodable {
      let loss: PointLoss
      let norm: Double
      let closedFormNorm: Double
      let fisherRao: FisherRaoNorm
    }
    guard let targets else { preconditionFailure("a Fisher-Rao norm without targets") }
    let found = try network.fisherRaoNorm(
      options.loss, at: wholePoints, targets: targets, workers: workers)
    return MeasureResult(
      "Fisher-Rao norm for the loss \(options.loss.rawValue), at \(pointsText)",
      [
        ("norm, by its definition", figure(found.norm)),
        ("its square", figure(found.square)),
        (
          "norm, by the closed form",
          figure(found.closedFormNorm)
            + (found.closedFormHolds ? "" : " (holds only without biases behind the first layer)")
        ),
      ],
      record: Record(
        loss: options.loss, norm: found.norm, closedFormNorm: found.closedFormNorm,
        fisherRao: found))
  }

  func tangentKernel() throws -> MeasureResult {
    struct Record: Encodable {
      let points: Int
      let trace: Double
      let eigenvalues: [Double]
      /// How many directions carry the trace: (Σ λ)² / Σ λ².
      let participation: Double
    }
    let some = slice.map { slice in fewPoints.map { slice.point(at: $0) } } ?? fewPoints
    let kernel = try network.neuralTangentKernel(at: some, of: output, workers: workers)
    let eigenvalues = try kernel.eigenvalues()
    try folder?.writeKernel(kernel, eigenvalues)
    let squares = eigenvalues.reduce(0) { $0 + $1 * $1 }
    let record = Record(
      points: some.count, trace: kernel.trace, eigenvalues: eigenvalues,
      participation: squares > 0 ? kernel.trace * kernel.trace / squares : 0)
    return MeasureResult(
      "Neural tangent kernel of \(some.count) points",
      [
        ("trace", figure(record.trace)),
        (
          "largest eigenvalues", eigenvalues.prefix(5).map { figure($0) }.joined(separator: ", ")
        ),
        ("median eigenvalue", figure(eigenvalues.isEmpty ? 0 : eigenvalues[eigenvalues.count / 2])),
        ("smallest eigenvalue", figure(eigenvalues.last)),
        ("effective dimension (Σ λ)² / Σ λ²", figure(record.participation)),
      ], record: record)
  }

  /// The affine map at a point.
  func affineMap(at place: [Double]) throws -> MeasureResult {
    struct Record: Encodable {
      let at, value: [Double]
      let a: [[Double]]
      let b: [Double]
      let pattern: [String]
      let singularValues: SingularValues
      let conditionNumber: Double?
      let boundaryDistance: Double?
    }
    let pattern = spline.pattern(at: place)
    let map = spline.affineMap(of: pattern)
    let singular = try map.singularValues()
    let distance = spline.boundaryDistances(at: [place], workers: workers)[0].distance
    var neuron = 0
    let bits = spline.hiddenUnits.map { units in
      defer { neuron += units }
      return (0..<units).map { pattern[neuron + $0] ? "1" : "0" }.joined()
    }
    try folder?.writeFilters(map, size: options.filterSize)
    let matrix = (0..<map.outputs).map { Array(map.gradient(ofOutput: $0)) }
    let record = Record(
      at: place, value: map(place), a: matrix, b: map.constants, pattern: bits,
      singularValues: singular, conditionNumber: singular.conditionNumber,
      boundaryDistance: distance.isFinite ? distance : nil)
    func text(_ numbers: [Double]) -> String {
      numbers.prefix(12).map { figure($0) }.joined(separator: ", ")
        + (numbers.count > 12 ? ", … (\(numbers.count) numbers)" : "")
    }
    return MeasureResult(
      "The network as A x + b around \(text(place))",
      [("value", text(record.value))]
        + matrix.prefix(8).enumerated().map { ("row \($0) of A", text($1)) } + [
          ("b", text(record.b)),
          ("singular values", text(singular.values)),
          ("rank, condition number", "\(singular.rank), \(figure(singular.conditionNumber))"),
          ("distance to the boundary", figure(record.boundaryDistance)),
        ] + bits.enumerated().map { ("neurons on, layer \($0)", $1) },
      record: record)
  }
}
