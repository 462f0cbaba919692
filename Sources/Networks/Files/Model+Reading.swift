import Compute
import Foundation

extension Model {
  /// Reads a network file of ours, or a `state_dict` that PyTorch saved.
  ///
  /// - Parameter overrides: fill in what the file does not say, and must not contradict it.
  public static func read(
    _ path: String, overrides: ModelOverrides = ModelOverrides()
  ) throws(ModelFileError) -> Model {
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.read(path) } catch {
      throw .container(error)
    }
    return try Model(file, from: path, overrides: overrides)
  }

  /// The model in the bytes of a whole file; `path` names it in errors.
  public static func decode(
    _ data: Data, from path: String, overrides: ModelOverrides = ModelOverrides()
  ) throws(ModelFileError) -> Model {
    let file: Safetensors
    do throws(SafetensorsError) { file = try Safetensors.decode(data, from: path) } catch {
      throw .container(error)
    }
    return try Model(file, from: path, overrides: overrides)
  }

  /// The model in a file that was read; `path` names it in errors.
  package init(
    _ file: Safetensors, from path: String, overrides: ModelOverrides
  ) throws(ModelFileError) {
    guard file.metadata["inr_blocks"] == nil else { throw .blocks(path: path) }
    let configuration = try ModelConfiguration.read(from: file, path: path)
    let (found, ignored) = try Self.layers(
      in: file, isOurs: configuration != nil, prefix: overrides.prefix, path: path)
    let resolver = ActivationResolver(
      path: path, layers: found, configuration: configuration, metadata: file.metadata,
      overrides: overrides)
    let (activations, source) = try resolver.activations()
    let (encoding, inputs) = try Self.encoding(
      configuration?.encoding ?? .none, features: found[0].inputs, in: file, path: path)
    let network: Network
    do throws(NetworkError) {
      let layers = zip(found, activations + [nil]).map { Layer(maps: $0.maps, activation: $1) }
      network = try Network(inputs: inputs, encoding: encoding, layers: layers)
    } catch {
      let name = activations.first.map { Networks.name(of: $0) } ?? "linear"
      throw .wrongLayers(path: path, activation: name, error)
    }
    let used = configuration == nil ? ActivationResolver.metadataKeys : []
    self.init(
      network: network, coordinates: configuration?.coordinates, axes: configuration?.axes,
      properties: configuration?.properties ?? [:],
      metadata: file.metadata.filter {
        $0.key != ModelConfiguration.metadataKey && !used.contains($0.key)
      })
    activationSource = source
    ignoredTensors = ignored.filter { $0 != Self.tensorName(of: encoding) }
  }

  /// The layers of a file in order, and the names of the tensors that are none.
  private static func layers(
    in file: Safetensors, isOurs: Bool, prefix: String?, path: String
  ) throws(ModelFileError) -> ([FoundLayer], ignored: [String]) {
    let isNamedOurWay = isOurs || file.metadata["activation"] != nil
    let ownPrefix = isNamedOurWay && file["layers.0.weight"] != nil ? "layers." : nil
    let found = try FoundLayers(in: file, prefix: prefix ?? ownPrefix, path: path)
    let names = file.tensors.map(\.summary).sorted()
    guard !found.layers.isEmpty else { throw .noLayers(path: path, tensors: names) }
    let layers = try LayerChain(path: path, tensors: names).ordered(found.layers)
    if isOurs, let gap = layers.indices.first(where: { layers[$0].name != "layers.\($0)" }) {
      throw .noChain(path: path, problem: "layers.\(gap) is missing", tensors: names)
    }
    return (layers, found.ignored)
  }

  /// The tensor that holds an encoding's numbers.
  private static func tensorName(of encoding: Encoding) -> String? {
    switch encoding {
    case .none, .positional: nil
    case .fourier: frequenciesName
    case .grid: tablesName
    }
  }

  /// The encoding, and the coordinates that give it its `features`.
  private static func encoding(
    _ kind: ModelConfiguration.EncodingKind, features: Int, in file: Safetensors, path: String
  ) throws(ModelFileError) -> (Encoding, inputs: Int) {
    switch kind {
    case .none:
      return (.none, features)
    case .positional(let frequencies):
      let (inputs, rest) = features.quotientAndRemainder(dividingBy: 1 + 2 * frequencies)
      guard rest == 0, inputs > 0 else {
        throw .badConfiguration(
          path: path,
          problem: "\(features) features are not what \(frequencies) frequencies give")
      }
      return (.positional(frequencies: frequencies), inputs)
    case .fourier:
      guard let tensor = file[frequenciesName], tensor.shape.count == 2, tensor.shape[1] > 0,
        features == 2 * tensor.shape[0], let elements = tensor.floats
      else {
        throw .badConfiguration(
          path: path,
          problem: "there is no tensor \(frequenciesName) of real numbers of shape "
            + "[\(features / 2), coordinates]")
      }
      let matrix = Matrix(rows: tensor.shape[0], columns: tensor.shape[1], elements: elements)
      return (.fourier(matrix), matrix.columns)
    case .grid(let levels, let features):
      guard let tables = file[tablesName]?.floats,
        let grid = GridEncoding(levels: levels, features: features, tables: tables)
      else {
        throw .badConfiguration(
          path: path,
          problem: "the grid encoding's levels are impossible, or do not fit the tensor "
            + "\(tablesName) of real numbers of shape [entries of all levels, features]")
      }
      return (.grid(grid), grid.inputs)
    }
  }
}

extension ModelConfiguration {
  /// The configuration in a file's metadata, if it is a file of ours.
  fileprivate static func read(
    from file: Safetensors, path: String
  ) throws(ModelFileError) -> ModelConfiguration? {
    guard let text = file.metadata[metadataKey].map({ Data($0.utf8) }) else { return nil }
    let json: JSON
    do { json = try JSONDecoder().decode(JSON.self, from: text) } catch {
      throw .badConfiguration(path: path, problem: "\"inr\": \(jsonProblem(error))")
    }
    if let key = repeatedKey(in: text) {
      throw .badConfiguration(path: path, problem: "\"inr\" has the key \"\(key)\" twice")
    }
    do throws(Problem) { return try ModelConfiguration(json) } catch {
      switch error {
      case .text(let problem): throw .badConfiguration(path: path, problem: problem)
      case .newerFormat(let found): throw .newerFormat(path: path, found: found, known: format)
      }
    }
  }
}
