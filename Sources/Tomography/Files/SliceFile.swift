import Compute

/// A `.npy` file of one slice `[rows, columns]`, or of a stack `[slices, rows, columns]` that is read
/// slice by slice.
public struct SliceFile: Sendable {
  public let path: String
  /// Whether the file has an axis of slices.
  public let isStack: Bool
  /// The slices of the stack, 1 for a single slice.
  public let sliceCount: Int
  public let rows: Int
  public let columns: Int
  private let file: NumpyFile

  /// Reads what the file says of itself, but no values yet.
  public init(_ path: String) throws(ScanFileError) {
    do throws(NumpyFileError) { file = try NumpyFile(path) } catch { throw .numpy(error) }
    self.path = path
    let shape = file.shape
    guard 2...3 ~= shape.count else {
      throw .wrongShape(
        path: path, found: shape, expected: "[rows, columns] or [slices, rows, columns]",
        advice: "reshape it, or take a part of it")
    }
    isStack = shape.count == 3
    sliceCount = isStack ? shape[0] : 1
    (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    for (count, name) in [(sliceCount, "slice"), (rows, "row"), (columns, "column")]
    where count == 0 {
      throw .empty(path: path, shape: shape, axis: name)
    }
  }

  /// One slice; all its values are finite.
  ///
  /// - Parameter slice: counted from 0.
  public func slice(_ slice: Int = 0) throws(ScanFileError) -> Matrix {
    guard 0..<sliceCount ~= slice else {
      throw .noSlice(path: path, found: slice, count: sliceCount)
    }
    let size = rows * columns
    let elements: [Float]
    do throws(NumpyFileError) {
      elements = try file.elements(slice * size..<(slice + 1) * size)
    } catch { throw .numpy(error) }
    let values = Matrix(rows: rows, columns: columns, elements: elements)
    try values.checkFinite(in: path) { row, column in
      (isStack ? "slice \(slice), " : "") + "row \(row), column \(column)"
    }
    return values
  }
}
