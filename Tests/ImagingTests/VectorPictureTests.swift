import Compute
import Foundation
import Imaging
import Testing

@Suite struct VectorPictureTests {
  /// A square cut by random lines into convex polygons, and the signs of a point's sides.
  private struct Cuts {
    var polygons: [(points: [SIMD2<Double>], key: Int)]
    private var lines: [SIMD3<Double>] = []

    init(size: Double, count: Int, seed: UInt64) {
      polygons = [([[0, 0], [size, 0], [size, size], [0, size]], 0)]
      var random = SplitMix64(seed: seed)
      for k in 0..<count {
        let angle = Double.random(in: 0..<2 * .pi, using: &random)
        let normal = SIMD2(cos(angle), sin(angle))
        let p = SIMD2(
          Double.random(in: 0..<size, using: &random), Double.random(in: 0..<size, using: &random))
        let line = SIMD3(normal, -(normal * p).sum())
        lines.append(line)
        polygons = polygons.flatMap { polygon in
          [(polygon.points, polygon.key | 1 << k, 1.0), (polygon.points, polygon.key, -1)].map {
            (Self.clip($0, $2 * line), $1)
          }
        }.filter { $0.0.count >= 3 }
      }
    }

    func key(_ p: SIMD2<Double>) -> Int {
      lines.enumerated().reduce(0) { $0 | (value($1.element, p) > 0 ? 1 << $1.offset : 0) }
    }

    /// The distance to the nearest line.
    func clearance(_ p: SIMD2<Double>) -> Double {
      lines.map { abs(value($0, p)) }.min() ?? 0
    }

    private func value(_ line: SIMD3<Double>, _ p: SIMD2<Double>) -> Double {
      Self.value(line, p)
    }

    private static func value(_ line: SIMD3<Double>, _ p: SIMD2<Double>) -> Double {
      (line * SIMD3(p, 1)).sum()
    }

    private static func clip(_ points: [SIMD2<Double>], _ line: SIMD3<Double>) -> [SIMD2<Double>] {
      points.indices.flatMap { k in
        let (a, b) = (points[k], points[(k + 1) % points.count])
        let (u, v) = (value(line, a), value(line, b))
        let kept = u >= 0 ? [a] : []
        return u * v < 0 ? kept + [a + u / (u - v) * (b - a)] : kept
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func polygonsThatFillASquareCoverEachPixelWithTheirColor(seed: UInt64) {
    let cuts = Cuts(size: 60, count: 8, seed: seed)
    #expect(cuts.polygons.count > 15)
    var picture = VectorPicture(width: 60, height: 60)
    for polygon in cuts.polygons {
      var paths = VectorPicture.Paths()
      paths.append(polygon.points)
      picture.fill(paths, with: [Float(polygon.key) / 256, 0.25, 0.5])
    }
    let image = picture.image
    for row in 0..<60 {
      for column in 0..<60 {
        let p = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        // No pixel stays white, and none that is clear of the cuts has another's colour.
        #expect(image[row, column, 1] == 0.25)
        guard cuts.clearance(p) > 1e-9 else { continue }
        #expect(image[row, column, 0] == Float(cuts.key(p)) / 256)
      }
    }
  }

  @Test func aLineDarkensAsMuchAsItIsWide() {
    for (width, angle) in [(1.0, 0.3), (2.5, 1.2), (4, 0), (3, 2.6)] {
      var picture = VectorPicture(width: 100, height: 100)
      let along = SIMD2(cos(angle), sin(angle))
      var line = VectorPicture.Paths()
      let middle = SIMD2<Double>(50, 50)
      line.append([middle - 30 * along, middle + 30 * along])
      picture.stroke(line, with: [0, 0, 0], width: width)
      let dark = picture.image.samples.reduce(0) { $0 + 1 - Double($1) } / 3
      // The round ends add less than a pixel's reach each.
      #expect(dark >= 60 * width * 0.98 && dark <= (60 + width + 1) * width * 1.05, "\(width)")
    }
  }

  @Test func thinLinesArePaleAndOpacityScales() {
    func darkest(width: Double, opacity: Double) -> Float {
      var picture = VectorPicture(width: 20, height: 20)
      var line = VectorPicture.Paths()
      line.append([[2, 10.5], [18, 10.5]])
      picture.stroke(line, with: [0, 0, 0], width: width, opacity: opacity)
      return picture.image.samples.min() ?? 0
    }
    #expect(darkest(width: 1, opacity: 1) == 0)
    #expect(abs(darkest(width: 0.25, opacity: 1) - 0.75) <= 1e-6)
    #expect(abs(darkest(width: 1, opacity: 0.5) - 0.5) <= 1e-6)
  }

  @Test func linesThatLeaveThePictureAreCut() {
    var picture = VectorPicture(width: 10, height: 10)
    var line = VectorPicture.Paths()
    line.append([[-1e6, -1e6], [1e6, 1e6]])
    picture.stroke(line, with: [0, 0, 0], width: 1)
    let image = picture.image
    #expect((0..<10).allSatisfy { image[$0, $0, 0] < 0.01 })
    #expect(image[0, 9, 0] == 1)
  }

  @Test func anSVGHasAPathForEachColorWithShortNumbers() {
    var picture = VectorPicture(width: 20, height: 10.5)
    var polygons = VectorPicture.Paths()
    polygons.append([[1, 2], [3.25, 2], [3.25, 1.5]])
    polygons.append([[0, 0], [0.004, 0], [10, 5]])
    picture.fill(polygons, with: [1, 0.5, 0])
    picture.write("a < b & c", at: [1, 1], size: 10)
    let text = String(decoding: picture.svg, as: UTF8.self)
    #expect(text.contains(#"width="20" height="10.5" viewBox="0 0 20 10.5""#))
    #expect(text.contains(##"fill="#ff8000""##))
    // The second point of the other polygon is at the first one's hundredth.
    #expect(text.contains(#"d="M1 2l2.25 0l0-.5zM0 0l10 5z""#))
    #expect(text.contains(">a &lt; b &amp; c</text>") && text.hasSuffix("</svg>\n"))
  }
}
