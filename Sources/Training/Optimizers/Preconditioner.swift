import Networks

/// What a ``Preconditioner`` gets for a step: the gradient is the engine's sum, and what it was computed
/// from is the batch.
struct PreconditionedStep {
  let engine: GradientEngine
  /// Counts from 1.
  let number: Int
  /// The learning rate of each layer.
  let rates: [Float]
  /// The learning rate as the schedule has it: for methods that know how long a full step is, the share
  /// of it that they may go. And the first layer's factor.
  let rate: Double
  let firstLayerFactor: Double
  let batch: ArraySlice<Int32>
  let objective: Objective
  /// The batch's mean loss before the step.
  let loss: Double
  /// For all that is not a matrix.
  let elementwise: Adam
  let moments: Moments
}

/// An optimizer that sees the weights of a layer as a matrix, and remembers more than two numbers of each.
///
/// What is not a matrix (biases, if the method does not take them in, and constants) is left to the
/// element-wise ``Optimizer``.
protocol Preconditioner: AnyObject {
  func take(_ step: PreconditionedStep)

  /// What the next step builds on, for a checkpoint, and how many numbers these are.
  var state: [Float] { get }
  var stateSize: Int { get }

  /// Takes up what ``state`` gave.
  func restore(_ state: [Float])
}

extension Preconditioning {
  /// - Parameter firstTrainedLayer: layers below it are frozen.
  func makePreconditioner(_ layout: ParameterLayout, firstTrainedLayer: Int) -> any Preconditioner {
    switch method {
    case .soap: SOAP(layout, interval: interval, firstTrainedLayer: firstTrainedLayer)
    case .kfac: KFAC(layout, self, firstTrainedLayer: firstTrainedLayer)
    }
  }

  /// Floats that the preconditioner keeps.
  ///
  /// - Parameter groups: of a batch.
  func memory(_ layout: ParameterLayout, groups: Int) -> Int {
    switch method {
    case .soap: SOAP.memory(layout)
    case .kfac: KFAC.memory(layout, groups: groups)
    }
  }
}
