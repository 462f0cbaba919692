import Compute
import Foundation

/// A fixed map from coordinates to features that stands in front of the first layer.
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

  public var name: String {
    switch self {
    case .none: "none"
    case .positional: "positional"
    case .fourier: "fourier"
    }
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
    }
  }

  /// The angular frequencies, one row a sine and cosine pair, one column a coordinate.
  private func angularFrequencies(inputs: Int) -> Matrix {
    switch self {
    case .none: return Matrix(rows: 0, columns: inputs)
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

  func kernel(inputs: Int) -> EncodingKernel {
    let pairs = angularFrequencies(inputs: inputs)
    switch self {
    case .none: return EncodingKernel(inputs: inputs, frequencies: pairs, groups: [])
    case .positional(let frequencies):
      return EncodingKernel(
        inputs: inputs, frequencies: pairs,
        groups: (0..<frequencies).map { $0 * inputs..<($0 + 1) * inputs })
    case .fourier(let frequencies):
      return EncodingKernel(
        inputs: inputs, frequencies: pairs, groups: [0..<frequencies.rows], passesCoordinates: false
      )
    }
  }
}

/// The loops of an encoding over a tile: rows of `width` vectors, one a coordinate or feature.
struct EncodingKernel: Sendable {
  let inputs: Int
  /// Angular frequencies `[pairs, inputs]`.
  let frequencies: Matrix
  /// Pairs whose sines stand together, followed by their cosines.
  let groups: [Range<Int>]
  var passesCoordinates = true

  private func phase(_ pair: Int, _ x: Span<Vector>, _ v: Int, width: Int) -> Vector {
    var phase = Vector(repeating: 0)
    for d in 0..<inputs {
      phase.addProduct(x[d * width + v], frequencies.elements[pair * inputs + d])
    }
    return phase
  }

  func forward(
    _ x: borrowing AlignedBuffer, into features: inout AlignedBuffer, width: Int
  ) {
    let x = x.vectors
    var features = features.mutableVectors
    var row = 0
    if passesCoordinates {
      for i in 0..<(inputs * width) { features[i] = x[i] }
      row = inputs
    }
    for group in groups {
      for pair in group {
        for v in 0..<width {
          let (sine, cosine) = VectorMath.sinAndCos(phase(pair, x, v, width: width))
          features[row * width + v] = sine
          features[(row + group.count) * width + v] = cosine
        }
        row += 1
      }
      row += group.count
    }
  }

  /// Turns tangents of the coordinates into tangents of the features.
  func pushForward(
    _ t: borrowing AlignedBuffer, features: borrowing AlignedBuffer,
    into tangents: inout AlignedBuffer, width: Int
  ) {
    let (t, features) = (t.vectors, features.vectors)
    var tangents = tangents.mutableVectors
    var row = 0
    if passesCoordinates {
      for i in 0..<(inputs * width) { tangents[i] = t[i] }
      row = inputs
    }
    for group in groups {
      for pair in group {
        let other = row + group.count
        for v in 0..<width {
          let phase = phase(pair, t, v, width: width)
          tangents[row * width + v] = phase * features[other * width + v]
          tangents[other * width + v] = -phase * features[row * width + v]
        }
        row += 1
      }
      row += group.count
    }
  }

  /// Adds nothing up: `coordinates` is overwritten by ∂L/∂x, from `g` = ∂L/∂features.
  func backward(
    _ g: borrowing AlignedBuffer, features: borrowing AlignedBuffer,
    into coordinates: inout AlignedBuffer, width: Int
  ) {
    let (g, features) = (g.vectors, features.vectors)
    var coordinates = coordinates.mutableVectors
    var row = passesCoordinates ? inputs : 0
    for i in 0..<(inputs * width) {
      coordinates[i] = passesCoordinates ? g[i] : Vector(repeating: 0)
    }
    for group in groups {
      for pair in group {
        let other = row + group.count
        for v in 0..<width {
          let slope =
            g[row * width + v] * features[other * width + v] - g[other * width + v]
            * features[row * width + v]
          for d in 0..<inputs {
            coordinates[d * width + v].addProduct(slope, frequencies.elements[pair * inputs + d])
          }
        }
        row += 1
      }
      row += group.count
    }
  }
}
