import Foundation

/// A drawing of filled polygons, lines and texts, for SVG and PNG files.
///
/// - Units: lengths are pixels, and places count from the upper left corner; colours are RGB in 0...1.
public struct VectorPicture: Sendable {
  public typealias Color = SIMD3<Float>

  /// Polygons or lines, each by its points.
  public struct Paths: Sendable {
    private var points: [SIMD2<Double>] = []
    private var starts = [0]

    public init() {}

    public mutating func append(_ points: some Sequence<SIMD2<Double>>) {
      self.points.append(contentsOf: points)
      starts.append(self.points.count)
    }

    public var count: Int { starts.count - 1 }

    public subscript(path: Int) -> ArraySlice<SIMD2<Double>> {
      points[starts[path]..<starts[path + 1]]
    }
  }

  enum Shape: Sendable {
    /// Convex polygons.
    case fill(Paths, Color)
    case stroke(Paths, Color, width: Double, opacity: Double)
    /// `size`: the height of a line.
    case text(String, at: SIMD2<Double>, size: Double, Color)
  }

  public let width: Double
  public let height: Double
  /// Those behind are drawn over those before.
  private(set) var shapes: [Shape] = []

  /// A white page.
  public init(width: Double, height: Double) {
    precondition(
      width > 0 && height > 0 && width.isFinite && height.isFinite,
      "a drawing cannot have \(width) x \(height) pixels")
    self.width = width
    self.height = height
  }

  /// Fills convex polygons.
  public mutating func fill(_ polygons: Paths, with color: Color) {
    if polygons.count > 0 { shapes.append(.fill(polygons, color)) }
  }

  /// Draws lines; closed ones end where they begin.
  public mutating func stroke(
    _ lines: Paths, with color: Color, width: Double, opacity: Double = 1
  ) {
    if lines.count > 0 { shapes.append(.stroke(lines, color, width: width, opacity: opacity)) }
  }

  /// Writes a line of text whose upper left corner is at a place.
  public mutating func write(
    _ text: String, at place: SIMD2<Double>, size: Double = 16, color: Color = [0.1, 0.1, 0.1]
  ) {
    shapes.append(.text(text, at: place, size: size, color))
  }
}

// MARK: - SVG

extension VectorPicture {
  /// The bytes of an SVG file: one path for all polygons or lines of a colour, with places to a
  /// hundredth of a pixel.
  public var svg: Data {
    var svg = SVGText()
    svg.append(#"<svg xmlns="http://www.w3.org/2000/svg" width=""#)
    svg.append(hundredths: width)
    svg.append(#"" height=""#)
    svg.append(hundredths: height)
    svg.append(#"" viewBox="0 0 "#)
    svg.append(hundredths: width)
    svg.append(" ")
    svg.append(hundredths: height)
    svg.append("\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n")
    for shape in shapes { svg.append(shape) }
    svg.append("</svg>\n")
    return Data(svg.bytes)
  }
}

/// The text of an SVG file, a byte a letter.
private struct SVGText {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func append(_ shape: VectorPicture.Shape) {
    switch shape {
    case .fill(let polygons, let color):
      // Neighbours of one colour shall have no seam.
      append("<path fill=\"\(Self.text(color))\" shape-rendering=\"crispEdges\" d=\"")
      append(polygons, areClosed: true)
      append("\"/>\n")
    case .stroke(let lines, let color, let width, let opacity):
      append("<path fill=\"none\" stroke=\"\(Self.text(color))\" stroke-width=\"")
      append(hundredths: max(width, 0.01))
      if opacity < 1 {
        append("\" stroke-opacity=\"")
        append(hundredths: opacity)
      }
      append("\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"")
      append(lines, areClosed: false)
      append("\"/>\n")
    case .text(let text, let place, let size, let color):
      append("<text font-family=\"sans-serif\" fill=\"\(Self.text(color))\" font-size=\"")
      append(hundredths: 0.8 * size)
      append("\" x=\"")
      append(hundredths: place.x)
      append("\" y=\"")
      append(hundredths: place.y + 0.8 * size)
      append("\">\(Self.escaped(text))</text>\n")
    }
  }

  /// Places relative to the one before, which are short.
  private mutating func append(_ paths: VectorPicture.Paths, areClosed: Bool) {
    for path in 0..<paths.count {
      var before = SIMD2<Int>.zero
      for (k, point) in paths[path].enumerated() {
        let place = SIMD2(Int((100 * point.x).rounded()), Int((100 * point.y).rounded()))
        let step = place &- before
        if k > 0, step == .zero { continue }
        append(k == 0 ? "M" : "l")
        append(hundredths: step.x)
        if step.y >= 0 { append(" ") }
        append(hundredths: step.y)
        before = place
      }
      if areClosed { append("z") }
    }
  }

  mutating func append(hundredths value: Double) {
    append(hundredths: Int((100 * value).rounded()))
  }

  /// Without needless digits: -0.5 is "-.5".
  private mutating func append(hundredths value: Int) {
    if value < 0 { append("-") }
    let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 100)
    if whole > 0 || rest == 0 { append("\(whole)") }
    guard rest > 0 else { return }
    append(".")
    bytes.append(UInt8(48 + rest / 10))
    if rest % 10 > 0 { bytes.append(UInt8(48 + rest % 10)) }
  }

  private static func text(_ color: VectorPicture.Color) -> String {
    "#" + (0..<3).map { String(format: "%02x", Int((255 * color[$0]).rounded())) }.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;")
  }
}
