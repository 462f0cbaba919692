import Compute

/// The loops of sines and cosines over a tile: rows of `width` vectors, one a coordinate or feature.
struct TrigonometricKernel: Sendable {
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

  /// `coordinates` is overwritten by ∂L/∂x, from `g` = ∂L/∂features.
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
