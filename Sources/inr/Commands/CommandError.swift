/// What a command cannot do with the files that it was given.
enum CommandError: Error, Equatable, CustomStringConvertible {
  case notAPicture(path: String, inputs: Int, outputs: Int)
  case tooManyPixels(width: Int, height: Int)
  case differentShapes(String, [Int], String, [Int])
  case wrongCoordinates(path: String, found: [Int], inputs: Int)

  var description: String {
    switch self {
    case .notAPicture(let path, let inputs, let outputs):
      "\(path): found a network of \(inputs) coordinates and \(outputs) values, "
        + "expected 2 coordinates and 1 to 4 values for a picture"
    case .tooManyPixels(let width, let height):
      "\(width) x \(height) pixels are too many for one picture; draw parts with --rectangle"
    case .differentShapes(let one, let shape, let other, let otherShape):
      "\(one) has \(size(shape)), \(other) has \(size(otherShape)); "
        + "only pictures of one size can be compared"
    case .wrongCoordinates(let path, let found, let inputs):
      "\(path): found an array of shape \(found), expected [rows, \(inputs)], "
        + "a row of coordinates for each point"
    }
  }

  private func size(_ shape: [Int]) -> String {
    "\(shape[0]) x \(shape[1]) pixels of \(shape[2]) channel\(shape[2] == 1 ? "" : "s")"
  }
}
