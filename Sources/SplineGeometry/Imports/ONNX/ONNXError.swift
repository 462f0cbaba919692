import Compute

/// An ONNX file from which no piecewise-affine network can be read, and what to do about it.
public struct ONNXError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let problem: ONNXProblem

  public init(_ path: String, _ problem: ONNXProblem) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path)\(problem)" }
}

/// What is wrong with an ONNX file.
public enum ONNXProblem: Error, Equatable, CustomStringConvertible {
  case notReadable(FileError)
  case notONNX(String)
  case damaged(String)
  /// `node` is its name, or that of its first output.
  case unsupportedOperator(String, node: String, reason: String)
  /// An operator that can be read in other forms.
  case unsupportedForm(String, node: String, found: String, expected: String)
  case missing(name: String, node: String)
  case tensor(name: String, problem: String)
  case inputs([String])
  case inputShape(name: String, found: String)
  case noOutputs

  public var description: String {
    switch self {
    case .notReadable(let error): ": \(error)"
    case .notONNX(let found):
      " is not an ONNX file: \(found); export the network with torch.onnx.export"
    case .damaged(let problem): " is a damaged ONNX file: \(problem); copy or export it again"
    case .unsupportedOperator(let name, let node, let reason):
      ": the node \(node) is a \(name), \(reason)"
    case .unsupportedForm(let name, let node, let found, let expected):
      ": the node \(node) is a \(name) with \(found); expected \(expected)"
    case .missing(let name, let node):
      ": the node \(node) takes \(name), which no initializer, input or node gives; export it again"
    case .tensor(let name, let problem): ": the tensor \(name) \(problem)"
    case .inputs(let names):
      ": the graph has the inputs \(names.isEmpty ? "none" : names.joined(separator: ", ")); expected "
        + "one, the coordinates: join others to it, or make them constants, before exporting"
    case .inputShape(let name, let found):
      ": the input \(name) has the shape \(found); expected that its last length is a number, the "
        + "count of coordinates: export with a dynamic batch length alone"
    case .noOutputs: ": the graph has no outputs; export it again"
    }
  }
}
