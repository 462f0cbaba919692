import Foundation

/// Adam in double precision, written as in the papers (arXiv:1412.6980, algorithm 1; decoupled
/// weight decay as in arXiv:1711.05101).
public struct ReferenceAdam: Sendable {
  public var rate: Double
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay = 0.0
  private var first: [NamedTensor] = []
  private var second: [NamedTensor] = []
  private var step = 0

  public init(rate: Double) { self.rate = rate }

  public mutating func update(_ parameters: inout [NamedTensor], along gradient: [NamedTensor]) {
    precondition(parameters.map(\.name) == gradient.map(\.name))
    if step == 0 {
      first = gradient.map { NamedTensor($0.name, $0.values.map { _ in 0 }) }
      second = first
    }
    step += 1
    for t in parameters.indices {
      for i in parameters[t].values.indices {
        let g = gradient[t].values[i]
        first[t].values[i] = beta1 * first[t].values[i] + (1 - beta1) * g
        second[t].values[i] = beta2 * second[t].values[i] + (1 - beta2) * g * g
        let m = first[t].values[i] / (1 - pow(beta1, Double(step)))
        let v = second[t].values[i] / (1 - pow(beta2, Double(step)))
        parameters[t].values[i] *= 1 - rate * weightDecay
        parameters[t].values[i] -= rate * m / (v.squareRoot() + epsilon)
      }
    }
  }
}
