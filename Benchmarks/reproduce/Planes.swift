import SplineGeometry

/// Regions of a plane.
package struct Planes: Reproduction {
  package static let name = "planes"
  package static let published = """
    The number of activation regions of a plane is about the square of the neurons by 2, whatever the \
    depth, at initialisation (theorem 5) and, but for a slight fall and rise, through training: \
    Hanin and Rolnick, "Deep ReLU networks have surprisingly few activation patterns", \
    arXiv:1906.00904.
    """

  var scaling = NeuronScaling()

  package init() {}
  package var quick: Planes {
    var copy = self
    copy.scaling = scaling.quick
    return copy
  }

  package func run(in laboratory: Laboratory) throws -> Finding {
    let workers = laboratory.workers
    return try scaling.run(
      NeuronScaling.Quantity(
        label: "regions", subject: "regions of the square [−1, 1]² grow", exponent: 2,
        prediction: "neurons^2"
      ) { network, _ in
        let square = try SplineDomain.rectangle(x: -1...1, y: -1...1)
        return Double(try network.regionSummary(in: square, workers: workers).regionCount)
      }, name: Self.name, in: laboratory)
  }
}
