/// Where the rotation axis lies in slices and sinograms that say nothing about it, and how filters
/// are built; both differ between programs.
public enum Convention: String, Sendable, Equatable, Codable, CaseIterable {
  /// Axis at pixel n/2 and bin n/2 (rounded down), half a step off the middle of even sizes; windows
  /// of NumPy. `skimage.transform.radon` and `iradon`.
  case scikitImage = "scikit-image"
  /// Axis in the middle; periodic windows. ASTRA, TIGRE, CIL.
  case astra

  /// Index of the axis among `count` pixels or bins.
  public func axis(among count: Int) -> Double {
    switch self {
    case .scikitImage: Double(count / 2)
    case .astra: Double(count - 1) / 2
    }
  }

  /// Bins that see all of a slice at every angle: its diagonal, or its width where only the inscribed
  /// circle counts.
  public static func binCount(covering grid: SliceGrid, circle: Bool = false) -> Int {
    let side = max(grid.rows, grid.columns)
    if circle { return side }
    let diagonal = Double(grid.rows * grid.rows + grid.columns * grid.columns).squareRoot()
    return Int(diagonal.rounded(.up))
  }
}
