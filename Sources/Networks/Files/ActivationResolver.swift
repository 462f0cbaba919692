/// Finds out the activations of a file's hidden layers.
struct ActivationResolver {
  let path: String
  /// In order, with the last, linear one.
  let layers: [FoundLayer]
  let configuration: ModelConfiguration?
  let metadata: [String: String]
  let overrides: ModelOverrides

  /// Keys of plain metadata that name an activation and its constants.
  static let metadataKeys = Set(["activation"] + ActivationTable.constantNames)

  /// What other programs call our activations.
  private static let synonyms = [
    "siren": "sine", "sin": "sine", "gaussian": "gauss", "gabor-real": "gabor",
    "real-gabor": "gabor", "leakyrelu": "leaky-relu", "silu": "soft-relu",
  ]

  private var hiddenCount: Int { layers.count - 1 }

  func activations() throws(ModelFileError) -> ([any Activation], ActivationSource) {
    let (names, source) = try names()
    var activations: [any Activation] = []
    for (k, name) in names.enumerated() {
      guard let type = ActivationTable.all.first(where: { $0.name == name }) else {
        throw .unknownActivation(name: name, path: source == .file ? path : nil)
      }
      var values: [Float] = []
      for constant in type.constants {
        let value = try value(of: constant, layer: k)
        guard constant.range?.contains(value) ?? true else {
          throw .badConfiguration(
            path: path,
            problem: "\"\(constant.name)\" of layer \(k) is \(value), which \(name) cannot have")
        }
        values.append(value)
      }
      activations.append(type.init(values))
    }
    return (activations, source)
  }

  /// The names of the hidden layers' activations.
  private func names() throws(ModelFileError) -> ([String], ActivationSource) {
    let given = overrides.activation.map(Self.ourName)
    if let names = try namesInFile() {
      if let given, let other = names.first(where: { $0 != given }) {
        throw .contradiction(path: path, what: "the activation", inFile: other, given: given)
      }
      return (names, .file)
    }
    let (name, source) = if let given { (given, ActivationSource.option) } else { try guess() }
    return (Array(repeating: name, count: hiddenCount), source)
  }

  private func namesInFile() throws(ModelFileError) -> [String]? {
    switch configuration?.activations {
    case .same(let name):
      return Array(repeating: name, count: hiddenCount)
    case .each(let names):
      guard names.count == hiddenCount else {
        throw .badConfiguration(
          path: path,
          problem: "it names \(names.count) activations for \(hiddenCount) hidden layers")
      }
      return names
    case nil:
      return metadata["activation"].map {
        Array(repeating: Self.ourName($0), count: hiddenCount)
      }
    }
  }

  /// What the layers' numbers and maps tell.
  private func guess() throws(ModelFileError) -> (String, ActivationSource) {
    let isComplex = layers.contains { $0.maps[0].field == .complex }
    let hasPairs = layers.contains { $0.maps.count == 2 }
    switch (isComplex, hasPairs) {
    case (true, true): return (ComplexGabor2D.name, .inferred)
    case (true, false): return (ComplexGabor.name, .inferred)
    case (false, true): return (RealGabor.name, .inferred)
    case (false, false):
      let constants = Set(layers.flatMap(\.constants.keys)).sorted()
      guard constants.isEmpty else { throw .activationNeeded(path: path, constants: constants) }
      return (ReLU.name, .assumed)
    }
  }

  /// The value of a constant: the file's, else the caller's, else the paper's.
  private func value(
    of constant: ActivationConstant, layer: Int
  ) throws(ModelFileError) -> Float {
    let given = overrides.constant(constant.name, layer: layer)
    guard let value = try valueInFile(of: constant.name, layer: layer) else {
      return given ?? constant.defaultValue
    }
    if let given, given != value {
      throw .contradiction(
        path: path, what: "\(constant.name) of layer \(layer)", inFile: "\(value)",
        given: "\(given)")
    }
    return value
  }

  private func valueInFile(of name: String, layer: Int) throws(ModelFileError) -> Float? {
    if let value = layers[layer].constants[name] { return value }
    if let values = configuration?.constants[name] {
      guard values.count == hiddenCount else {
        throw .badConfiguration(
          path: path,
          problem: "\"\(name)\" has \(values.count) values for \(hiddenCount) hidden layers")
      }
      return values[layer]
    }
    guard configuration == nil, let text = metadata[name] else { return nil }
    guard let value = Float(text) else {
      throw .badConfiguration(path: path, problem: "\"\(name)\" is \"\(text)\", not a number")
    }
    return value
  }

  private static func ourName(_ name: String) -> String {
    let name = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
    return synonyms[name] ?? name
  }
}
