/// The largest difference between two lists, relative to the largest entry of the second;
/// infinite where their counts differ or a number is not finite.
public func relativeDeviation(_ found: [Double], from expected: [Double]) -> Double {
  guard found.count == expected.count, (found + expected).allSatisfy(\.isFinite) else {
    return .infinity
  }
  let largest = expected.reduce(0) { max($0, abs($1)) }
  let difference = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  return difference == 0 ? 0 : difference / largest
}

public func relativeDeviation(_ found: [Float], from expected: [Double]) -> Double {
  relativeDeviation(found.map(Double.init), from: expected)
}
