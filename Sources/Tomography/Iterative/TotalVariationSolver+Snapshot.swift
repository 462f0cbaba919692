import Compute

extension TotalVariationSolver {
  /// All that the next iteration builds on, but for what the caller sets (λ, the anchor's strength,
  /// Huber's limit, the weights of the gradient).
  public var snapshot: [Float] {
    // Below 2²⁴ iterations, which take days, the count is exact.
    [Float(iterationCount)] + state.primalSnapshot + state.dualSnapshot
  }

  /// The numbers of a ``snapshot``.
  public var snapshotSize: Int {
    let (pixels, rays) = (
      projector.grid.pixelCount, projector.scan.viewCount * projector.scan.binCount
    )
    return 1 + 12 * pixels + 3 * rays
  }

  /// Goes on where a solver of the same problem gave ``snapshot``.
  public func restore(_ snapshot: [Float]) {
    precondition(
      snapshot.count == snapshotSize,
      "a snapshot has \(snapshot.count) numbers, expected \(snapshotSize)")
    takeUp(iteration: Int(snapshot[0]))
    state.restore(snapshot[1...])
  }
}

extension TotalVariationSolver.State {
  fileprivate var primalSnapshot: [Float] {
    slice.matrix.elements + solution.matrix.elements + ahead.matrix.elements
      + anchor.matrix.elements
  }

  fileprivate var dualSnapshot: [Float] {
    gradientDual.plane.matrix.elements + sliceValues.matrix.elements
      + solutionValues.matrix.elements
      + dataDual.matrix.elements
  }

  fileprivate func restore(_ numbers: ArraySlice<Float>) {
    var rest = numbers
    func load(_ plane: borrowing Plane) {
      let count = plane.rows * plane.columns
      plane.load(
        Matrix(rows: plane.rows, columns: plane.columns, elements: Array(rest.prefix(count))),
        problem.workers)
      rest = rest.dropFirst(count)
    }
    load(slice)
    load(solution)
    load(ahead)
    load(anchor)
    load(gradientDual.plane)
    load(sliceValues)
    load(solutionValues)
    load(dataDual)
  }
}
