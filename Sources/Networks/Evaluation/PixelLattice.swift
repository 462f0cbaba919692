import Compute

/// Where the outermost pixels of a picture lie in [−1, 1].
public enum PixelCoordinates: String, Sendable, Equatable, CaseIterable, Codable {
  /// Pixel i of n at (2i + 1)/n − 1: the picture fills [−1, 1], whatever its size.
  case pixelCentres = "pixel-centres"
  /// Pixel i of n at 2i/(n − 1) − 1, as the papers' linspace(−1, 1, n).
  case endpoints

  /// The coordinate of a (fractional) pixel position among `count`.
  func coordinate(of position: Double, among count: Int) -> Float {
    switch self {
    case .pixelCentres: Float((2 * position + 1) / Double(count) - 1)
    case .endpoints: count == 1 ? 0 : Float(2 * position / Double(count - 1) - 1)
    }
  }
}

/// The order in which a network takes the two coordinates of a picture.
public enum PictureAxes: String, Sendable, Equatable, CaseIterable {
  /// First along a row (x, to the right), then along a column (y, downwards).
  case xy
  /// First along a column (y, downwards), then along a row (x, to the right).
  case yx
}

/// A rectangle inside a picture, in pixels.
public struct PixelRectangle: Sendable, Equatable {
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// The pixels of a picture, row by row from the top, as points in [−1, 1]².
public struct PixelLattice: CoordinateSource, Equatable {
  public let width: Int
  public let height: Int
  private let columns: [Float]
  private let rows: [Float]
  private let axes: PictureAxes

  /// - Parameters:
  ///   - rectangle: the part of a `width` × `height` picture that the lattice covers; by default all.
  public init(
    width: Int, height: Int, rectangle: PixelRectangle? = nil,
    coordinates: PixelCoordinates = .pixelCentres, axes: PictureAxes = .xy
  ) {
    let part = rectangle ?? PixelRectangle(x: 0, y: 0, width: width, height: height)
    precondition(
      part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0
        && part.x + part.width <= width && part.y + part.height <= height,
      "the rectangle \(part) is not inside a \(width)×\(height) picture")
    self.width = part.width
    self.height = part.height
    self.axes = axes
    columns = (part.x..<part.x + part.width).map {
      coordinates.coordinate(of: Double($0), among: width)
    }
    rows = (part.y..<part.y + part.height).map {
      coordinates.coordinate(of: Double($0), among: height)
    }
  }

  public var count: Int { width * height }
  public var dimensions: Int { 2 }

  public func copy(
    _ rows: ArraySlice<Int32>, into target: inout MutableSpan<Float>, stride: Int
  ) {
    let (xOffset, yOffset) = axes == .xy ? (0, stride) : (stride, 0)
    for (i, pixel) in rows.enumerated() {
      let (row, column) = Int(pixel).quotientAndRemainder(dividingBy: width)
      target[xOffset + i] = columns[column]
      target[yOffset + i] = self.rows[row]
    }
  }
}
