import Compute
import Foundation

/// A map from coordinates to features that stands in front of the first layer.
public enum Encoding: Sendable, Equatable {
  case none
  /// `x`, then `sin(2ᵏ π x)` and `cos(2ᵏ π x)` for k below `frequencies`, each for all coordinates.
  ///
  /// - Source: Mildenhall et al., NeRF, arXiv:2003.08934, equation 4.
  case positional(frequencies: Int)
  /// `sin(2π B x)`, then `cos(2π B x)`, for the rows of `B` `[features, coordinates]`.
  ///
  /// - Source: Tancik et al., arXiv:2006.10739, section 3.
  case fourier(Matrix)
  /// Features looked up in trained tables, level by level from coarse to fine.
  case grid(GridEncoding)

  public var name: String { kind.rawValue }

  public var kind: Architecture.Features.Kind {
    switch self {
    case .none: .none
    case .positional: .positional
    case .fourier: .fourier
    case .grid: .grid
    }
  }

  /// Numbers that training changes.
  public var parameterCount: Int {
    if case .grid(let grid) = self { grid.tables.count } else { 0 }
  }

  /// Fourier features whose frequencies are normal with standard deviation `scale`.
  ///
  /// - Units: `scale` in periods per unit of the coordinates.
  public static func fourier(features: Int, inputs: Int, scale: Double, seed: UInt64) -> Encoding {
    var random = SplitMix64(seed: seed, stream: 2)
    let frequencies = (0..<(features * inputs)).map { _ in Float(random.nextNormal() * scale) }
    return .fourier(Matrix(rows: features, columns: inputs, elements: frequencies))
  }

  public func featureCount(inputs: Int) -> Int {
    switch self {
    case .none: inputs
    case .positional(let frequencies): inputs * (1 + 2 * frequencies)
    case .fourier(let frequencies): 2 * frequencies.rows
    case .grid(let grid): grid.levels.count * grid.features
    }
  }

  /// The angular frequencies, one row a sine and cosine pair, one column a coordinate.
  private func angularFrequencies(inputs: Int) -> Matrix {
    switch self {
    case .none, .grid: return Matrix(rows: 0, columns: inputs)
    case .positional(let frequencies):
      var result = Matrix(rows: frequencies * inputs, columns: inputs)
      for k in 0..<frequencies {
        for i in 0..<inputs { result[k * inputs + i, i] = Float(scalbn(Double.pi, k)) }
      }
      return result
    case .fourier(let frequencies):
      return Matrix(
        rows: frequencies.rows, columns: frequencies.columns,
        elements: frequencies.elements.map { Float(2 * Double.pi * Double($0)) })
    }
  }

  /// - Parameter tables: where the tables of a grid stand in the parameters.
  func kernel(inputs: Int, tables: Int) -> EncodingKernel {
    let pairs = angularFrequencies(inputs: inputs)
    switch self {
    case .none:
      return .trigonometric(TrigonometricKernel(inputs: inputs, frequencies: pairs, groups: []))
    case .positional(let frequencies):
      return .trigonometric(
        TrigonometricKernel(
          inputs: inputs, frequencies: pairs,
          groups: (0..<frequencies).map { $0 * inputs..<($0 + 1) * inputs }))
    case .fourier(let frequencies):
      return .trigonometric(
        TrigonometricKernel(
          inputs: inputs, frequencies: pairs, groups: [0..<frequencies.rows],
          passesCoordinates: false))
    case .grid(let grid):
      return .grid(GridKernel(grid, tables: tables))
    }
  }
}

/// The loops of an encoding over a tile: rows of `width` vectors, one a coordinate or feature.
enum EncodingKernel: Sendable {
  case trigonometric(TrigonometricKernel)
  case grid(GridKernel)

  func forward(
    _ x: borrowing AlignedBuffer, _ parameters: borrowing AlignedBuffer,
    into features: inout AlignedBuffer, width: Int
  ) {
    switch self {
    case .trigonometric(let kernel): kernel.forward(x, into: &features, width: width)
    case .grid(let kernel): kernel.forward(x, parameters, into: &features, width: width)
    }
  }

  /// Turns tangents of the coordinates into tangents of the features.
  ///
  /// - Precondition: it is no grid, whose slopes jump from cell to cell.
  func pushForward(
    _ t: borrowing AlignedBuffer, features: borrowing AlignedBuffer,
    into tangents: inout AlignedBuffer, width: Int
  ) {
    guard case .trigonometric(let kernel) = self else {
      preconditionFailure("losses of slopes through a grid encoding")
    }
    kernel.pushForward(t, features: features, into: &tangents, width: width)
  }

  /// Overwrites `coordinates` by ∂L/∂x, from `g` = ∂L/∂features.
  ///
  /// - Parameter coordinates: of a grid, the points themselves before.
  func backward(
    _ g: borrowing AlignedBuffer, features: borrowing AlignedBuffer,
    _ parameters: borrowing AlignedBuffer, into coordinates: inout AlignedBuffer, width: Int
  ) {
    switch self {
    case .trigonometric(let kernel):
      kernel.backward(g, features: features, into: &coordinates, width: width)
    case .grid(let kernel): kernel.backward(g, parameters, into: &coordinates, width: width)
    }
  }
}
