import Compute

/// The condition numbers of a network's affine maps over the linear regions of a domain: of each map the
/// largest singular value over the smallest that is not 0 (``SingularValues``). 1 for a single output.
///
/// Regions count alike, whatever their size.
public struct ConditionNumbers: Sendable, Equatable, Codable {
  /// Activation regions.
  public let regionCount: Int
  /// Those whose map has fewer dimensions than `min(inputs, outputs)`; some of it is constant there.
  public let rankDeficientCount: Int
  /// Those that are constant, which have no condition number.
  public let constantCount: Int
  /// Over the regions that are not constant; nil if all are.
  public let distribution: SampleDistribution?
}

extension SplineNetwork {
  /// The condition numbers over the regions of a domain of the plane or of space.
  ///
  /// - Returns: the same for any number of workers.
  public func conditionNumbers(
    in domain: SplineDomain, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> ConditionNumbers {
    let full = min(inputs, outputs)
    let parts = try walk(domain, purpose: .allCells, workers: workers) {
      ConditionVisitor(fullRank: full)
    }
    let numbers = parts.flatMap(\.visitor.numbers)
    let constantCount = parts.reduce(0) { $0 + $1.visitor.constantCount }
    return ConditionNumbers(
      regionCount: numbers.count + constantCount,
      rankDeficientCount: parts.reduce(0) { $0 + $1.visitor.deficientCount },
      constantCount: constantCount, distribution: SampleDistribution(of: numbers))
  }
}

private struct ConditionVisitor: LeafVisitor, Sendable {
  let fullRank: Int
  private(set) var numbers: [Double] = []
  private(set) var constantCount = 0
  private(set) var deficientCount = 0

  init(fullRank: Int) { self.fullRank = fullRank }

  mutating func visit(_ cell: CellStack.Cell, in walk: inout CellWalk) {
    let values = walk.affineMap.thinSingularValues
    if values.rank < fullRank { deficientCount += 1 }
    if let number = values.conditionNumber { numbers.append(number) } else { constantCount += 1 }
  }
}
