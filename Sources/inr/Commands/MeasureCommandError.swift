import SplineGeometry

/// What `inr measure` cannot do.
enum MeasureCommandError: Error, CustomStringConvertible {
  case noSpline(path: String, SplineNetworkError)
  case notSoft(path: String, any Error)
  case onlyEntropy(path: String)
  /// What was measured has been printed.
  case tooManyRegions(path: String, count: Int)
  case impossible(path: String, measure: String, String)
  case wrongArray(path: String, what: String, found: [Int], columns: Int, rows: Int?)
  case notFinite(path: String)

  var description: String {
    switch self {
    case .noSpline(let path, .notPiecewiseAffine(let layer, let activation)):
      "\(path): layer \(layer) has the activation \(activation), so there are no linear regions to "
        + "measure; expected relu or leaky-relu in every hidden layer. Values and slopes at points "
        + "can be had all the same (inr evaluate)"
    case .noSpline(let path, .encoding(let name)):
      "\(path): the network stands behind a \(name) encoding, so there are no linear regions to "
        + "measure; expected plain coordinates. Values and slopes at points can be had all the same "
        + "(inr evaluate)"
    case .noSpline(let path, let error):
      "\(path): \(error)"
    case .notSoft(let path, let error):
      "\(path): \(error)"
    case .onlyEntropy(let path):
      "\(path): the activations are soft-relu, so there are no linear regions, but soft ones: "
        + "expected --only entropy, which draws them (with -o DIR)"
    case .tooManyRegions(let path, let count):
      "\(path): there are more regions than --max-regions allows; figures of regions are those of the "
        + "first \(count), and local complexity is not counted exactly"
    case .impossible(let path, let measure, let obstacle):
      "\(path): --only \(measure): \(obstacle)"
    case .wrongArray(let path, let what, let found, let columns, let rows):
      "\(path): found an array \(found), expected the \(what) as "
        + "[\(rows.map(String.init) ?? "points"), \(columns)]"
    case .notFinite(let path):
      "\(path): found numbers that are not finite"
    }
  }
}
