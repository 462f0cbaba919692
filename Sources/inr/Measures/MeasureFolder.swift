import Compute
import Foundation
import Imaging
import SplineGeometry

/// Where `inr measure -o` puts arrays and pictures.
final class MeasureFolder {
  private let folder: RunFolder
  private(set) var files: [String] = []
  /// Arrays to write once the measure is through.
  private var kept: [(name: String, values: [Double], shape: [Int])] = []

  init(path: String) throws { folder = try RunFolder(path: path) }

  /// Keeps a number for each point, for ``flush()``.
  func keep(_ values: [Double], as name: String) { kept.append((name, values, [values.count])) }

  func flush() throws {
    for array in kept {
      try write(NumpyArray.encoded(array.values, shape: array.shape), as: array.name)
    }
    kept = []
  }

  func write(_ data: Data, as name: String) throws {
    try AtomicFile.write(data, to: folder.file(name))
    files.append(folder.file(name))
  }

  /// An array [rows, columns], the upper row first, and a picture of it from black, its least value, to
  /// light yellow, its greatest.
  func write(_ values: [Double], asMap name: String, size: PixelSize) throws {
    try write(
      NumpyArray.encoded(values, shape: [size.height, size.width]), as: "\(name).npy")
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
    let range = greatest > least ? greatest - least : 1
    var picture = Image(width: size.width, height: size.height, channels: 3, filledWith: 0)
    for row in 0..<size.height {
      for column in 0..<size.width {
        let color = HeatColor.color(of: Float((values[row * size.width + column] - least) / range))
        for channel in 0..<3 { picture[row, column, channel] = color[channel] }
      }
    }
    try write(picture, as: "\(name).png")
  }

  private func write(_ picture: Image, as name: String) throws {
    try picture.write(to: folder.file(name))
    files.append(folder.file(name))
  }

  func writePatterns(
    _ matrix: [Int32], _ distances: PatternDistances,
    _ neighbours: [[PatternDistances.Neighbour]], workers: Workers
  ) throws {
    let count = distances.pointCount
    try write(NumpyArray.encoded(matrix, shape: [count, count]), as: "pattern-distances.npy")
    for layer in distances.layerNeurons.indices {
      try write(
        NumpyArray.encoded(
          distances.matrix(ofLayer: layer, workers: workers), shape: [count, count]),
        as: "pattern-distances-layer-\(layer).npy")
    }
    let width = neighbours.first?.count ?? 0
    try write(
      NumpyArray.encoded(
        neighbours.flatMap { $0.map { Int32($0.point) } }, shape: [count, width]),
      as: "pattern-neighbours.npy")
  }

  func writeKernel(_ kernel: NeuralTangentKernel, _ eigenvalues: [Double]) throws {
    let count = kernel.pointCount
    try write(NumpyArray.encoded(kernel.values, shape: [count, count]), as: "kernel.npy")
    try write(NumpyArray.encoded(eigenvalues, shape: [count]), as: "kernel-spectrum.npy")
    let positive = eigenvalues.enumerated().filter { $0.element > 0 }
    let chart = LineChart(
      title: "Spectrum of the neural tangent kernel",
      xAxis: LineChart.Axis("number", scale: .logarithmic),
      yAxis: LineChart.Axis("eigenvalue", scale: .logarithmic),
      series: [
        LineChart.Series(
          "\(count) points", x: positive.map { Double($0.offset + 1) }, y: positive.map(\.element))
      ])
    try write(Data(LineChart.svg([chart]).utf8), as: "kernel-spectrum.svg")
  }

  /// Latent points and where they are on the surface, before (drawn uniformly from the domain) and after
  /// (uniformly from the surface).
  func writeSurface(uniform: [ImageSurface.Sample], naive: [ImageSurface.Sample]) throws {
    for (name, samples) in [("domain", naive), ("surface", uniform)] {
      guard let first = samples.first else { continue }
      let shape = [samples.count, first.image.count]
      try write(
        NumpyArray.encoded(samples.flatMap(\.image), shape: shape), as: "samples-\(name).npy")
      try write(
        NumpyArray.encoded(
          samples.flatMap(\.latent), shape: [samples.count, first.latent.count]),
        as: "latents-\(name).npy")
    }
    guard let first = uniform.first, first.image.count >= 2 else { return }
    let picture = ScatterPicture(
      panels: [
        ("uniform in the domain", naive.map { SIMD2($0.image[0], $0.image[1]) }),
        ("uniform on the image", uniform.map { SIMD2($0.image[0], $0.image[1]) }),
      ]
    ).picture
    try write(picture.svg, as: "samples.svg")
    try write(picture.image, as: "samples.png")
  }

  /// A, b, and the rows of A as pictures, gray where they are 0.
  func writeFilters(_ map: AffineMap, size: PixelSize?) throws {
    try write(
      NumpyArray.encoded(map.gradients, shape: [map.outputs, map.inputs]), as: "A.npy")
    try write(NumpyArray.encoded(map.constants, shape: [map.outputs]), as: "b.npy")
    guard let size else { return }
    let panels = (0..<map.outputs).map { output in
      let row = map.gradient(ofOutput: output).map { Float($0) }
      let largest = row.reduce(0) { max($0, abs($1)) }
      let gray = row.map { largest > 0 ? 0.5 + 0.5 * $0 / largest : 0.5 }
      return (
        caption: "\(output)",
        image: Image(width: size.width, height: size.height, channels: 1, samples: gray)
      )
    }
    try write(Image.panels(panels), as: "filters.png")
  }
}

/// Clouds of points side by side, on the same scale.
struct ScatterPicture {
  let panels: [(caption: String, points: [SIMD2<Double>])]

  var picture: VectorPicture {
    let (side, margin, top) = (400.0, 16.0, 40.0)
    var picture = VectorPicture(
      width: margin + Double(panels.count) * (side + margin), height: top + side + margin)
    let all = panels.flatMap(\.points)
    let lower = all.reduce(all.first ?? .zero) { pointwiseMin($0, $1) }
    let upper = all.reduce(all.first ?? .zero) { pointwiseMax($0, $1) }
    let extent = max((upper - lower).max(), .leastNormalMagnitude)
    for (k, panel) in panels.enumerated() {
      let left = margin + Double(k) * (side + margin)
      picture.write(panel.caption, at: SIMD2(left, 12))
      var dots = VectorPicture.Paths()
      for point in panel.points {
        let share = (point - (lower + upper) / 2) / extent
        let center = SIMD2(left + side * (0.5 + share.x), top + side * (0.5 - share.y))
        dots.append(
          [SIMD2(-1.2, -1.2), SIMD2(1.2, -1.2), SIMD2(1.2, 1.2), SIMD2(-1.2, 1.2)].map {
            center + $0
          })
      }
      picture.fill(dots, with: SIMD3(0.08, 0.25, 0.48))
    }
    return picture
  }
}
