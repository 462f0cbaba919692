import Compute
import Networks

extension ReferenceNetwork {
  /// The mean over points of the squared error and `eikonal · (‖∇f‖ − 1)²`, for one output; all
  /// derivatives are true ones.
  public func signedDistanceLoss(at points: Matrix, targets: Matrix, eikonal: Double) -> Double {
    (0..<points.rows).reduce(0) { sum, row in
      let slopes = jacobian(at: points.row(row))
      let norm = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let residual = values(at: points.row(row))[0] - targets.row(row)[0]
      return sum + residual * residual + eikonal * (norm - 1) * (norm - 1)
    } / Double(points.rows)
  }

  /// The derivatives of a function of a network with respect to each of its parameters, by central
  /// differences.
  public func differences(of function: (ReferenceNetwork) -> Double) -> [NamedTensor] {
    let parameters = parameters
    var changed = self
    return parameters.indices.map { t in
      let slopes = parameters[t].values.indices.map { i in
        centralDifference { step in
          var moved = parameters
          moved[t].values[i] += step
          changed.setParameters(moved)
          return [function(changed)]
        }[0]
      }
      return NamedTensor(parameters[t].name, slopes)
    }
  }
}
