import Foundation
import SplineGeometry

extension RegionsRun {
  /// The pieces of a line: a segment through the input space, or the inputs of a network that has one.
  func runLine(_ file: SplineModel, _ spline: SplineNetwork) throws {
    let pieces = try linePieces(file, spline)
    let choice = try OutputChoice.read(
      arguments, outputs: spline.outputs, path: path, telling: console)
    let level = options.level ?? (file.model?.isPicture == true ? 0.5 : 0)
    let crossings = try naming { () throws(SplineNetworkError) in
      try pieces.crossings(of: choice, level: level)
    }
    var counts = Array(repeating: 0, count: spline.hiddenUnits.count)
    for k in pieces.breakpoints.indices {
      for layer in Set(pieces.neurons(at: k - 1).map(\.layer)) { counts[layer] += 1 }
    }
    let maps = (0..<pieces.count).map { choice.line(of: pieces.map(of: $0)) }
    let values =
      maps.enumerated().map { $1.constant + $1.slope * pieces.ends[$0] }
      + [maps[pieces.count - 1].constant + maps[pieces.count - 1].slope * pieces.ends[pieces.count]]
    let record = LineRecord(
      outputs: outputs.map(\.path), pieces: pieces.count, breakpoints: pieces.breakpoints.count,
      breakpointsPerLayer: counts, crossings: crossings, level: level, outputIndex: choice.text,
      slopeVariation: zip(maps, maps.dropFirst()).reduce(0) { $0 + abs($1.1.slope - $1.0.slope) },
      hiddenUnits: spline.hiddenUnits, range: [pieces.ends[0], pieces.ends[pieces.count]],
      segment: options.segment, seconds: secondsSoFar)
    let files = RegionFiles(
      picture: {
        LineDrawing(
          pieces: pieces, values: values, level: level, crossings: crossings,
          layerCount: spline.hiddenUnits.count, width: Double(options.size ?? 800)
        ).picture
      },
      arrays: { NamedArrays(pieces, crossings: crossings, segment: options.segment) },
      summary: try jsonText(record))
    try files.write(to: outputs)
    console.message(
      "\(outputNames): \(counted(pieces.count, "piece")), \(counted(crossings.count, "crossing")) of "
        + "the level \(shortText(level))")
    try printJSON(record)
  }

  private func linePieces(_ file: SplineModel, _ spline: SplineNetwork) throws -> LinePieces {
    guard let segment = options.segment else {
      for option in RegionOptions.ofPlanes where arguments.isGiven(option) {
        throw arguments.error(
          .notApplicable(
            option: "--\(option.specification.name)",
            reason: "the network has one coordinate, so its regions are intervals"))
      }
      let range = (options.bounds ?? file.declaredBox(inputs: 1) ?? [-1...1])
      guard range.count == 1 else {
        throw arguments.wrongValue(
          of: RegionOptions.boundsOption, expected: "2 numbers: the network has one coordinate")
      }
      return try naming { () throws(SplineNetworkError) in try spline.pieces(in: range[0]) }
    }
    try arguments.checkLength(
      of: segment, RegionOptions.segmentOption, inputs: spline.inputs)
    guard segment[0] != segment[1] else {
      throw arguments.wrongValue(
        of: RegionOptions.segmentOption, expected: "two points that differ")
    }
    return try naming { () throws(SplineNetworkError) in
      try spline.pieces(from: segment[0], to: segment[1])
    }
  }
}

extension ScalarOutput {
  /// The chosen value on a piece of a line, as a function of t.
  fileprivate func line(of map: AffineMap) -> (slope: Double, constant: Double) {
    switch self {
    case .component(let k): (map.gradients[k], map.constants[k])
    case .difference(let a, let b):
      (map.gradients[a] - map.gradients[b], map.constants[a] - map.constants[b])
    }
  }
}
