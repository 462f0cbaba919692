/// A file from which no network can be read, and what to do about it.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
  case container(SafetensorsError)
  case blocks(path: String)
  case noLayers(path: String, tensors: [String])
  case unsupportedTensor(path: String, name: String, found: String, expected: String)
  case noChain(path: String, problem: String, tensors: [String])
  case ambiguousChain(path: String, groups: [String], tensors: [String])
  case badConfiguration(path: String, problem: String)
  case newerFormat(path: String, found: Int, known: Int)
  case unknownActivation(name: String, path: String?)
  case activationNeeded(path: String, constants: [String])
  case contradiction(path: String, what: String, inFile: String, given: String)
  case wrongLayers(path: String, activation: String, NetworkError)

  public var description: String {
    switch self {
    case .container(let error):
      error.description
    case .blocks(let path):
      "\(path) holds a picture in blocks, expected one network; inr render and inr info read it"
    case .noLayers(let path, let tensors):
      "\(path) holds no network: expected tensors named like net.0.weight and net.0.bias, "
        + "found \(list(tensors))"
    case .unsupportedTensor(let path, let name, let found, let expected):
      "\(path): \(name) is \(found); expected \(expected); "
        + "only linear layers and the known activations can be read"
    case .noChain(let path, let problem, let tensors):
      "\(path): the layers do not form one network: \(problem); found \(list(tensors))"
    case .ambiguousChain(let path, let groups, let tensors):
      "\(path): the layers \(list(groups)) follow one another in more than one way; "
        + "name the tensors in the order of the layers (0.weight, 1.weight, ...) "
        + "or choose some of them by the beginning of their names; found \(list(tensors))"
    case .badConfiguration(let path, let problem):
      "\(path) describes its network wrongly: \(problem); save it again"
    case .newerFormat(let path, let found, let known):
      "\(path) has version \(found) of the network format; expected at most \(known); "
        + "read it with a newer version of the program"
    case .unknownActivation(let name, let path):
      "\(path.map { "\($0): " } ?? "")there is no activation called \(name); "
        + "expected one of \(ActivationTable.names.joined(separator: ", "))"
    case .activationNeeded(let path, let constants):
      "\(path) does not name its activation, but has its \(constants.joined(separator: ", ")); "
        + "name it, for example --activation sine"
    case .contradiction(let path, let what, let inFile, let given):
      "\(path) says that \(what) is \(inFile), and \(given) was asked for; leave out the option"
    case .wrongLayers(let path, let activation, let error):
      "\(path) is no \(activation) network: \(error)"
    }
  }
}

/// Some names, and how many more there are.
private func list(_ names: [String]) -> String {
  if names.isEmpty { return "none" }
  let shown = names.prefix(12).joined(separator: ", ")
  return names.count <= 12 ? shown : "\(shown) and \(names.count - 12) more"
}
