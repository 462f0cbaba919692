import Compute

/// A number that shapes an activation: the frequency of a sine, the width of a Gaussian.
public struct ActivationConstant: Sendable, Equatable {
  /// As it is called in model files and, with `--` before it, on the command line.
  public let name: String
  /// The value of the paper's code.
  public let defaultValue: Float
  /// The values that it may have; nil where any positive number will do.
  public let range: Range<Float>?

  public init(_ name: String, default defaultValue: Float, in range: Range<Float>? = nil) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
  }
}

/// The numbers that a layer computes with.
public enum Field: Sendable, Equatable {
  case real, complex

  /// Planes that hold one matrix of the field in the engine: a complex one stands as its real
  /// part, its imaginary part, and their sum (`Documentation/Math/complex-products.md`).
  package var planeCount: Int { self == .real ? 1 : 3 }
}

/// Where a layer stands, which decides its initialisation.
public enum LayerPosition: Sendable, Equatable {
  case first, hidden, last
}

/// Parameters are drawn uniformly from −bound to bound (complex ones in both parts).
public struct InitialBounds: Sendable, Equatable {
  public let weight: Double
  public let bias: Double

  public init(weight: Double, bias: Double) {
    self.weight = weight
    self.bias = bias
  }

  /// What PyTorch's `nn.Linear` does: 1/√inputs for both.
  public static func linear(inputs: Int) -> InitialBounds {
    let bound = 1 / Double(max(inputs, 1)).squareRoot()
    return InitialBounds(weight: bound, bias: bound)
  }
}

/// What a pass through the network is for.
public enum PassPurpose: Sendable, Equatable {
  /// Values only.
  case values
  /// Values, and whatever the backward pass needs kept.
  case gradient
}

/// The part of a tile that an activation works on: `units` rows of `width` vectors each.
public struct TileShape: Sendable, Equatable {
  public let units: Int
  public let width: Int

  public init(units: Int, width: Int) {
    self.units = units
    self.width = width
  }

  var vectorCount: Int { units * width }
}

/// A pointwise nonlinearity between two linear maps.
///
/// To add one, adopt ``RealActivation``, ``RealPairActivation``, ``ComplexActivation`` or
/// ``ComplexPairActivation`` (they write the loops) and enter it in ``ActivationTable``.
///
/// The engine keeps *pre-activations* `z = W x + b` and *values* `h = φ(z)` as rows of vectors, one
/// row a unit, sixteen samples a vector; see `Documentation/Math/tile-engine.md` for the planes.
public protocol Activation: Sendable {
  /// As it is called in model files and on the command line.
  static var name: String { get }
  static var constants: [ActivationConstant] { get }
  /// Whether the values, and with them the next layer's weights, are complex.
  static var field: Field { get }
  /// Linear maps of the same input that the activation combines: 1 or 2.
  static var mapCount: Int { get }

  /// - Parameter values: in the order of ``constants``.
  init(_ values: [Float])
  /// In the order of ``constants``.
  var values: [Float] { get }

  /// The initialisation that the activation's paper proposes.
  func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds

  /// The same function with its true derivative, where training uses another one (FINER).
  var withTrueDerivative: Self { get }

