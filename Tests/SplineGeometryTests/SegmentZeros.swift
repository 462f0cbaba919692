import Networks
import SplineGeometry

extension SplineNetwork {
  /// How often the first output crosses a level along a segment: a slow twin of the engine that
  /// knows no cells. Neuron by neuron, the pre-activations at the breakpoints found so far, linear
  /// between them, give more breakpoints.
  func signChanges(of level: Double, from a: SIMD3<Double>, to b: SIMD3<Double>) -> Int {
    func point(_ share: Double) -> [Double] { coordinates(a + share * (b - a), of: self) }
    var shares = [0.0, 1.0]
    for layer in hiddenUnits.indices {
      for unit in 0..<hiddenUnits[layer] {
        let values = shares.map { preactivations(at: point($0))[layer][unit] }
        var refined = [shares[0]]
        for k in 1..<shares.count {
          if values[k - 1] * values[k] < 0 {
            let share = values[k - 1] / (values[k - 1] - values[k])
            refined.append(shares[k - 1] + share * (shares[k] - shares[k - 1]))
          }
          refined.append(shares[k])
        }
        shares = refined
      }
    }
    let signs = shares.map { values(at: point($0))[0] > level }
    return zip(signs, signs.dropFirst()).count { $0 != $1 }
  }
}
