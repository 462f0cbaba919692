import Compute

/// Evaluates a network at many points, tile by tile on all threads.
public struct FieldEvaluator: Sendable {
  /// Points of a tile; enough for the matrix products, few enough for the cache.
  static let tileRows = 128

  /// Points that a worker takes at a time: whole tiles, and enough chunks for many workers. It
  /// depends on nothing else, so that the tiles are the same for any number of workers.
  private static func chunkRows(count: Int) -> Int {
    min(max(count / 64 / tileRows, 1), 32) * tileRows
  }

  private let parameters: ParameterBuffer
  private let workers: Workers
  private let passes: [Boxed]

  /// A worker's pass, which only that worker touches.
  private final class Boxed: @unchecked Sendable {
    let pass: TilePass
    var unused = AlignedBuffer(count: 0)
    init(_ layout: ParameterLayout, purpose: PassPurpose) {
      pass = TilePass(layout, capacity: FieldEvaluator.tileRows, purpose: purpose)
      if purpose == .gradient { unused = AlignedBuffer(count: layout.layersCount) }
    }
  }

  public init(_ network: Network, workers: Workers = Workers()) {
    self.init(ParameterBuffer(network), workers: workers)
  }

  /// - Parameter parameters: read at each evaluation, so that training can go on in between.
  package init(_ parameters: ParameterBuffer, workers: Workers, purpose: PassPurpose = .values) {
    self.parameters = parameters
    self.workers = workers
    passes = (0..<workers.count).map { _ in Boxed(parameters.layout, purpose: purpose) }
  }

  /// Which points are meant.
  public enum Points: Sendable {
    case range(Range<Int>)
    case numbered([Int32])

    var count: Int {
      switch self {
      case .range(let range): range.count
      case .numbered(let numbers): numbers.count
      }
    }

    /// The numbers of some of them.
    func numbers(in part: Range<Int>) -> ArraySlice<Int32> {
      switch self {
      case .range(let range): part.map { Int32($0 + range.lowerBound) }[...]
      case .numbered(let numbers): numbers[part]
      }
    }
  }

  /// Values at all points of a source, or some: `outputs` numbers a point, point by point.
  public func values(at source: any CoordinateSource, of points: Points? = nil) -> [Float] {
    let outputs = parameters.layout.outputs
    let points = points ?? .range(0..<source.count)
    return inChunks(points, of: source, perRow: outputs) { box, tile, result in
      let width = AlignedBuffer.vectorCount(for: tile.count)
      source.load(tile, into: &box.pass.coordinates, width: width)
      box.pass.forward(parameters, width: width)
      result += box.pass.outputs.transposed(
        rows: outputs, columns: tile.count, stride: width * Vector.scalarCount)
    }
  }

  /// Derivatives with respect to the coordinates: for each point `[outputs, coordinates]`.
  ///
  /// The evaluator must have been made for gradients.
  fileprivate func jacobians(at points: any CoordinateSource) -> [Float] {
    let (outputs, inputs) = (parameters.layout.outputs, points.dimensions)
    let all = Points.range(0..<points.count)
    return inChunks(all, of: points, perRow: outputs * inputs) { box, tile, result in
      let width = AlignedBuffer.vectorCount(for: tile.count)
      var rows = [Float](repeating: 0, count: tile.count * outputs * inputs)
      for channel in 0..<outputs {
        points.load(tile, into: &box.pass.coordinates, width: width)
        box.pass.forward(parameters, width: width)
        box.pass.selectOutput(channel, width: width)
        box.pass.backward(
          parameters, wanted: .coordinates, width: width, accumulating: false, into: &box.unused)
        let slopes = box.pass.coordinates.transposed(
          rows: inputs, columns: tile.count, stride: width * Vector.scalarCount)
        for i in 0..<tile.count {
          for d in 0..<inputs {
            rows[(i * outputs + channel) * inputs + d] = slopes[i * inputs + d]
          }
        }
      }
      result += rows
    }
  }

  private func inChunks(
    _ points: Points, of source: any CoordinateSource, perRow: Int,
    _ evaluate: @Sendable (Boxed, ArraySlice<Int32>, inout [Float]) -> Void
  ) -> [Float] {
    precondition(
      source.dimensions == parameters.layout.inputs,
      "points of \(source.dimensions) coordinates for a network of \(parameters.layout.inputs)")
    let count = points.count
    let length = Self.chunkRows(count: count)
    let chunks = stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
    let results = workers.map(chunks.count) { worker, index in
      var result: [Float] = []
      result.reserveCapacity(chunks[index].count * perRow)
      let numbers = points.numbers(in: chunks[index])
      for start in stride(from: numbers.startIndex, to: numbers.endIndex, by: Self.tileRows) {
        let tile = numbers[start..<min(start + Self.tileRows, numbers.endIndex)]
        Subnormals.flushed { evaluate(passes[worker], tile, &result) }
      }
      return result
    }
    return results.count == 1 ? results[0] : Array(results.joined())
  }
}

extension Network {
  /// Values at points given one a row; the result has one row a point, one column an output.
  public func values(at coordinates: Matrix, workers: Workers = Workers()) -> Matrix {
    Matrix(
      rows: coordinates.rows, columns: outputs,
      elements: FieldEvaluator(self, workers: workers).values(at: coordinates))
  }

  /// Exact derivatives with respect to the coordinates.
  ///
  /// - Returns: one row a point, and in it `[outputs, inputs]` row by row.
  public func jacobian(at coordinates: Matrix, workers: Workers = Workers()) -> Matrix {
    let parameters = ParameterBuffer(withTrueDerivatives)
    let evaluator = FieldEvaluator(parameters, workers: workers, purpose: .gradient)
    return Matrix(
      rows: coordinates.rows, columns: outputs * inputs,
      elements: evaluator.jacobians(at: coordinates))
  }

  private var withTrueDerivatives: Network {
    replacing(
      layers: layers.map { Layer(maps: $0.maps, activation: $0.activation?.withTrueDerivative) })
  }
}

extension TilePass {
  /// Makes ``outputGradient`` that of one output.
  fileprivate func selectOutput(_ channel: Int, width: Int) {
    let row = channel * width..<(channel + 1) * width
    select(row, of: layout.outputs * width, in: &outputGradient)
  }

  private func select(_ row: Range<Int>, of count: Int, in gradient: inout AlignedBuffer) {
    var target = gradient.mutableVectors
    for i in 0..<count { target[i] = Vector(repeating: row.contains(i) ? 1 : 0) }
  }
}
