import Compute
import Foundation
import Networks
import Testing

/// What `inr contour` draws.
struct ContourEndToEndTests {
  @Test func aDiamondIsOneClosedLineOfFourPoints() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    let outcome = try workspace.succeed("contour model.safetensors --json")
    #expect(
      outcome.errors.hasPrefix(
        "model.svg: 1 line (1 closed), 4 segments, length 2.82843\nexact, the field is within "))
    let json = try jsonObject(outcome)
    #expect(json["output"] as? String == "model.svg" && json["segments"] as? Int == 4)
    #expect(json["lines"] as? Int == 1 && json["closed_lines"] as? Int == 1)
    #expect(json["box"] as? [Double] == [-1, 1, -1, 1])
    let levels = try #require(json["levels"] as? [[String: Any]])
    let level = try #require(levels.first)
    #expect(level["vertices"] as? Int == 4 && level["level"] as? Double == 0)
    #expect(abs((level["length"] as? Double ?? 0) - 4 * 0.5.squareRoot()) < 1e-15)
    let exact = try #require(level["exact"] as? [String: Any])
    #expect(exact["deviation_at_vertices"] as? Double == 0 && exact["loose_ends"] as? Int == 0)
    // 800 pixels a side: the tips are 200 pixels from the middle.
    let paths = try workspace.paths("model.svg")
    #expect(paths.count == 1 && paths[0].isClosed)
    #expect(Set(paths[0].points) == [[200, 400], [400, 200], [600, 400], [400, 600]])
  }

  @Test func yRunsUpwardsInADrawingUnlessToldOtherwise() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    // Of the upper half of the box the upper half of the diamond.
    for (options, tip) in [("", 200.0), ("--y up", 200), ("--y down", 200)] {
      try workspace.succeed("contour model.safetensors --bounds=-1,1,0,1 \(options)")
      let points = try workspace.paths("model.svg")[0].points
      #expect(points.contains([400, tip]), "\(options)")
      let base = options == "--y down" ? 0.0 : 400
      #expect(points.contains([200, base]) && points.contains([600, base]), "\(options)")
      let text = try workspace.text("model.svg")
      #expect(text.contains(#"width="816" height="416" viewBox="0 0 816 416""#))
    }
  }

  @Test func filesForProgramsHaveTheNetworksCoordinates() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    try workspace.succeed("contour model.safetensors --level 0,-0.25 -o lines.npy")
    let array = try NumpyArray.read(workspace.file("lines.npy"))
    #expect(array.shape == [8, 2, 2] && array.elementType == .float64)
    for segment in 0..<8 {
      let e = Array(array.elements[4 * segment..<4 * segment + 4])
      let radius: Float = segment < 4 ? 0.5 : 0.25
      #expect(abs(e[0]) + abs(e[1]) == radius && abs(e[2]) + abs(e[3]) == radius)
      // Lower values on the left: counter-clockwise around the middle.
      #expect(e[0] * e[3] - e[1] * e[2] > 0)
      // Each segment begins where the one before it ends.
      let before = segment % 4 == 0 ? segment + 3 : segment - 1
      #expect(Array(array.elements[4 * before + 2..<4 * before + 4]) == Array(e[..<2]))
    }
    try workspace.succeed("contour model.safetensors --level 0,-0.25 -o lines.obj")
    let lines = try workspace.text("lines.obj").split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("v ") } == 8)
    #expect(lines.contains("v 0.25 0 0") && lines.contains("v 0 -0.5 0"))
    #expect(lines.filter { $0.hasPrefix("g ") } == ["g level_0", "g level_-0.25"])
    #expect(lines.filter { $0.hasPrefix("l ") } == ["l 1 2 3 4 1", "l 5 6 7 8 5"])
  }

  @Test func levelsThatAreNotReachedAreSaid() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    let outcome = try workspace.succeed("contour model.safetensors --level=9,0.25,-9")
    #expect(outcome.errors.hasPrefix("not reached in the box: 9, -9\n"))
    #expect(try workspace.paths("model.svg").count == 1)
  }

  @Test func aPicturesLinesLieAsInThePicture() throws {
    let workspace = try Workspace()
    // Black on top, white at the bottom, 40 × 20 pixels: max(y + 1, 0) / 2.
    let hidden = LinearMap(weight: Matrix(rows: 1, columns: 2, elements: [0, 1]), bias: [1])
    let output = LinearMap(weight: Matrix(rows: 1, columns: 1, elements: [0.5]), bias: [0])
    let network = try Network(
      inputs: 2, layers: [Layer(hidden, activation: ReLU()), Layer(output)])
    let lines: [(PictureAxes, Set<SIMD2<Double>>)] = [
      (.xy, [[0, 100], [800, 100]]), (.yx, [[200, 0], [200, 400]]),
    ]
    for (axes, line) in lines {
      try Model(
        network: network, coordinates: .pixelCentres, axes: axes,
        properties: ["task": .string("image"), "width": .integer(40), "height": .integer(20)]
      ).write(to: workspace.file("model.safetensors"))
      let outcome = try workspace.succeed("contour model.safetensors --level 0.25 --json")
      #expect(try workspace.text("model.svg").contains(#"width="816" height="416""#))
      let points = try workspace.paths("model.svg")[0].points
      #expect(Set(points) == line)
      #expect(abs(try #require(jsonObject(outcome)["length"] as? Double) - 2) < 1e-15)
    }
    // The level of a picture is its middle gray.
    try workspace.succeed("contour model.safetensors")
    #expect(try workspace.paths("model.svg")[0].points.contains([400, 0]))
  }

  @Test(arguments: [
    WrongCall("missing", 1, "missing: there is no such file"),
    WrongCall("model.safetensors -o lines.png", 1, "lines.png", ".svg, .obj or .npy"),
    WrongCall("model.safetensors -o missing/a.svg", 1, "missing/a.svg", "no folder missing"),
    WrongCall("model.safetensors --level 7", 1, "reaches 7 nowhere", "-0.5 to 1.5", "66049 points"),
    WrongCall("model.safetensors --level 7,8", 1, "reaches 7, 8 nowhere"),
    WrongCall("model.safetensors --level 1,1", 2, "--level", "each level once"),
    WrongCall("model.safetensors --level x", 2, "--level", "a number"),
    WrongCall("model.safetensors --bounds 0,1,1,1", 2, "--bounds", "a box with an area"),
    WrongCall("model.safetensors --bounds 0,1,1", 2, "--bounds", "4 numbers"),
    WrongCall("model.safetensors --output-index 1", 2, "--output-index", "at most 0"),
    WrongCall("solid.safetensors", 1, "3 coordinates, expected 2", "inr mesh"),
    WrongCall("sine.safetensors", 1, "layer 0 has the activation sine", "relu or leaky-relu"),
    WrongCall("broken.safetensors", 1, "broken.safetensors: layer 1", "not finite"),
    WrongCall("", 2, "MODEL is missing"),
  ])
  func whatCannotBeDrawnIsSaid(call: WrongCall) throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    try workspace.writeOctahedron(to: "solid.safetensors")
    try workspace.writeDiamond(to: "broken.safetensors", constant: .nan)
    try workspace.writeDiamond(to: "sine.safetensors", activation: Sine([1]))
    try expectRefusal(
      of: ["contour"] + call.words, with: call.code, naming: call.parts, in: workspace)
  }
}

extension Workspace {
  /// The paths of a drawing.
  fileprivate func paths(_ name: String) throws -> [(points: [SIMD2<Double>], isClosed: Bool)] {
    try text(name).matches(of: /<path d="M([^"Z]*)(Z?)"/).map { match in
      let points = match.1.split(separator: "L").map { pair in
        let numbers = pair.split(separator: " ").compactMap { Double($0) }
        return SIMD2(numbers[0], numbers[1])
      }
      return (points, !match.2.isEmpty)
    }
  }
}
