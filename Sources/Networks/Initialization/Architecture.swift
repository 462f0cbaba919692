import Compute

/// The shape of a coordinate network with equal hidden layers, and how its parameters are drawn.
public struct Architecture: Sendable, Equatable, Codable {
  /// What stands in front of the first layer.
  public struct Features: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
      case none, positional, fourier, grid
    }

    public var kind: Kind
    /// Of positional: octaves; of Fourier features: sine and cosine pairs.
    public var frequencies: Int
    /// Of Fourier features: standard deviation in periods per unit of the coordinates.
    public var scale: Double
    /// Of a grid.
    public var grid: GridShape?

    public init(_ kind: Kind = .none, frequencies: Int = 0, scale: Double = 0) {
      self.kind = kind
      self.frequencies = frequencies
      self.scale = scale
    }

    public init(_ grid: GridShape) {
      self.init(.grid)
      self.grid = grid
    }

    func encoding(inputs: Int, seed: UInt64) -> Encoding {
      switch kind {
      case .none: .none
      case .positional: .positional(frequencies: frequencies)
      case .fourier: .fourier(features: frequencies, inputs: inputs, scale: scale, seed: seed)
      case .grid: grid.map { .grid($0.encoding(inputs: inputs, seed: seed)) } ?? .none
      }
    }
  }

  /// The name of an activation in ``ActivationTable``.
  public var activation: String
  /// Constants of the activation by name; those not given have their defaults.
  public var constants: [String: Float] = [:]
  /// Constants of the first layer where they differ.
  public var firstConstants: [String: Float] = [:]
  /// Units of a hidden layer; complex units for complex activations.
  public var width = 256
  /// Hidden-to-hidden layers after the first: the papers' count.
  public var hiddenLayers = 2
  public var features = Features()
  /// Factors of the initial weights, layer by layer. The last one given holds for all further
  /// hidden layers; the last, linear layer has 1 unless the list reaches it.
  public var weightGains: [Double] = []
  /// Factors of the first layer's initial weights, one a coordinate; none stands for 1. They make
  /// frequencies per pixel equal in a picture whose sides differ. Of encoded coordinates they scale
  /// the frequencies of Fourier features, and nothing else.
  public var coordinateGains: [Double] = []
  /// Bound of the first layer's initial biases, in place of the activation's own (FINER's k).
  public var firstBias: Double?

  public init(activation: String) { self.activation = activation }

  /// A network with parameters drawn as the activation's paper proposes.
  ///
  /// - Parameters:
  ///   - inputs: coordinates of a point.
  ///   - outputs: values of a point.
  public func makeNetwork(inputs: Int, outputs: Int, seed: UInt64) -> Network {
    precondition(inputs > 0 && outputs > 0 && width > 0 && hiddenLayers >= 0)
    guard let hidden = ActivationTable.make(activation, constants: constants) else {
      preconditionFailure("there is no activation called \(activation)")
    }
    let encoding = features.encoding(inputs: inputs, seed: seed).scaled(by: coordinateGains)
    var random = SplitMix64(seed: seed, stream: 1)
    var layers: [Layer] = []
    var fanIn = encoding.featureCount(inputs: inputs)
    for k in 0...hiddenLayers {
      let activation = k == 0 ? hidden.replacing(firstConstants) : hidden
      let kind = type(of: activation)
      let own = activation.initialBounds(inputs: fanIn, position: k == 0 ? .first : .hidden)
      let bounds = InitialBounds(
        weight: own.weight * gain(ofLayer: k), bias: k == 0 ? firstBias ?? own.bias : own.bias)
      let maps = (0..<kind.mapCount).map { _ in
        let map = LinearMap.random(
          inputs: fanIn, outputs: width, field: k == 0 ? .real : kind.field, bounds: bounds,
          using: &random)
        return k == 0 && features.kind == .none ? map.scalingInputs(by: coordinateGains) : map
      }
      layers.append(Layer(maps: maps, activation: activation))
      fanIn = width
    }
    let own = hidden.initialBounds(inputs: fanIn, position: .last)
    let bounds = InitialBounds(
      weight: own.weight * gain(ofLayer: hiddenLayers + 1), bias: own.bias)
    layers.append(
      Layer(
        LinearMap.random(
          inputs: fanIn, outputs: outputs, field: type(of: hidden).field, bounds: bounds,
          using: &random)))
    do {
      return try Network(inputs: inputs, encoding: encoding, layers: layers)
    } catch {
      preconditionFailure("layers built for one another do not fit: \(error)")
    }
  }

  private func gain(ofLayer k: Int) -> Double {
    if k < weightGains.count { return weightGains[k] }
    return k <= hiddenLayers ? weightGains.last ?? 1 : 1
  }
}

extension LinearMap {
  /// A real map of inputs that are first multiplied by these factors; others keep theirs.
  fileprivate func scalingInputs(by gains: [Double]) -> LinearMap {
    guard gains.contains(where: { $0 != 1 }) else { return self }
    return LinearMap(weight: weight.scalingColumns(by: gains), bias: bias)
  }

  /// A map with uniformly drawn weights and biases.
  static func random(
    inputs: Int, outputs: Int, field: Field, bounds: InitialBounds, using random: inout SplitMix64
  ) -> LinearMap {
    func weights(_ random: inout SplitMix64) -> Matrix {
      Matrix(
        rows: outputs, columns: inputs,
        elements: (0..<outputs * inputs).map { _ in random.nextUniform(bound: bounds.weight) })
    }
    func biases(_ random: inout SplitMix64) -> [Float] {
      (0..<outputs).map { _ in random.nextUniform(bound: bounds.bias) }
    }
    let (weight, bias) = (weights(&random), biases(&random))
    guard field == .complex else { return LinearMap(weight: weight, bias: bias) }
    let imaginary = ImaginaryPart(weight: weights(&random), bias: biases(&random))
    return LinearMap(weight: weight, bias: bias, imaginary: imaginary)
  }
}

extension Encoding {
  /// Fourier features of coordinates that are first multiplied by these factors.
  fileprivate func scaled(by gains: [Double]) -> Encoding {
    guard case .fourier(let frequencies) = self, gains.contains(where: { $0 != 1 }) else {
      return self
    }
    return .fourier(frequencies.scalingColumns(by: gains))
  }
}

extension Matrix {
  fileprivate func scalingColumns(by gains: [Double]) -> Matrix {
    precondition(gains.count == columns, "\(gains.count) gains for \(columns) columns")
    let scaled = elements.enumerated().map { $1 * Float(gains[$0 % columns]) }
    return Matrix(rows: rows, columns: columns, elements: scaled)
  }
}
