import Imaging
import Networks
import Training

extension ImageFit {
  /// The network as trained so far, with what rendering it needs to know.
  public var model: Model {
    Model(
      network: trainer.network, coordinates: configuration.coordinates, axes: .xy,
      properties: [
        "task": .string("image"), "width": .integer(lattice.width),
        "height": .integer(lattice.height), "channels": .integer(picture.channels),
        "bit_depth": .integer(picture.bitDepth.rawValue),
      ])
  }

  /// Whether a state belongs to a network of this shape.
  public func canRestore(_ state: TrainingState) -> Bool {
    trainer.canRestore(state)
  }
}

extension ImageFit {
  /// Picture, reconstruction and error side by side; a super-resolution fit shows its averages.
  public func comparison(_ reconstruction: Image) -> Image {
    let factor = configuration.downsample
    guard factor > 1 else {
      return Image.comparison(target: picture, reconstruction: reconstruction)
    }
    return Image.comparison(
      target: picture, reconstruction: reconstruction.areaAveraged(by: factor),
      caption: "averages of the fit")
  }
}
