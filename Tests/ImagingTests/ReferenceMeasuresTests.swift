import Compute
import Foundation
import Imaging
import Testing

struct ReferenceMeasuresTests {
  private static let reference = Matrix(
    rows: 12, columns: 16, elements: (0..<192).map { Float(sin(Double($0) / 7)) })

  private static func scaled(_ matrix: Matrix, _ factor: Float, plus offset: Float = 0) -> Matrix {
    Matrix(
      rows: matrix.rows, columns: matrix.columns,
      elements: matrix.elements.map { factor * $0 + offset })
  }

  private static let slice = scaled(reference, 0.9, plus: 0.02)

  @Test func peakAndRangeAreThoseOfTheReference() throws {
    let measures = try #require(ReferenceMeasures(of: [Self.slice], against: [Self.reference]))
    let (low, high) = (Self.reference.elements.min() ?? 0, Self.reference.elements.max() ?? 0)
    #expect(measures.peak == Double(high) && measures.dataRange == Double(high - low))
    let squares = zip(Self.slice.elements, Self.reference.elements).map {
      pow(Double($0) - Double($1), 2)
    }
    let error = squares.reduce(0, +) / 192
    #expect(abs(measures.rmse - error.squareRoot()) < 1e-12)
    #expect(abs(measures.psnr - 10 * log10(Double(high * high) / error)) < 1e-5)
  }

  @Test(arguments: [0.5, 2, 1000])
  func theUnitOfTheSlicesDoesNotMatter(unit: Float) throws {
    let one = try #require(ReferenceMeasures(of: [Self.slice], against: [Self.reference]))
    let other = try #require(
      ReferenceMeasures(
        of: [Self.scaled(Self.slice, unit)], against: [Self.scaled(Self.reference, unit)]))
    // Values are rounded to single precision after the scaling: 2⁻²⁴ of them, and errors are a tenth.
    #expect(abs(one.psnr - other.psnr) < 1e-4)
    #expect(abs((one.ssim ?? 0) - (other.ssim ?? 1)) < 1e-5)
    #expect(abs(other.rmse - Double(unit) * one.rmse) < 1e-5 * other.rmse)
  }

  @Test func aGivenPeakIsThatOfBothMeasures() throws {
    let measures = try #require(
      ReferenceMeasures(of: [Self.slice], against: [Self.reference], peak: 1))
    let images = [Self.slice, Self.reference].map {
      Image(width: 16, height: 12, channels: 1, samples: $0.elements)
    }
    #expect(abs(measures.psnr - psnr(images[0], images[1])) < 1e-9)
    #expect(measures.ssim == ssim(images[0], images[1]))
  }

  @Test func aMaskHidesWhatLiesOutside() throws {
    var spoilt = Self.slice
    spoilt.elements[0] = 1000
    let mask = spoilt.elements.map { $0 < 1000 }
    let hidden = try #require(
      ReferenceMeasures(of: [spoilt], against: [Self.reference], mask: mask))
    let whole = try #require(ReferenceMeasures(of: [Self.slice], against: [Self.reference]))
    // One pixel of 192 in the corner, where few windows see it.
    #expect(abs(hidden.rmse - whole.rmse) < 0.01)
    #expect(abs((hidden.ssim ?? 0) - (whole.ssim ?? 1)) < 0.02)
    let open = try #require(ReferenceMeasures(of: [spoilt], against: [Self.reference]))
    #expect(open.rmse > 10)
  }

  @Test func aStackIsOneErrorAndTheMeanSimilarity() throws {
    let references = [Self.reference, Self.reference]
    let stack = try #require(
      ReferenceMeasures(of: [Self.slice, Self.reference], against: references))
    let one = try #require(ReferenceMeasures(of: [Self.slice], against: [Self.reference]))
    #expect(abs(stack.rmse * 2.0.squareRoot() - one.rmse) < 1e-12)
    #expect(abs((stack.ssim ?? 0) - ((one.ssim ?? 0) + 1) / 2) < 1e-12)
  }

  @Test func whatHasNoMeasureHasNone() throws {
    let same = try #require(ReferenceMeasures(of: [Self.reference], against: [Self.reference]))
    #expect(same.psnr == .infinity && same.rmse == 0)
    let flat = Matrix(rows: 12, columns: 16)
    #expect(ReferenceMeasures(of: [Self.slice], against: [flat]) == nil)
    #expect(ReferenceMeasures(of: [Self.slice], against: [flat], peak: 1) != nil)
    let small = Matrix(rows: 2, columns: 2, elements: [0, 1, 2, 3])
    #expect(try #require(ReferenceMeasures(of: [small], against: [small])).ssim == nil)
  }
}

struct GrayWindowTests {
  @Test func strayValuesDoNotTakeTheContrast() {
    var values = (0..<1000).map { Float($0) / 1000 }
    values[500] = 1e6
    values[501] = -1e6
    let window = GrayWindow(showing: values)
    #expect(abs(window.black - 0.005) < 0.002 && abs(window.white - 0.995) < 0.002)
  }

  @Test func fewValuesApartFromTheRestKeepTheirContrast() {
    var values = [Float](repeating: 2, count: 1000)
    values[7] = 5
    #expect(GrayWindow(showing: values) == GrayWindow(black: 2, white: 5))
    #expect(GrayWindow(showing: [3, 3]) == GrayWindow(black: 3, white: 4))
    #expect(GrayWindow(showing: []) == GrayWindow(black: 0, white: 1))
  }

  @Test func blackIs0AndWhiteIs1InSixteenBits() {
    let matrix = Matrix(rows: 1, columns: 3, elements: [-1, 0, 3])
    let image = Image(matrix, window: GrayWindow(black: -1, white: 3))
    #expect(image.samples == [0, 0.25, 1] && image.bitDepth == .sixteen && image.channels == 1)
    #expect(Image(matrix, window: GrayWindow(black: 3, white: -1)).samples == [1, 0.75, 0])
  }
}
