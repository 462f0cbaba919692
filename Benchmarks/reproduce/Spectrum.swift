import Foundation
import Imaging

/// How the power of a picture is spread over orientations and frequencies.
///
/// The power of each wave is weighted with its squared frequency: that of the picture's slopes, without
/// which the lowest frequencies would be nearly all. A Hann window keeps the picture's sides out.
struct Spectrum {
  /// Shares of the sectors of orientation.
  private(set) var shares: [Double]
  /// `(frequency in periods a side, weight)`
  private var waves: [SIMD2<Double>] = []

  static func sector(of orientation: Double, among count: Int) -> Int {
    min(Int(orientation / .pi * Double(count)), count - 1)
  }

  init(_ picture: Image, sectors: Int) {
    let side = picture.width
    shares = Array(repeating: 0, count: sectors)
    let center = mean(picture.samples.map(Double.init))
    func window(_ k: Int) -> Double { 0.5 - 0.5 * cos(2 * .pi * (Double(k) + 0.5) / Double(side)) }
    let rows = (0..<side).map { row in
      Self.transform(
        (0..<side).map { column in
          SIMD2(
            (Double(picture[row, column, 0]) - center) * window(row) * window(column), 0)
        })
    }
    for column in 0..<side {
      let values = Self.transform(rows.map { $0[column] })
      for row in 0..<side {
        let x = Double(column <= side / 2 ? column : column - side)
        let y = Double(row <= side / 2 ? row : row - side)
        let square = x * x + y * y
        guard square > 0, square.squareRoot() <= Double(side) / 2 else { continue }
        let weight = square * (values[row] * values[row]).sum()
        let angle = atan2(y, x)
        let orientation = angle < 0 ? angle + .pi : angle == .pi ? 0 : angle
        shares[Self.sector(of: orientation, among: sectors)] += weight
        waves.append(SIMD2(square.squareRoot(), weight))
      }
    }
    let sum = shares.reduce(0, +)
    shares = shares.map { $0 / sum }
  }

  /// Shares of rings of frequencies, each two wide, around some.
  func frequencyShares(_ centers: [Double]) -> [Double] {
    let sum = waves.reduce(0) { $0 + $1.y }
    return centers.map { center in
      waves.reduce(0) { $0 + (abs($1.x - center) < 1 ? $1.y : 0) } / sum
    }
  }

  /// The discrete Fourier transform by its definition, of complex numbers.
  private static func transform(_ values: [SIMD2<Double>]) -> [SIMD2<Double>] {
    let count = values.count
    let roots = (0..<count).map { k in
      let angle = -2 * Double.pi * Double(k) / Double(count)
      return SIMD2(cos(angle), sin(angle))
    }
    return (0..<count).map { k in
      var sum = SIMD2<Double>.zero
      for (n, value) in values.enumerated() {
        let root = roots[k * n % count]
        sum += SIMD2(value.x * root.x - value.y * root.y, value.x * root.y + value.y * root.x)
      }
      return sum
    }
  }
}
