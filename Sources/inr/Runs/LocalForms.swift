import Compute
import Networks

/// The neurons of a piecewise-affine network around points and along segments, eight at a time.
///
/// Around a point x the pre-activation of each neuron is an affine form, z + a · (y − x), whose zeros
/// are the hyperplane on which the neuron would switch.
package struct LocalForms: Sendable {
  typealias Lanes = SIMD8<Double>
  package static let lanes = 8

  private struct Layer: Sendable {
    let inputs: Int
    let units: Int
    let weights: [Double]
    let biases: [Double]
    /// Where a neuron is off; nil in the last layer.
    let slope: Double?
  }

  private let layers: [Layer]
  private let dimension: Int

  /// - Parameter network: of relu or leaky-relu layers without an encoding.
  package init(_ network: Network) {
    dimension = network.inputs
    layers = network.layers.map { layer in
      let map = layer.maps[0]
      return Layer(
        inputs: map.inputs, units: map.outputs, weights: map.weight.elements.map(Double.init),
        biases: map.bias.map(Double.init),
        slope: layer.activation.map { ($0 as? LeakyReLU).map { Double($0.slope) } ?? 0 })
    }
  }

  /// `W v` in each of `columns` columns, plus the biases in all of them or in the first.
  private static func apply(_ layer: Layer, to values: [Lanes], columns: Int, hasBias: Bool)
    -> [Lanes]
  {
    var result = [Lanes](repeating: .zero, count: layer.units * columns)
    var sums = result.mutableSpan
    let (weights, values) = (layer.weights.span, values.span)
    var unit = 0
    // Four sums at a time, so that none waits for itself.
    while unit + 4 <= layer.units {
      let row = unit * layer.inputs
      for column in 0..<columns {
        var (a, b, c, d) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        for i in 0..<layer.inputs {
          let value = values[i * columns + column]
          a.addProduct(value, weights[row + i])
          b.addProduct(value, weights[row + layer.inputs + i])
          c.addProduct(value, weights[row + 2 * layer.inputs + i])
          d.addProduct(value, weights[row + 3 * layer.inputs + i])
        }
        sums[unit * columns + column] = a
        sums[(unit + 1) * columns + column] = b
        sums[(unit + 2) * columns + column] = c
        sums[(unit + 3) * columns + column] = d
      }
      unit += 4
    }
    while unit < layer.units {
      for column in 0..<columns {
        var sum = Lanes.zero
        for i in 0..<layer.inputs {
          sum.addProduct(values[i * columns + column], weights[unit * layer.inputs + i])
        }
        sums[unit * columns + column] = sum
      }
      unit += 1
    }
    for unit in 0..<layer.units {
      for column in 0..<(hasBias ? columns : 1) {
        sums[unit * columns + column] += layer.biases[unit]
      }
    }
    return result
  }
}

// MARK: - Around points

extension LocalForms {
  /// What the forms of all neurons say about at most eight points.
  package struct Neighbourhood: Sendable {
    /// To the nearest boundary of a region; infinite if no neuron depends on the point.
    package let distance: Double
    /// Neurons whose hyperplane meets the neighbourhood.
    package let crossings: Int
  }

  /// The neighbourhoods of some points: all y with ‖y − x‖₁ ≤ r.
  ///
  /// The nearest hyperplane of all is a boundary: inside the region no other form changes. Where the
  /// neighbourhood leaves the region, deeper neurons are counted by the forms that they have at x.
  package func neighbourhoods(of points: ArraySlice<[Double]>, radius: Double) -> [Neighbourhood] {
    let columns = 1 + dimension
    var values = [Lanes](repeating: .zero, count: dimension * columns)
    for axis in 0..<dimension {
      for (lane, point) in points.enumerated() { values[axis * columns][lane] = point[axis] }
      values[axis * columns + 1 + axis] = Lanes(repeating: 1)
    }
    var nearest = Lanes(repeating: .infinity)
    var crossings = Lanes.zero
    for layer in layers {
      guard let slope = layer.slope else { break }
      values = Self.apply(layer, to: values, columns: columns, hasBias: false)
      for unit in 0..<layer.units {
        let z = values[unit * columns]
        let (offset, isOn) = (z.replacing(with: -z, where: z .< 0), z .> 0)
        var (square, largest) = (Lanes.zero, Lanes.zero)
        for column in 0..<columns {
          let a = values[unit * columns + column]
          values[unit * columns + column] = (a * slope).replacing(with: a, where: isOn)
          guard column > 0 else { continue }
          square.addProduct(a, a)
          largest = pointwiseMax(largest, a.replacing(with: -a, where: a .< 0))
        }
        let distance = offset / square.squareRoot()
        nearest.replace(with: distance, where: distance .< nearest)
        let doesCross = (offset .< largest * radius)
        crossings.replace(with: crossings + 1, where: doesCross)
      }
    }
    return points.indices.map { index in
      let lane = index - points.startIndex
      return Neighbourhood(distance: nearest[lane], crossings: Int(crossings[lane]))
    }
  }
}

// MARK: - Along segments

extension LocalForms {
  /// How many pieces, each with a pattern of its own, the neurons cut a segment into.
  ///
  /// Layer by layer: between two cuts all pre-activations are affine, so that the zeros of the next
  /// layer follow from their values at the cuts.
  package func pieceCount(from start: [Double], to end: [Double]) -> Int {
    // Columns of eight cuts each.
    var count = 2
    var columns = 1
    var values = (0..<dimension).map { axis in
      var lanes = Lanes(repeating: end[axis])
      lanes[0] = start[axis]
      return lanes
    }
    for layer in layers {
      guard let slope = layer.slope else { break }
      let z = Self.apply(layer, to: values, columns: columns, hasBias: true)
      let places = Self.places(of: z, units: layer.units, columns: columns, cuts: count)
      let newColumns = (places.count + Self.lanes - 1) / Self.lanes
      values = [Lanes](repeating: .zero, count: layer.units * newColumns)
      for unit in 0..<layer.units {
        func at(_ cut: Int) -> Double {
          z[unit * columns + cut / Self.lanes][cut % Self.lanes]
        }
        for (cut, place) in places.enumerated() {
          let (low, share) = (at(place.cut), place.share)
          let value = share == 0 ? low : low + share * (at(place.cut + 1) - low)
          values[unit * newColumns + cut / Self.lanes][cut % Self.lanes] =
            value > 0 ? value : slope * value
        }
      }
      (count, columns) = (places.count, newColumns)
    }
    return count - 1
  }

  /// A place on a segment: behind a cut, by a share of the way to the next one.
  private struct Place {
    let cut: Int
    let share: Double
  }

  /// The cuts so far and the zeros between them, in their order.
  private static func places(of z: [Lanes], units: Int, columns: Int, cuts: Int) -> [Place] {
    var places: [Place] = []
    for cut in 0..<cuts {
      places.append(Place(cut: cut, share: 0))
      guard cut + 1 < cuts else { break }
      var shares: [Double] = []
      for unit in 0..<units {
        let low = z[unit * columns + cut / lanes][cut % lanes]
        let high = z[unit * columns + (cut + 1) / lanes][(cut + 1) % lanes]
        if low * high < 0 { shares.append(low / (low - high)) }
      }
      places += shares.sorted().map { Place(cut: cut, share: $0) }
    }
    return places
  }
}
