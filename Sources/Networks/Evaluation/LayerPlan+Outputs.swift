import Compute

/// What the last layer has in place of an activation.
extension ParameterLayout.LayerPlan {
  /// Values of the network from the last layer's products: real part and bias.
  func storeOutputs(
    _ z: borrowing AlignedBuffer, parameters: borrowing AlignedBuffer,
    into outputs: inout AlignedBuffer, width: Int
  ) {
    let (z, bias) = (z.vectors, parameters.floats.extracting(biasRange))
    var outputs = outputs.mutableVectors
    for channel in 0..<units {
      let bias = Vector(repeating: bias[channel])
      for i in channel * width..<(channel + 1) * width {
        outputs[i] = z[i] + bias
        if field == .complex { outputs[i] -= z[units * width + i] }
      }
    }
  }

  /// Takes ∂L/∂values for the last layer's ∂L/∂z; the imaginary part of a complex one is zero.
  func startBackward(
    _ g: borrowing AlignedBuffer, into z: inout AlignedBuffer, gradient: inout AlignedBuffer,
    width: Int
  ) {
    let g = g.vectors
    var z = z.mutableVectors
    var gradient = gradient.mutableFloats
    let plane = units * width
    for channel in 0..<units {
      var sum = Vector(repeating: 0)
      for i in channel * width..<(channel + 1) * width {
        z[i] = g[i]
        if field == .complex {
          z[plane + i] = Vector(repeating: 0)
          z[2 * plane + i] = g[i]
        }
        sum += g[i]
      }
      gradient[biasOffset + channel] += VectorMath.sum(sum)
    }
  }
}
