import Compute

extension SinogramFile {
  /// The array that a file of sinograms `[views, bins]` holds.
  ///
  /// - Parameter isStack: whether there is an axis of slices; without it there is one sinogram.
  public static func array(
    of sinograms: [Matrix], isStack: Bool, layout: Layout = .viewsBins
  ) -> NumpyArray {
    let (views, bins) = (sinograms.first?.rows ?? 0, sinograms.first?.columns ?? 0)
    precondition(
      sinograms.allSatisfy { $0.rows == views && $0.columns == bins }
        && (isStack || sinograms.count == 1),
      "\(sinograms.count) sinograms, not all of \(views) x \(bins), make no array")
    switch layout {
    case .viewsBins:
      let shape = isStack ? [sinograms.count, views, bins] : [views, bins]
      return NumpyArray(shape: shape, elements: sinograms.flatMap(\.elements))
    case .binsViews:
      let shape = isStack ? [sinograms.count, bins, views] : [bins, views]
      return NumpyArray(shape: shape, elements: sinograms.flatMap { $0.transposed.elements })
    case .viewsSlicesBins:
      let elements = (0..<views).flatMap { view in
        sinograms.flatMap { $0.elements[view * bins..<(view + 1) * bins] }
      }
      let shape = isStack ? [views, sinograms.count, bins] : [views, bins]
      return NumpyArray(shape: shape, elements: elements)
    }
  }
}
