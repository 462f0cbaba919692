import Compute
import Foundation
import Imaging
import Networks
import TestSupport
import Testing

/// What `inr regions` finds and writes.
struct RegionsEndToEndTests {
  @Test func aDiamondHasFourQuadrants() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    let outcome = try workspace.succeed("regions model.safetensors --json")
    #expect(outcome.errors.hasPrefix("model.svg: 4 regions, 12 edges, area 4, boundaries 4 long"))
    let json = try jsonObject(outcome)
    for (key, count) in [
      "regions": 4, "vertices": 9, "edges": 12, "level_set_segments": 4, "loose_edges": 0,
      "unresolved_cuts": 0,
    ] {
      #expect(json[key] as? Int == count, "\(key)")
    }
    #expect(json["area"] as? Double == 4 && json["boundary_length"] as? Double == 4)
    #expect(json["domain_area"] as? Double == 4 && json["complete"] as? Bool == true)
    #expect(abs((json["level_set_length"] as? Double ?? 0) - 4 * 0.5.squareRoot()) < 1e-15)
    // Both halves of |x| bend at one line, which has one edge on each side of the other.
    #expect(json["edges_per_layer"] as? [Int] == [4])
    let slope = 2.0.squareRoot()
    #expect(json["slope_range"] as? [Double] == [slope, slope])
    let text = try workspace.text("model.svg")
    #expect(text.contains("crispEdges") && text.contains("slope 1.41"))
  }

  @Test func everythingIsInTheArrays() throws {
    let workspace = try Workspace()
    let network = try workspace.writeRandom([2, 9, 8, 2], seed: 3)
    let outcome = try workspace.succeed(
      "regions model.safetensors -o all.npz,all.json --json --output-index 0-1 --bounds=-2,1,-1,2")
    let json = try jsonObject(outcome)
    let arrays = try workspace.arrays("all.npz")
    func elements(_ name: String) throws -> [Float] { try #require(arrays[name]).elements }
    let regions = try #require(json["regions"] as? Int)
    #expect(regions > 30 && arrays["A"]?.shape == [regions, 2, 2])
    #expect(arrays["vertices"]?.shape == [json["vertices"] as? Int ?? 0, 2])
    #expect(arrays["edges"]?.shape == [json["edges"] as? Int ?? 0, 2])
    #expect(arrays["patterns"]?.shape == [regions, 3] && arrays["neurons"]?.elements == [17])
    #expect(abs(try elements("area").reduce(0, +) - 9) < 1e-5)
    let (vertices, starts) = (try elements("vertices"), try elements("corner_starts").map(Int.init))
    let (corners, a, b) = (
      try elements("corners").map { Int($0) }, try elements("A"), try elements("b")
    )
    let patterns = try elements("patterns").map { UInt8($0) }
    let twin = ReferenceNetwork(network)
    for region in 0..<regions {
      let mine = corners[starts[region]..<starts[region + 1]]
      let p = mine.reduce(SIMD2<Double>.zero) {
        $0 + SIMD2(Double(vertices[2 * $1]), Double(vertices[2 * $1 + 1])) / Double(mine.count)
      }
      let values = twin.values(at: [p.x, p.y])
      for output in 0..<2 {
        let found =
          Double(a[4 * region + 2 * output]) * p.x + Double(a[4 * region + 2 * output + 1]) * p.y
          + Double(b[2 * region + output])
        // The arrays are read in single precision.
        #expect(abs(found - values[output]) <= 1e-5)
      }
      // The first layer's neurons, the first one in the highest bit.
      let map = network.layers[0].maps[0]
      for unit in 0..<9 {
        let value =
          Double(map.weight[unit, 0]) * p.x + Double(map.weight[unit, 1]) * p.y
          + Double(map.bias[unit])
        guard abs(value) > 1e-5 else { continue }
        let bit = patterns[3 * region + unit / 8] >> UInt8(7 - unit % 8) & 1
        #expect((bit == 1) == (value > 0))
      }
    }
    let object = try workspace.json("all.json")
    let summary = try #require(object["summary"] as? [String: Any])
    #expect(summary["regions"] as? Int == regions)
    #expect(Set(object.keys) == Set(arrays.keys).union(["summary"]))
    let rows = try #require(object["vertices"] as? [[Double]])
    #expect(rows.flatMap { $0 }.map { Float($0) } == vertices)
    #expect((object["A"] as? [[[Double]]])?.count == regions)
  }

  @Test func pixelsOfARegionHaveItsColor() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    try workspace.succeed("regions model.safetensors --color pattern --size 200 --level 9 -o a.png")
    let image = try Image.read(workspace.file("a.png"))
    #expect(image.width == 216 && image.height == 216)
    var colors = Set<SIMD3<Float>>()
    // Margin 8, and the axes in the middle.
    for (rows, columns) in [
      (12..<104, 12..<104), (12..<104, 112..<204), (112..<204, 12..<104), (112..<204, 112..<204),
    ] {
      let found = Set(
        rows.flatMap { row in
          columns.map { column in
            SIMD3(image[row, column, 0], image[row, column, 1], image[row, column, 2])
          }
        })
      #expect(found.count == 1)
      colors.formUnion(found)
    }
    #expect(colors.count == 4 && !colors.contains([1, 1, 1]))
  }

  @Test func planesArePartsOfSpace() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    // In the plane z = 1/4, |x| + |y| = 1/4.
    let calls = [
      "--plane 0,0,0.25;1,0,0;0,1,0", "--through 0,0,0.25;1,0,0.25;0,1,0.25",
      // In coordinates half as long.
      "--plane 0,0,0.25;2,0,0;0,2,0 --bounds=-0.5,0.5,-0.5,0.5",
    ]
    for (k, call) in calls.enumerated() {
      let json = try jsonObject(workspace.succeed("regions model.safetensors --json \(call)"))
      let scale = k == 2 ? 0.5 : 1
      #expect(json["regions"] as? Int == 4 && json["area"] as? Double == 4 * scale * scale)
      let length = try #require(json["level_set_length"] as? Double)
      #expect(abs(length - scale * 2 * 0.5.squareRoot()) < 1e-14)
      #expect((json["plane"] as? [[Double]])?[0] == [0, 0, 0.25])
    }
  }

  @Test func polygonsMayRunEitherWay() throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    for polygon in ["0,-1;1,0;0,1;-1,0", "0,-1;-1,0;0,1;1,0"] {
      let json = try jsonObject(
        workspace.succeed("regions model.safetensors --json --polygon \(polygon) -o a.svg"))
      #expect(json["regions"] as? Int == 4 && json["edges"] as? Int == 8)
      #expect(json["area"] as? Double == 2 && json["boundary_length"] as? Double == 4)
    }
  }

  @Test func layersHaveAPictureEach() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([2, 6, 6, 6, 1], seed: 1)
    let json = try jsonObject(
      workspace.succeed("regions model.safetensors --layers --json -o a.svg,a.png --size 100"))
    let counts = try #require(json["regions_per_layer"] as? [Int])
    #expect(counts.count == 3 && counts == counts.sorted() && counts[2] == json["regions"] as? Int)
    let text = try workspace.text("a.svg")
    for (layer, count) in counts.enumerated() {
      #expect(text.contains("layer \(layer + 1): \(count) regions"))
    }
    let image = try Image.read(workspace.file("a.png"))
    #expect(image.width > 3 * 200)
  }

  @Test func whatWasFoundIsWrittenWhenThereAreTooManyRegions() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([2, 9, 8, 1], seed: 3)
    let outcome = try workspace.run(
      "regions", "model.safetensors", "--max-regions", "10", "--json", "-o", "a.npz,a.svg")
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("the 10 found until then are in a.npz, a.svg"))
    let json = try jsonObject(outcome)
    #expect(json["regions"] as? Int == 10 && json["complete"] as? Bool == false)
    #expect(try workspace.arrays("a.npz")["A"]?.shape == [10, 1, 2] && workspace.exists("a.svg"))
  }

  @Test func aSegmentIsCutIntoPieces() throws {
    let workspace = try Workspace()
    try workspace.writeOctahedron()
    let json = try jsonObject(
      workspace.succeed(
        "regions model.safetensors --json --segment=-1,0.125,0.125;1,0.125,0.125 "
          + "-o a.svg,a.png,a.npz,a.json"))
    #expect(json["pieces"] as? Int == 2 && json["breakpoints_per_layer"] as? [Int] == [1])
    #expect(json["crossings"] as? [Double] == [0.375, 0.625])
    #expect(json["slope_variation"] as? Double == 4)
    let arrays = try workspace.arrays("a.npz")
    #expect(arrays["t"]?.elements == [0, 0.5, 1] && arrays["A"]?.elements == [-2, 2])
    #expect(arrays["neuron_starts"]?.elements == [0, 2])
    #expect(try workspace.text("a.svg").contains("t from 0 to 1"))
    #expect(Set(try workspace.json("a.json").keys) == Set(arrays.keys).union(["summary"]))
  }

  @Test func aNetworkOfOneCoordinateHasPieces() throws {
    let workspace = try Workspace()
    try workspace.writeRandom([1, 8, 1], seed: 2)
    let json = try jsonObject(
      workspace.succeed("regions model.safetensors --json --bounds=-3,3 -o a.npz"))
    let pieces = try #require(json["pieces"] as? Int)
    #expect((2...9).contains(pieces) && json["range"] as? [Double] == [-3, 3])
    #expect(try workspace.arrays("a.npz")["patterns"]?.shape == [pieces, 1])
  }

  @Test(arguments: [
    WrongCall("missing", 1, "missing: there is no such file"),
    WrongCall("model.safetensors -o a.svg,a.obj", 1, "a.obj", ".svg, .png, .json or .npz"),
    WrongCall("model.safetensors -o missing/a.svg", 1, "missing/a.svg", "no folder missing"),
    WrongCall("model.safetensors --bounds 1,0,0,1", 2, "--bounds", "ascending"),
    WrongCall("model.safetensors --bounds 0,1,0", 2, "--bounds", "4 numbers"),
    WrongCall("model.safetensors --bounds 0,1", 2, "--bounds", "4 numbers"),
    WrongCall("model.safetensors --polygon 0,0;1,0", 2, "--polygon", "at least 3 points"),
    WrongCall("model.safetensors --polygon 0,0;1,0;2,0", 2, "--polygon", "convex polygon"),
    WrongCall(
      "model.safetensors --polygon 0,0;2,0;0.5,0.5;0,2", 2, "--polygon", "convex polygon"),
    WrongCall(
      "model.safetensors --polygon 0,0;1,0;0,1 --bounds 0,1,0,1", 2, "--polygon", "--bounds"),
    WrongCall(
      "model.safetensors --plane 0,0,0;1,0,0;0,1,0", 2, "--plane", "vectors of 2 numbers"),
    WrongCall("solid.safetensors --plane 0,0,0;1,0,0;2,0,0", 2, "--plane", "along one line"),
    WrongCall("solid.safetensors --plane 0,0,0;1,0,0;0,0,0", 2, "--plane", "not 0"),
    WrongCall("solid.safetensors --plane 0,0,0;1,0,0", 2, "--plane", "3 vectors"),
    WrongCall("solid.safetensors --plane 0,0,0;1,0;0,1,0", 2, "--plane", "one length"),
    WrongCall("solid.safetensors --through 0,0,0;1,0,0;2,0,0", 2, "--through", "on a line"),
    WrongCall("solid.safetensors --segment 0,0;1,1", 2, "--segment", "vectors of 3 numbers"),
    WrongCall("solid.safetensors --segment 0,0,1;0,0,1", 2, "--segment", "that differ"),
    WrongCall("solid.safetensors --segment 0,0,1;0,1,0 --layers", 2, "--segment", "--layers"),
    WrongCall(
      "solid.safetensors", 1, "3 coordinates", "--plane '0,0,0;1,0,0;0,1,0'", "--segment"),
    WrongCall("line.safetensors --layers", 2, "--layers", "one coordinate"),
    WrongCall("line.safetensors --bounds 0,1,0,1", 2, "--bounds", "2 numbers"),
    WrongCall("model.safetensors --max-regions 0", 2, "--max-regions", "from 1"),
    WrongCall("model.safetensors --output-index 1", 2, "--output-index", "at most 0"),
    WrongCall(
      "sine.safetensors", 1, "layer 0 has the activation sine", "no linear regions", "inr evaluate"),
    WrongCall("broken.safetensors", 1, "broken.safetensors: layer 1", "not finite"),
    WrongCall("", 2, "MODEL is missing"),
  ])
  func whatHasNoRegionsIsSaid(call: WrongCall) throws {
    let workspace = try Workspace()
    try workspace.writeDiamond()
    try workspace.writeOctahedron(to: "solid.safetensors")
    try workspace.writeDiamond(to: "broken.safetensors", constant: .nan)
    try workspace.writeDiamond(to: "sine.safetensors", activation: Sine([1]))
    try workspace.writeRandom([1, 3, 1], seed: 1, to: "line.safetensors")
    try expectRefusal(
      of: ["regions"] + call.words, with: call.code, naming: call.parts, in: workspace)
  }
}

extension Workspace {
  /// The arrays of an `.npz` file whose files are stored as they are.
  fileprivate func arrays(_ name: String) throws -> [String: NumpyArray] {
    let data = try data(name)
    func number(_ place: Int, _ bytes: Int) -> Int {
      (0..<bytes).reduce(0) { $0 | Int(data[place + $1]) << (8 * $1) }
    }
    var arrays: [String: NumpyArray] = [:]
    var place = 0
    while number(place, 4) == 0x0403_4b50 {
      let (size, length) = (number(place + 18, 4), number(place + 26, 2))
      let start = place + 30 + length
      let file = String(decoding: data[place + 30..<start], as: UTF8.self)
      arrays[String(file.dropLast(4))] = try NumpyArray.decode(
        Data(data[start..<start + size]), from: file)
      place = start + size
    }
    return arrays
  }
}
