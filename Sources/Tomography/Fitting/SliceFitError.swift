import Networks
import Training

/// A fit to a sinogram that cannot begin.
public enum SliceFitError: Error, CustomStringConvertible {
  case shape(path: String, found: (Int, Int), expected: (Int, Int), what: String)
  case notFinite(view: Int, bin: Int)
  case empty(largest: Float)
  case overflow(largest: Float)
  case nothingTrained(share: Double)
  case wrongModel(path: String, inputs: Int, outputs: Int)
  case supersampledRotation(factor: Int)
  case rotatedFan
  case solver(IterativeReconstructionError)
  case training(ObjectiveError)
  case memory(needed: Int, available: Int)

  public var description: String {
    switch self {
    case .shape(let path, let found, let expected, let what):
      "\(path): found \(what) of \(found.0) x \(found.1), expected \(expected.0) x \(expected.1)"
    case .notFinite(let view, let bin):
      "the sinogram's value at view \(view), bin \(bin) is not finite; repair or remove it"
    case .empty(let largest):
      "the sinogram's largest value is \(largest); expected line integrals, which are positive where "
        + "rays cross the object (for counts, take inr ct prepare first)"
    case .overflow(let largest):
      "the sinogram's largest value is \(largest), too large for sums in single precision; scale it "
        + "down"
    case .nothingTrained(let share):
      "--hold-out \(share) leaves no ray to train on; withhold less"
    case .wrongModel(let path, let inputs, let outputs):
      "\(path): found a network of \(inputs) coordinates and \(outputs) values, expected 2 "
        + "coordinates and 1 value for a slice"
    case .supersampledRotation(let factor):
      "found --supersample \(factor) with --projector rotation, which sums over the pixels of the "
        + "slice's own frame; leave one of them out"
    case .rotatedFan:
      "found a fan beam and --projector rotation, expected parallel beams; take --projector joseph"
    case .solver(let error): error.description
    case .memory(let needed, let available):
      "the network needs about \(needed / 1_000_000) MB, the machine has \(available / 1_000_000) MB left; "
        + "use a smaller one"
    case .training(let error): error.description
    }
  }
}
