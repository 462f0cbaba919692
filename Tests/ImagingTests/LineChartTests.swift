import Foundation
import Imaging
import Testing

private func chart(
  _ series: [LineChart.Series], scale: LineChart.Scale = .linear
) -> LineChart {
  LineChart(
    title: "A < B & C", xAxis: .init("step"), yAxis: .init("loss", scale: scale), series: series)
}

private func line(_ y: [Double], _ name: String = "a") -> LineChart.Series {
  LineChart.Series(name, x: y.indices.map(Double.init), y: y)
}

/// The texts of an SVG file, in their order.
private func texts(_ svg: String) -> [String] {
  svg.matches(of: /<text[^>]*>([^<]*)<\/text>/).map { String($0.1) }
}

private func curves(_ svg: String) -> [String] {
  svg.matches(of: /<path d="M([^"]*)" fill="none"/).map { String($0.1) }
}

@Test func aChartIsWellFormed() throws {
  let svg = LineChart.svg([
    chart([line([1, 2, 3]), line([3, 1, 2], "b")]), chart([line([1, 10])], scale: .logarithmic),
  ])
  let parser = XMLCheck()
  #expect(parser.isWellFormed(svg))
  #expect(!parser.isWellFormed(svg + "<g>"))
  #expect(texts(svg).contains("A &lt; B &amp; C"))
}

@Test func aLegendNamesSeveralCurves() {
  let names = texts(chart([line([1, 2], "training"), line([2, 3], "held out")]).svg)
  #expect(names.contains("training") && names.contains("held out"))
  #expect(!texts(chart([line([1, 2], "training")]).svg).contains("training"))
}

@Test func aLegendThatHasNoRoomBesideTheTitleStandsBesideTheFrame() throws {
  func drawing(_ count: Int) -> (right: Double, names: [(x: Double, y: Double)], dashes: Int) {
    let svg = chart((0..<count).map { line([1, 2], "curve number \($0)") }).svg
    let edge = svg.firstMatch(of: /<rect x="76" y="44" width="([0-9.]+)"/)
    let names = svg.matches(of: /<text x="([0-9.]+)" y="([0-9.]+)">curve number/)
    return (
      76 + (edge.flatMap { Double($0.1) } ?? 0),
      names.map { (Double($0.1) ?? 0, Double($0.2) ?? 0) },
      svg.matches(of: /<path[^>]*stroke-dasharray/).count
    )
  }
  let (few, many) = (drawing(3), drawing(10))
  #expect(few.names.count == 3 && Set(few.names.map(\.y)).count == 1)
  #expect(few.names.allSatisfy { $0.x < few.right } && few.dashes == 0)
  #expect(many.names.count == 10 && Set(many.names.map(\.y)).count == 10)
  // Fifteen letters of 7 units fit between the frame and the edge of the page.
  #expect(
    many.right < few.right && many.names.allSatisfy { $0.x > many.right && $0.x + 105 <= 800 })
  // Seven colours, then dashes.
  #expect(many.dashes == 3)
}

@Test func marksAreRoundNumbers() {
  let svg = chart([line((0...40).map { Double($0) / 100 })]).svg
  #expect(
    texts(svg) == [
      "A &lt; B &amp; C", "0", "5", "10", "15", "20", "25", "30", "35", "40", "step",
      "0", "0.1", "0.2", "0.3", "0.4", "loss",
    ])
}

@Test func logarithmicMarksArePowersOfTen() {
  let svg = chart([line([1e-4, 1e-3, 0.5])], scale: .logarithmic).svg
  #expect(texts(svg).suffix(5) == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "loss"])
}

@Test func evenSpacingIsKept() throws {
  // Equal factors are equal steps of a logarithmic axis; y points down.
  let curve = try #require(curves(chart([line([1, 10, 100])], scale: .logarithmic).svg).first)
  let y = curve.split(separator: "L").compactMap { Double($0.split(separator: " ")[1]) }
  #expect(y.count == 3)
  #expect(y[0] > y[1] && abs((y[0] - y[1]) - (y[1] - y[2])) < 0.021)  // rounded to hundredths
}

@Test func valuesThatCannotBeShownLeaveGaps() {
  #expect(curves(chart([line([1, 2, .nan, 3, 4, .infinity, 5, 6])]).svg).count == 3)
  #expect(curves(chart([line([1, 2, 0, 3, 4, -1])], scale: .logarithmic).svg).count == 2)
  // A point alone is a dot.
  #expect(chart([line([1, 2, .nan, 3])]).svg.contains("<circle"))
}

@Test func longCurvesAreThinnedButKeepTheirPeaks() throws {
  var y = (0..<100_000).map { sin(Double($0) / 5000) }
  y[54_321] = 9
  let curve = try #require(curves(chart([line(y)]).svg).first)
  let corners = curve.split(separator: "L")
  #expect(corners.count < 3200)
  let highest = corners.compactMap { Double($0.split(separator: " ")[1]) }.min()
  let single = try #require(curves(chart([line([-1, 9])]).svg).first)
  #expect(
    highest
      == single.split(separator: "L").compactMap { Double($0.split(separator: " ")[1]) }
      .min())
}

@Test(arguments: [LineChart.Scale.linear, .logarithmic])
func degenerateChartsAreDrawn(scale: LineChart.Scale) {
  let all: [[Double]] = [[], [5], [5, 5, 5], [0, 0], [.nan], [1e-300, 1e300], [1, 1 + 1e-15]]
  for y in all {
    let svg = chart([line(y)], scale: scale).svg
    #expect(XMLCheck().isWellFormed(svg), "\(y)")
    #expect(!svg.contains("nan") && !svg.contains("inf"), "\(y)")
  }
  #expect(XMLCheck().isWellFormed(chart([], scale: scale).svg))
}

/// Whether every element of a text is closed in its turn.
private struct XMLCheck {
  func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    var isClean = true
    for tag in text.matches(of: /<(\/?)([a-z]+)[^<>]*?(\/?)>/) {
      if tag.1 == "/" {
        isClean = isClean && open.popLast() == tag.2
      } else if tag.3.isEmpty {
        open.append(tag.2)
      }
    }
    let rest = text.replacing(/<[^<>]*>/, with: "")
    return isClean && open.isEmpty && !rest.contains("<") && !rest.contains(">")
  }
}
