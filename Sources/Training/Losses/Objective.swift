import Networks

/// What a network is trained for.
public enum Objective: Sendable {
  case pointwise(any PointwiseData, any Loss)
  case throughOperator(any OperatorData)
  case following(any FollowingData, any Loss)
  /// Pointwise, with `eikonal · (‖∇f‖ − 1)²` added to the loss of each sample: a signed distance has
  /// slopes of length 1.
  ///
  /// Derivatives are the true ones, FINER's as well (`Documentation/Math/eikonal.md`). The weight 0
  /// makes it ``pointwise``.
  ///
  /// - Units: lengths are those of the coordinates that the network takes, for the targets too.
  /// - Source: Gropp et al., "Implicit geometric regularization for learning shapes",
  ///   arXiv:2002.10099, equation 2.
  case signedDistance(any PointwiseData, any Loss, eikonal: Float)

  public var points: any CoordinateSource {
    switch self {
    case .pointwise(let data, _), .signedDistance(let data, _, _): data.points
    case .throughOperator(let data): data.points
    case .following(let data, _): data.points
    }
  }

  public var channels: Int {
    switch self {
    case .pointwise(let data, _), .signedDistance(let data, _, _): data.channels
    case .throughOperator(let data): data.channels
    case .following(let data, _): data.channels
    }
  }

  /// The data, if they are drawn anew for each epoch.
  var resampled: (any ResampledData)? {
    switch self {
    case .pointwise(let data, _), .signedDistance(let data, _, _): data as? any ResampledData
    case .throughOperator, .following: nil
    }
  }

  /// Whether a network can be trained for it.
  public func check(_ network: Network, _ configuration: TrainingConfiguration)
    throws(ObjectiveError)
  {
    guard network.inputs == points.dimensions, network.outputs == channels else {
      throw .shape(
        inputs: network.inputs, outputs: network.outputs, dimensions: points.dimensions,
        channels: channels)
    }
    if configuration.preconditioning?.method == .kfac { try checkCurvature(network, configuration) }
    guard case .signedDistance(_, _, let weight) = self else { return }
    guard channels == 1 else { throw .severalDistances(channels: channels) }
    guard weight >= 0, weight.isFinite else { throw .eikonalWeight(weight) }
    guard weight > 0 else { return }
    if case .grid = network.encoding { throw .slopesOfGrid }
    guard configuration.constants == .trained else { return }
    for activation in network.layers.compactMap(\.activation)
    where !trainsConstantsOnSlopes(activation) {
      throw .fixedConstantsOnly(activation: name(of: activation))
    }
  }
}

extension Objective {
  /// The data and the loss, where that is one of the values at single points with a second derivative.
  var curved: (data: any PointwiseData, loss: any CurvedLoss)? {
    switch self {
    case .pointwise(let data, let loss as any CurvedLoss): (data, loss)
    case .following(let data, let loss as any CurvedLoss): (data, loss)
    case .signedDistance(let data, let loss as any CurvedLoss, eikonal: 0): (data, loss)
    default: nil
    }
  }

  private func checkCurvature(_ network: Network, _ configuration: TrainingConfiguration)
    throws(ObjectiveError)
  {
    if case .grid = network.encoding { throw .curvatureOfGrid }
    guard configuration.constants == .fixed else { throw .curvatureOfConstants }
    guard curved == nil else { return }
    switch self {
    case .throughOperator: throw .curvatureThroughOperator
    case .signedDistance(_, _, let weight) where weight != 0: throw .curvatureOfSlopes
    case .pointwise(_, let loss), .following(_, let loss), .signedDistance(_, let loss, _):
      throw .noCurvature(loss: "\(type(of: loss))")
    }
  }
}

private func trainsConstantsOnSlopes(_ activation: any Activation) -> Bool {
  type(of: activation).trainsConstantsOnSlopes
}

/// A network that cannot be trained for an objective.
public enum ObjectiveError: Error, Equatable, CustomStringConvertible {
  case shape(inputs: Int, outputs: Int, dimensions: Int, channels: Int)
  case severalDistances(channels: Int)
  case eikonalWeight(Float)
  case fixedConstantsOnly(activation: String)
  case slopesOfGrid
  case curvatureOfConstants
  case curvatureOfGrid
  case curvatureThroughOperator
  case curvatureOfSlopes
  case noCurvature(loss: String)

  public var description: String {
    switch self {
    case .shape(let inputs, let outputs, let dimensions, let channels):
      "the network takes \(inputs) coordinates and gives \(outputs) values; "
        + "the data have \(dimensions) and \(channels)"
    case .severalDistances(let channels):
      "the data have \(channels) values a point; a signed distance is one"
    case .eikonalWeight(let weight):
      "the eikonal term has the weight \(weight); it must be a number of at least 0"
    case .fixedConstantsOnly(let activation):
      "the constants of \(activation) cannot be trained together with an eikonal term; "
        + "keep them fixed, or give the term the weight 0"
    case .slopesOfGrid:
      "behind a grid encoding slopes jump from cell to cell and cannot be trained; take another "
        + "encoding, or give the eikonal term the weight 0"
    case .curvatureOfConstants:
      "K-FAC trains weights and biases alone; keep the activations' constants fixed, "
        + "or use the optimizer adam or soap"
    case .curvatureOfGrid:
      "K-FAC trains the weights and biases of layers alone, not the tables of a grid encoding; take "
        + "another encoding, or use the optimizer adam or soap"
    case .curvatureThroughOperator:
      "K-FAC needs a loss of single points, and this one looks at them through an operator; "
        + "use the optimizer adam or soap"
    case .curvatureOfSlopes:
      "K-FAC needs a loss of values alone, and an eikonal term is one of slopes; "
        + "use the optimizer adam or soap, or give the term the weight 0"
    case .noCurvature(let loss):
      "K-FAC needs a loss with a second derivative, and \(loss) has none; "
        + "use another loss, or the optimizer adam or soap"
    }
  }
}
