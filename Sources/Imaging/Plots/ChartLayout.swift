/// One chart on its part of the page: frame, marks, curves, legend.
struct ChartLayout {
  static let width = 800.0
  static let height = 320.0
  /// Colours that colour-blind readers can tell apart, dark enough for thin lines on white.
  private static let colors = [
    "#0b6bb0", "#d1570b", "#1b8a5a", "#b0388f", "#7a6a00", "#5a4fcf", "#444444",
  ]

  private let chart: LineChart
  private let xMarks: AxisMarks
  private let yMarks: AxisMarks
  private let frame: (left: Double, right: Double, top: Double, bottom: Double)
  /// Whether the legend has no room beside the title.
  private let legendIsBeside: Bool

  init(_ chart: LineChart) {
    self.chart = chart
    xMarks = AxisMarks(showing: chart.series.flatMap(\.x), scale: chart.xAxis.scale)
    yMarks = AxisMarks(showing: chart.series.flatMap(\.y), scale: chart.yAxis.scale, margin: 0.05)
    let names = chart.series.map { Self.width(of: $0.name) }
    // The title's letters are a quarter larger, and bold.
    let heading = names.reduce(1.35 * Self.width(of: chart.title)) { $0 + $1 + 44 }
    legendIsBeside = names.count > 1 && heading > 768 - 76
    frame = (76, legendIsBeside ? 756 - (names.max() ?? 0) : 768, 44, 268)
  }

  /// The elements of the chart, without an `<svg>` around them.
  var drawing: String {
    var text = heading
    text += marksOfX + marksOfY
    for (i, series) in chart.series.enumerated() {
      text += curve(
        series, color: Self.colors[i % Self.colors.count], dashes: Self.dashes(i))
    }
    return text + """
      <rect x="\(frame.left.svg)" y="\(frame.top.svg)" width="\((frame.right - frame.left).svg)" \
      height="\((frame.bottom - frame.top).svg)" fill="none" stroke="#888"/>

      """
  }

  /// The title on the left; the legend on its right, or beside the frame. One curve needs none.
  private var heading: String {
    let text = """
      <text x="\(frame.left.svg)" y="\((frame.top - 14).svg)" font-size="15" font-weight="bold">\
      \(chart.title.xmlEscaped)</text>

      """
    if chart.series.count < 2 { return text }
    if legendIsBeside {
      return text
        + chart.series.indices.map {
          legend($0, left: frame.right + 36, baseline: frame.top + 12 + 17 * Double($0))
        }.joined()
    }
    var right = frame.right
    return text
      + chart.series.indices.reversed().map { i in
        let left = right - Self.width(of: chart.series[i].name)
        right = left - 44
        return legend(i, left: left, baseline: frame.top - 14)
      }.joined()
  }

  private func legend(_ i: Int, left: Double, baseline: Double) -> String {
    """
    <line x1="\((left - 26).svg)" x2="\((left - 6).svg)" y1="\((baseline - 4).svg)" \
    y2="\((baseline - 4).svg)" stroke="\(Self.colors[i % Self.colors.count])" \
    stroke-width="2.5"\(Self.dashes(i))/>
    <text x="\(left.svg)" y="\(baseline.svg)">\(chart.series[i].name.xmlEscaped)</text>

    """
  }

  /// No font is at hand to measure with: 7 units a letter is generous at size 12.
  private static func width(of name: String) -> Double { Double(name.count) * 7 }

  /// Curves beyond the number of colours are dashed.
  private static func dashes(_ i: Int) -> String {
    i < colors.count ? "" : " stroke-dasharray=\"7 4\""
  }

  private var marksOfX: String {
    var text = ""
    for mark in xMarks.marks {
      guard let x = x(mark.value) else { continue }
      text += """
        <path d="M\(x.svg) \(frame.bottom.svg)V\(frame.top.svg)" stroke="#e4e4e4"/>
        <text x="\(x.svg)" y="\((frame.bottom + 18).svg)" text-anchor="middle">\(mark.label.typographic)</text>

        """
    }
    return text + """
      <text x="\(((frame.left + frame.right) / 2).svg)" y="\((frame.bottom + 38).svg)" \
      text-anchor="middle">\(chart.xAxis.label.xmlEscaped)</text>

      """
  }

  private var marksOfY: String {
    var text = ""
    for mark in yMarks.marks {
      guard let y = y(mark.value) else { continue }
      text += """
        <path d="M\(frame.left.svg) \(y.svg)H\(frame.right.svg)" stroke="#e4e4e4"/>
        <text x="\((frame.left - 8).svg)" y="\((y + 4).svg)" text-anchor="end">\(mark.label.typographic)</text>

        """
    }
    let middle = ((frame.top + frame.bottom) / 2).svg
    return text + """
      <text transform="translate(20 \(middle)) rotate(-90)" text-anchor="middle">\
      \(chart.yAxis.label.xmlEscaped)</text>

      """
  }

  private func curve(_ series: LineChart.Series, color: String, dashes: String) -> String {
    var text = ""
    for run in runs(of: series) {
      let corners = thinned(run).map { "\($0.x.svg) \($0.y.svg)" }
      if corners.count == 1 {
        text += """
          <circle cx="\(run[0].x.svg)" cy="\(run[0].y.svg)" r="3" fill="\(color)"/>

          """
      } else {
        text += """
          <path d="M\(corners.joined(separator: "L"))" fill="none" stroke="\(color)" \
          stroke-width="1.8" stroke-linejoin="round"\(dashes)/>

          """
      }
    }
    return text
  }

  /// The parts of the curve between its gaps, in units of the page.
  private func runs(of series: LineChart.Series) -> [[SIMD2<Double>]] {
    var runs: [[SIMD2<Double>]] = [[]]
    for (valueX, valueY) in zip(series.x, series.y) {
      if let x = x(valueX), let y = y(valueY) {
        runs[runs.count - 1].append(SIMD2(x, y))
      } else if !runs[runs.count - 1].isEmpty {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  /// The curve with at most four points for each unit of the page: where many neighbours share a
  /// unit, their first, highest, lowest and last, which look the same.
  private func thinned(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
    var result: [SIMD2<Double>] = []
    var start = 0
    while start < points.count {
      var end = start + 1
      while end < points.count, Int(points[end].x) == Int(points[start].x) { end += 1 }
      let group = start..<end
      let lowest = group.min { points[$0].y < points[$1].y } ?? start
      let highest = group.max { points[$0].y < points[$1].y } ?? start
      for i in Set([start, lowest, highest, end - 1]).sorted() { result.append(points[i]) }
      start = end
    }
    return result
  }

  private func x(_ value: Double) -> Double? {
    xMarks.share(of: value).map { frame.left + $0 * (frame.right - frame.left) }
  }

  private func y(_ value: Double) -> Double? {
    yMarks.share(of: value).map { frame.bottom - $0 * (frame.bottom - frame.top) }
  }
}

extension String {
  /// With a minus sign in place of each hyphen.
  fileprivate var typographic: String { replacing("-", with: "−") }

  fileprivate var xmlEscaped: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

extension Double {
  /// The number to a hundredth, as short as that goes.
  var svg: String {
    let rounded = (self * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
