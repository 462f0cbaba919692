import Compute
import Networks
import TestSupport
import Testing

@Suite struct PixelLatticeTests {
  @Test func pixelCentresFillTheSquareAtEverySize() {
    let points = points(PixelLattice(width: 4, height: 2))
    let x: [Float] = [-0.75, -0.25, 0.25, 0.75]
    let y: [Float] = [-0.5, 0.5]
    // Row by row from the top, x first.
    #expect(points == y.flatMap { y in x.map { [$0, y] } })
  }

  @Test func endpointsReachTheEdgesAsLinspaceDoes() {
    let points = points(PixelLattice(width: 3, height: 5, coordinates: .endpoints))
    let x: [Float] = [-1, 0, 1]
    let y: [Float] = [-1, -0.5, 0, 0.5, 1]
    #expect(points == y.flatMap { y in x.map { [$0, y] } })
  }

  @Test(arguments: PixelCoordinates.allCases)
  func aSinglePixelStandsInTheMiddle(coordinates: PixelCoordinates) {
    #expect(points(PixelLattice(width: 1, height: 1, coordinates: coordinates)) == [[0, 0]])
  }

  @Test func axesExchangeTheCoordinatesAndNotTheOrderOfThePixels() {
    let xy = points(PixelLattice(width: 3, height: 2))
    let yx = points(PixelLattice(width: 3, height: 2, axes: .yx))
    #expect(yx == xy.map { [$0[1], $0[0]] })
  }

  /// Twice as many pixels: each old pixel's centre is the middle of four new ones.
  @Test func largerPicturesDoNotShift() {
    let small = points(PixelLattice(width: 3, height: 3))
    let large = points(PixelLattice(width: 6, height: 6))
    for row in 0..<3 {
      for column in 0..<3 {
        let corners = [(0, 0), (0, 1), (1, 0), (1, 1)].map { dy, dx in
          large[(2 * row + dy) * 6 + 2 * column + dx]
        }
        for d in 0..<2 {
          let mean = corners.reduce(0) { $0 + $1[d] } / 4
          #expect(abs(mean - small[row * 3 + column][d]) <= 1e-6)  // rounding of numbers up to 1
        }
      }
    }
  }

  @Test(arguments: PixelCoordinates.allCases, PictureAxes.allCases)
  func renderingARectangleIsCropping(coordinates: PixelCoordinates, axes: PictureAxes) {
    let network = SampleNetwork.make("sine", outputs: 1)
    func render(_ rectangle: PixelRectangle?) -> [Float] {
      FieldEvaluator(network).values(
        at: PixelLattice(
          width: 37, height: 23, rectangle: rectangle, coordinates: coordinates, axes: axes))
    }
    let whole = render(nil)
    let part = render(PixelRectangle(x: 5, y: 7, width: 11, height: 13))
    let cropped: [Float] = (7..<20).flatMap { row in
      let start = row * 37 + 5
      return whole[start..<start + 11]
    }
    #expect(part == cropped)
  }

  private func points(_ lattice: PixelLattice) -> [[Float]] {
    let numbers = (0..<Int32(lattice.count)).map { $0 }
    var buffer = AlignedBuffer(count: 2 * lattice.count)
    var target = buffer.mutableFloats
    lattice.copy(numbers[...], into: &target, stride: lattice.count)
    let elements = buffer.elements(0..<2 * lattice.count)
    return (0..<lattice.count).map { [elements[$0], elements[lattice.count + $0]] }
  }
}
