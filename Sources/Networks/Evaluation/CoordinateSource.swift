import Compute

/// Points that a network is asked about, by number.
public protocol CoordinateSource: Sendable {
  /// Points.
  var count: Int { get }
  /// Coordinates of a point.
  var dimensions: Int { get }

  /// Writes the coordinates of some points into a tile.
  ///
  /// - Parameters:
  ///   - target: coordinate `d` of the `i`th point of `rows` goes to `d · stride + i`.
  func copy(_ rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int)
}

extension CoordinateSource {
  /// Fills a tile of `width` vectors with some points, and what is left of its vectors with zeros.
  package func load(
    _ rows: ArraySlice<Int32>, into coordinates: inout AlignedBuffer, width: Int
  ) {
    let stride = width * Vector.scalarCount
    precondition(rows.count <= stride && dimensions * stride <= coordinates.count)
    var target = coordinates.mutableFloats
    copy(rows, into: &target, stride: stride)
    for d in 0..<dimensions {
      for i in rows.count..<stride { target[d * stride + i] = 0 }
    }
  }
}

/// One row a point.
extension Matrix: CoordinateSource {
  public var count: Int { rows }
  public var dimensions: Int { columns }

  public func copy(
    _ rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    for (i, row) in rows.enumerated() {
      for d in 0..<columns { target[d * stride + i] = elements[Int(row) * columns + d] }
    }
  }
}
