import SplineGeometry

/// What `inr regions` cannot do.
enum RegionsCommandError: Error, Equatable, CustomStringConvertible {
  case unknownEnding(path: String)
  case noSpline(path: String, SplineNetworkError)
  case noPlane(path: String, inputs: Int)
  /// All that was found has been written.
  case tooManyRegions(path: String, count: Int, outputs: [String])

  var description: String {
    switch self {
    case .unknownEnding(let path):
      "\(path): the ending says nothing about the kind of file; expected .svg, .png, .json or .npz"
    case .noSpline(let path, .notPiecewiseAffine(let layer, let activation)):
      "\(path): layer \(layer) has the activation \(activation), so there are no linear regions; "
        + "expected relu or leaky-relu in every hidden layer. \(Self.alternatives)"
    case .noSpline(let path, .encoding(let name)):
      "\(path): the network stands behind a \(name) encoding, so there are no linear regions; "
        + "expected plain coordinates. \(Self.alternatives)"
    case .noSpline(let path, let error):
      "\(path): \(error)"
    case .noPlane(let path, let inputs):
      "\(path): found a network of \(counted(inputs, "coordinate")), expected 2 or a plane to look at, "
        + "e.g. --plane '\(Self.plane(inputs))', or --segment 'A;B'"
        + (inputs > 3 ? "; --latent fixes the first coordinates" : "")
    case .tooManyRegions(let path, let count, let outputs):
      "\(path): there are more regions than --max-regions allows; the \(count) found until then are "
        + "in \(outputs.joined(separator: ", "))"
    }
  }

  /// What can be measured of a network without regions.
  private static let alternatives =
    "Its values and slopes at points can be had all the same: inr evaluate; and of soft-relu the soft "
    + "regions: inr measure --only entropy"

  /// The first two axes.
  private static func plane(_ inputs: Int) -> String {
    guard inputs <= 8 else { return "O;U;V" }
    return (0..<3).map { vector in
      (0..<inputs).map { $0 == vector - 1 ? "1" : "0" }.joined(separator: ",")
    }.joined(separator: ";")
  }
}