  /// Computes values from pre-activations.
  ///
  /// - Parameters:
  ///   - z: in: the planes of `W x` without the bias; out: what ``backward`` wants to find.
  ///   - field: of the pre-activations; real in the first layer of a complex network.
  ///   - bias: one number a row of a real `z`; real parts, then imaginary parts of a complex one.
  ///   - h: out: the planes of the values.
  func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, shape: TileShape, purpose: PassPurpose)

  /// Whether single-precision pre-activations of the first layer are too coarse for good values.
  static var wantsRemainders: Bool { get }

  /// Computes values from the first layer's real pre-activations to twice single precision.
  ///
  /// - Parameters:
  ///   - z: `W x` with the bias, rounded.
  ///   - remainder: what rounding took from `z`.
  func forward(
    _ z: Span<Vector>, remainder: Span<Vector>, into h: inout MutableSpan<Vector>,
    shape: TileShape)

  /// Turns the loss's gradient with respect to the values into the one for the pre-activations.
  ///
  /// - Parameters:
  ///   - g: ∂L/∂h; complex: the three products whose combination it is.
  ///   - z: in: what ``forward`` left; out: the planes of ∂L/∂z.
  ///   - biasGradient: ∂L/∂z summed over the tile is added to it.
  /// - Returns: what ``constantGradients(scale:envelope:)`` wants to know of the tile.
  func backward(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: inout MutableSpan<Vector>, field: Field,
    biasGradient: inout MutableSpan<Float>, shape: TileShape
  ) -> Float

  // MARK: Losses of slopes

  // What a `TangentPass` needs beside the above, for losses of a field's slopes ∇f; it takes true
  // derivatives only. Derivation and names: `Documentation/Math/eikonal.md`.

  /// Rows of a unit that the three functions below hand on to one another as notes.
  static var noteCount: Int { get }

  /// ``forward(_:field:bias:into:shape:purpose:)`` for gradients, with notes.
  func forward(
    _ z: inout MutableSpan<Vector>, field: Field, bias: Span<Float>,
    into h: inout MutableSpan<Vector>, notes: inout MutableSpan<Vector>, shape: TileShape)

  /// Turns the field's gradient with respect to the values into the one for the pre-activations.
  ///
  /// - Parameters:
  ///   - g: ∂f/∂h; complex: the three products whose combination it is.
  ///   - z: what ``forward`` left.
  ///   - u: out: the planes of ∂f/∂z.
  func pullBack(
    _ g: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into u: inout MutableSpan<Vector>, field: Field,
    shape: TileShape)

  /// Turns tangents of the pre-activations into tangents of the values.
  ///
  /// - Parameters:
  ///   - t: the tangents of `z`; complex: the three products whose combination they are.
  ///   - notes: out: ∂(v · ∇f)/∂z in a row a unit and map, real parts, then imaginary ones.
  ///   - tangents: out: the planes of the values' tangents.
  /// - Returns: what the tangents add to the envelope that ``backward`` returns.
  func pushForward(
    _ t: Span<Vector>, values h: Span<Vector>, _ z: Span<Vector>,
    notes: inout MutableSpan<Vector>, into tangents: inout MutableSpan<Vector>, field: Field,
    shape: TileShape
  ) -> Float

  // MARK: Constants

  /// Whether ``constantGradients(scale:envelope:)`` also holds for losses of slopes.
  static var trainsConstantsOnSlopes: Bool { get }

  /// The loss's gradient with respect to the constants.
  ///
  /// - Parameters:
  ///   - scale: for each map `Σ z · ∂L/∂z` over all samples and units, which equals
  ///     `⟨W, ∂L/∂W⟩ + ⟨b, ∂L/∂b⟩` (`Documentation/Math/trained-constants.md`).
  ///   - envelope: the sum of what ``backward`` returned.
  func constantGradients(scale: [Float], envelope: Float) -> [Float]
}

extension Activation {
  public var withTrueDerivative: Self { self }

  public static var wantsRemainders: Bool { false }

  public static var trainsConstantsOnSlopes: Bool { true }

  public func forward(
    _ z: Span<Vector>, remainder: Span<Vector>, into h: inout MutableSpan<Vector>,
    shape: TileShape
  ) {
    preconditionFailure("\(Self.name) does not want remainders")
  }

  public func initialBounds(inputs: Int, position: LayerPosition) -> InitialBounds {
    .linear(inputs: inputs)
  }

  /// The value of the constant called `name`, if the activation has it.
  public func value(of name: String) -> Float? {
    Self.constants.firstIndex { $0.name == name }.map { values[$0] }
  }

  /// The same activation with other constants; names that it does not have are ignored.
  public func replacing(_ constants: [String: Float]) -> Self {
    Self(zip(Self.constants, values).map { constants[$0.name] ?? $1 })
  }
}
