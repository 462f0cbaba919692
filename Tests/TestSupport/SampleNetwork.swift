import Compute
import Networks

extension Network {
  /// The same network with entries of the size of coordinates in its tables, multiples of 2⁻¹², in
  /// place of the tiny ones that training begins with.
  fileprivate func replacingTables(seed: UInt64) -> Network {
    guard case .grid(var grid) = encoding else { return self }
    var random = SplitMix64(seed: seed, stream: 9)
    for i in grid.tables.indices {
      grid.tables[i] = (random.nextUniform(bound: 1) * 4096).rounded() / 4096
    }
    do { return try Network(inputs: inputs, encoding: .grid(grid), layers: layers) } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// Small networks of every activation, with constants at which single precision loses little.
public enum SampleNetwork {
  public static let activations = ActivationTable.names

  /// One of each kind of loop: real, real pair, complex, complex pair.
  public static let families = ["sine", "gabor", "wire", "wire2d"]

  static let constants: [String: [String: Float]] = [
    "leaky-relu": ["slope": 0.1],
    "soft-relu": ["beta": 0.75],
    "sine": ["omega0": 5],
    "finer": ["omega0": 2],
    "split-sine": ["omega0": 4],
    "gauss": ["sigma0": 1.5],
    "gabor": ["omega0": 4, "sigma0": 1.25],
    "wire": ["omega0": 4, "sigma0": 1.5],
    "wire2d": ["omega0": 4, "sigma0": 1.25],
  ]

  public static func activation(_ name: String) -> any Activation {
    guard let activation = ActivationTable.make(name, constants: constants[name] ?? [:]) else {
      preconditionFailure("there is no activation called \(name)")
    }
    return activation
  }

  public static func make(
    _ name: String, inputs: Int = 2, outputs: Int = 3, width: Int = 13, hiddenLayers: Int = 1,
    features: Architecture.Features = .init(), seed: UInt64 = 1
  ) -> Network {
    var architecture = Architecture(activation: name)
    architecture.constants = constants[name] ?? [:]
    architecture.width = width
    architecture.hiddenLayers = hiddenLayers
    architecture.features = features
    return architecture.makeNetwork(inputs: inputs, outputs: outputs, seed: seed)
      .replacingTables(seed: seed)
  }

  /// Every encoding.
  public static let features = smoothFeatures + [Architecture.Features(grid)]

  /// Every encoding whose slopes do not jump.
  public static let smoothFeatures = [
    Architecture.Features(), Architecture.Features(.positional, frequencies: 2),
    Architecture.Features(.fourier, frequencies: 5, scale: 0.7),
  ]

  /// Two lattices with an entry for each vertex, one with hashed entries.
  public static let grid = GridShape(
    levels: 3, features: 2, coarsest: 2, finest: [9, 11], entries: 64)

  /// One whose finest table has nearly all numbers, so that the threads share its steps.
  public static let largeGrid = GridShape(
    levels: 2, features: 8, coarsest: 4, finest: [200], entries: 1 << 16)
}
