/// Curves over a common axis, drawn as SVG text.
///
/// Points that an axis cannot show (NaN, infinity; zero and below on a logarithmic axis) leave gaps
/// in their curve. A chart without points shows its axes from 0 to 1 (logarithmic: 1 to 10).
public struct LineChart: Sendable {
  public enum Scale: Sendable {
    case linear, logarithmic
  }

  public struct Axis: Sendable {
    public let label: String
    public let scale: Scale

    public init(_ label: String, scale: Scale = .linear) {
      self.label = label
      self.scale = scale
    }
  }

  /// One curve; its points are joined in their order.
  public struct Series: Sendable {
    public let name: String
    public let x: [Double]
    public let y: [Double]

    public init(_ name: String, x: [Double], y: [Double]) {
      precondition(x.count == y.count, "\(name) has \(x.count) x and \(y.count) y")
      self.name = name
      self.x = x
      self.y = y
    }
  }

  public let title: String
  public let xAxis: Axis
  public let yAxis: Axis
  public let series: [Series]

  public init(title: String, xAxis: Axis, yAxis: Axis, series: [Series]) {
    self.title = title
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
  }

  /// The chart as an SVG file.
  public var svg: String { Self.svg([self]) }

  /// The charts, one above the other, as one SVG file.
  public static func svg(_ charts: [LineChart]) -> String {
    let height = ChartLayout.height * Double(charts.count)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(ChartLayout.width.svg)" \
      height="\(height.svg)" viewBox="0 0 \(ChartLayout.width.svg) \(height.svg)" \
      font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#333">
      <rect width="100%" height="100%" fill="white"/>

      """
    for (i, chart) in charts.enumerated() {
      text += "<g transform=\"translate(0 \((Double(i) * ChartLayout.height).svg))\">\n"
      text += ChartLayout(chart).drawing
      text += "</g>\n"
    }
    return text + "</svg>\n"
  }
}
