/// What a command cannot do with the files that it was given.
enum CommandError: Error, Equatable, CustomStringConvertible {
  case notAPicture(path: String, inputs: Int, outputs: Int)
  case wrongProperty(path: String, name: String, found: Int, expected: String)
  case tooManyPixels(width: Int, height: Int)
  case memory(width: Int, height: Int, needed: Int, available: Int)
  case notFinite(path: String, value: Float, column: Int, row: Int)
  case differentShapes(String, [Int], String, [Int])
  case wrongCoordinates(path: String, found: [Int], inputs: Int)

  var description: String {
    switch self {
    case .notAPicture(let path, let inputs, let outputs):
      "\(path): found a network of \(counted(inputs, "coordinate")) and "
        + "\(counted(outputs, "value")), "
        + "expected 2 coordinates and 1 to 4 values for a picture"
    case .wrongProperty(let path, let name, let found, let expected):
      "\(path) says that the \(name) of the picture fitted is \(found); expected \(expected)"
    case .memory(let width, let height, let needed, let available):
      "\(width) x \(height) pixels need about \(needed / 1_000_000) MB, the machine has "
        + "\(available / 1_000_000) MB left; draw parts with --rectangle"
    case .notFinite(let path, let value, let column, let row):
      "\(path): the network's value in column \(column), row \(row) is "
        + "\(value.isNaN ? "nan" : "\(value)"), expected numbers; its parameters are broken"
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
    "\(shape[0]) x \(shape[1]) pixels of \(counted(shape[2], "channel"))"
  }
}
