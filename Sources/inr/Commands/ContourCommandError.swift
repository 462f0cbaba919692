import SplineGeometry

/// What `inr contour` cannot do.
enum ContourCommandError: Error, Equatable, CustomStringConvertible {
  case unknownEnding(path: String)
  case notInThePlane(path: String, inputs: Int)
  case noSpline(path: String, SplineNetworkError)
  case levelNotReached(
    path: String, levels: [Double], samples: Int, range: ClosedRange<Double>, flatCells: Int)

  var description: String {
    switch self {
    case .unknownEnding(let path):
      "\(path): the ending says nothing about the kind of file; expected .svg, .obj or .npy"
    case .notInThePlane(let path, let inputs):
      "\(path): found a network of \(counted(inputs, "coordinate")), expected 2 for lines in the plane"
        + (inputs == 3 ? "; the surface of a function of three is taken by inr mesh" : "")
        + (inputs > 3 ? "; --latent fixes the first \(inputs - 2)" : "")
    case .noSpline(let path, .notPiecewiseAffine(let layer, let activation)):
      "\(path): layer \(layer) has the activation \(activation), so the lines are not made of straight "
        + "segments; expected relu or leaky-relu in every hidden layer"
    case .noSpline(let path, .encoding(let name)):
      "\(path): the network stands behind a \(name) encoding, so the lines are not made of straight "
        + "segments; expected plain coordinates"
    case .noSpline(let path, let error):
      "\(path): \(error)"
    case .levelNotReached(let path, let levels, let samples, let range, let flatCells):
      "\(path): "
        + (flatCells > 0
          ? "the network is \(text(levels)) throughout \(counted(flatCells, "region")) and nowhere above "
            + "that, so nothing has a boundary there; choose a --level beside it"
          : "the network reaches \(text(levels)) nowhere in the box; at \(samples) points there its "
            + "values run from \(MeshFigures.text(range.lowerBound)) to "
            + "\(MeshFigures.text(range.upperBound)); choose a --level between them, or look elsewhere "
            + "with --bounds")
    }
  }

  private func text(_ levels: [Double]) -> String {
    levels.map { shortText($0) }.joined(separator: ", ")
  }
}
