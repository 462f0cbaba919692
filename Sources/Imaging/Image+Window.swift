import Compute
import Foundation

/// The values of a measurement that become black and white.
public struct GrayWindow: Sendable, Equatable, Codable {
  public var black: Double
  public var white: Double

  /// - Parameter white: any other value than `black`; a smaller one makes a negative.
  public init(black: Double, white: Double) {
    precondition(black != white, "black and white cannot both be \(black)")
    self.black = black
    self.white = white
  }

  /// From the value that 0.5 % of all do not exceed to the one that 99.5 % do not, so that a few
  /// stray values do not take the contrast from the rest; from the least to the largest where these
  /// are equal.
  public init(showing values: [Float]) {
    let sorted = values.filter(\.isFinite).sorted()
    func quantile(_ share: Double) -> Double {
      sorted.isEmpty ? 0 : Double(sorted[Int((share * Double(sorted.count - 1)).rounded())])
    }
    for share in [0.005, 0] where quantile(share) < quantile(1 - share) {
      self.init(black: quantile(share), white: quantile(1 - share))
      return
    }
    // One value throughout becomes black.
    self.init(black: quantile(0), white: quantile(0) + 1)
  }
}

extension Image {
  /// A gray picture of a slice or a sinogram: one pixel an element, 16 bits, black and white as the
  /// window has them.
  public init(_ matrix: Matrix, window: GrayWindow) {
    let (black, span) = (Float(window.black), Float(window.white - window.black))
    self.init(
      width: matrix.columns, height: matrix.rows, channels: 1,
      samples: matrix.elements.map { ($0 - black) / span }, bitDepth: .sixteen)
  }
}
