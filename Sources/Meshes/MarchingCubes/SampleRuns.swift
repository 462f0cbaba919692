/// Samples of a grid of which values are wanted: stretches of rows, one after another.
public struct SampleRuns: Sendable {
  public struct Run: Sendable, Equatable {
    public let x: Range<Int>
    public let y: Int
    public let z: Int
  }

  public let grid: SampleGrid
  public private(set) var runs: [Run] = []
  /// How many samples come before each run, and how many there are.
  private var starts = [0]

  init(_ grid: SampleGrid) { self.grid = grid }

  /// How many samples there are.
  public var count: Int { starts[starts.count - 1] }

  mutating func append(_ run: Run) {
    guard !run.x.isEmpty else { return }
    runs.append(run)
    starts.append(count + run.x.count)
  }

  /// Calls `body` with the number and the position of each sample in a range of their numbers, so
  /// that tiles can be evaluated one by one, on any thread.
  public func forEachPosition(
    in range: Range<Int>, _ body: (_ number: Int, _ position: SIMD3<Double>) -> Void
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "samples \(range) are outside the \(count) that are wanted")
    guard !range.isEmpty else { return }
    // The last run that starts at or before the range.
    var (low, high) = (0, runs.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= range.lowerBound { low = middle } else { high = middle }
    }
    var number = range.lowerBound
    while number < range.upperBound {
      let run = runs[low]
      for x in (run.x.lowerBound + number - starts[low])..<run.x.upperBound {
        guard number < range.upperBound else { return }
        body(number, grid.position([Double(x), Double(run.y), Double(run.z)]))
        number += 1
      }
      low += 1
    }
  }
}
