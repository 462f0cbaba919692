import Compute

/// A `.npy` file of one sinogram, or of a stack of them that are read one by one.
public struct SinogramFile: Sendable {
  /// The order of the axes in a file; the last one runs fastest.
  public enum Layout: String, Sendable, Codable, CaseIterable {
    /// One view after another; stacks are `[slices, views, bins]`.
    case viewsBins = "views,bins"
    /// As scikit-image's `radon` has it; stacks are `[slices, bins, views]`.
    case binsViews = "bins,views"
    /// A detector's pictures, one after another, as synchrotrons store them.
    case viewsSlicesBins = "views,slices,bins"
  }

  public let path: String
  public let layout: Layout
  /// Whether the file has an axis of slices.
  public let isStack: Bool
  /// The slices of the stack, 1 for a single sinogram.
  public let sliceCount: Int
  public let viewCount: Int
  public let binCount: Int
  private let file: NumpyFile

  /// Reads what the file says of itself, but no values yet.
  public init(_ path: String, layout: Layout = .viewsBins) throws(ScanFileError) {
    do throws(NumpyFileError) { file = try NumpyFile(path) } catch { throw .numpy(error) }
    self.path = path
    self.layout = layout
    let shape = file.shape
    let expected: String
    let axes: (slices: Int?, views: Int, bins: Int)
    switch (layout, shape.count) {
    case (.viewsBins, 2): axes = (nil, shape[0], shape[1])
    case (.viewsBins, 3): axes = (shape[0], shape[1], shape[2])
    case (.binsViews, 2): axes = (nil, shape[1], shape[0])
    case (.binsViews, 3): axes = (shape[0], shape[2], shape[1])
    case (.viewsSlicesBins, 3): axes = (shape[1], shape[0], shape[2])
    default:
      expected =
        switch layout {
        case .viewsBins: "[views, bins] or [slices, views, bins]"
        case .binsViews: "[bins, views] or [slices, bins, views]"
        case .viewsSlicesBins: "[views, slices, bins]"
        }
      throw .wrongShape(
        path: path, found: shape, expected: expected,
        advice: "say with --layout what its axes are, or reshape it")
    }
    isStack = axes.slices != nil
    (sliceCount, viewCount, binCount) = (axes.slices ?? 1, axes.views, axes.bins)
    for (count, name) in [(sliceCount, "slice"), (viewCount, "view"), (binCount, "bin")]
    where count == 0 {
      throw .empty(path: path, shape: shape, axis: name)
    }
  }

  /// The sinogram `[views, bins]` of one slice; all its values are finite.
  ///
  /// - Parameter slice: counted from 0.
  public func sinogram(_ slice: Int = 0) throws(ScanFileError) -> Matrix {
    guard 0..<sliceCount ~= slice else {
      throw .noSlice(path: path, found: slice, count: sliceCount)
    }
    let sinogram: Matrix
    do throws(NumpyFileError) { sinogram = try values(of: slice) } catch { throw .numpy(error) }
    try sinogram.checkFinite(in: path) { view, bin in
      (isStack ? "slice \(slice), " : "") + "view \(view), bin \(bin)"
    }
    return sinogram
  }

  private func values(of slice: Int) throws(NumpyFileError) -> Matrix {
    let size = viewCount * binCount
    switch layout {
    case .viewsBins:
      let elements = try file.elements(slice * size..<(slice + 1) * size)
      return Matrix(rows: viewCount, columns: binCount, elements: elements)
    case .binsViews:
      let elements = try file.elements(slice * size..<(slice + 1) * size)
      return Matrix(rows: binCount, columns: viewCount, elements: elements).transposed
    case .viewsSlicesBins:
      var elements: [Float] = []
      elements.reserveCapacity(size)
      for view in 0..<viewCount {
        let first = (view * sliceCount + slice) * binCount
        elements += try file.elements(first..<first + binCount)
      }
      return Matrix(rows: viewCount, columns: binCount, elements: elements)
    }
  }
}

extension Matrix {
  /// Rows and columns exchanged.
  var transposed: Matrix {
    let source = elements.span
    let swapped = [Float](capacity: elements.count) { target in
      for column in 0..<columns {
        for row in 0..<rows { target.append(source[row * columns + column]) }
      }
    }
    return Matrix(rows: columns, columns: rows, elements: swapped)
  }

  /// Throws if a value is NaN or infinite.
  ///
  /// - Parameter place: names a value by its row and column.
  func checkFinite(
    in path: String, place: (_ row: Int, _ column: Int) -> String
  ) throws(ScanFileError) {
    guard let first = elements.firstIndex(where: { !$0.isFinite }) else { return }
    throw .notFinite(
      path: path, place: place(first / columns, first % columns),
      value: elements[first].isNaN ? "nan" : "\(elements[first])",
      count: elements.count { !$0.isFinite })
  }
}
