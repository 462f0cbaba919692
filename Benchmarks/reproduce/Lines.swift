import Compute
import Foundation
import SplineGeometry

/// Regions along lines.
package struct Lines: Reproduction {
  package static let name = "lines"
  package static let published = """
    The number of linear regions along a line grows linearly with the neurons, whatever the depth, at \
    initialisation (theorem 3) and, but for a slight fall and rise, through training (section 3): \
    Hanin and Rolnick, "Complexity of linear regions in deep networks", arXiv:1901.09021.
    """

  var scaling = NeuronScaling()
  /// Random chords of the unit circle.
  var chordCount = 200

  package init() {}
  package var quick: Lines {
    var copy = self
    copy.scaling = scaling.quick
    copy.chordCount = 8
    return copy
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let (count, workers) = (chordCount, laboratory.workers)
    return try scaling.run(
      NeuronScaling.Quantity(
        label: "regions", subject: "regions along a line grow", exponent: 1,
        prediction: "neurons^1"
      ) { network, seed in
        var random = SplitMix64(seed: seed, stream: 1)
        func point() -> [Double] {
          let angle = 2 * Double.pi * random.nextUnit()
          return [cos(angle), sin(angle)]
        }
        let chords = try (0..<count).map { _ in try AffineSlice(through: [point(), point()]) }
        return mean(try network.pieces(of: chords, workers: workers).map { Double($0.count) })
      }, name: Self.name, in: laboratory)
  }
}
