import Compute
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct GridEncodingTests {
  /// One lattice of one number, behind it nothing but a copy.
  private func field(_ cells: [Int], entries: Int? = nil, _ table: (Int) -> Float) throws -> Network
  {
    let vertices = GridEncoding.Level(cells: cells, entries: 1).vertices
    let level = GridEncoding.Level(cells: cells, entries: entries ?? vertices)
    let grid = try #require(
      GridEncoding(levels: [level], features: 1, tables: (0..<level.entries).map(table)))
    let copy = LinearMap(weight: Matrix(rows: 1, columns: 1, elements: [1]), bias: [0])
    return try Network(inputs: cells.count, encoding: .grid(grid), layers: [Layer(copy)])
  }

  private func values(_ network: Network, _ points: [Float]) -> [Float] {
    let (count, axes) = (points.count / network.inputs, network.inputs)
    return network.values(at: Matrix(rows: count, columns: axes, elements: points)).elements
  }

  /// The first axis runs fastest, and ±1 are the outermost vertices.
  @Test func aVertexHasTheValueOfItsEntry() throws {
    let network = try field([3, 2]) { Float($0) }
    let points: [Float] = [-1, -1, 1, -1, -1.0 / 3, 0, 1, 1]
    let expected: [Double] = [0, 3, 5, 11]
    #expect(relativeDeviation(values(network, points), from: expected) <= 1e-6)
  }

  /// So a lattice of linear samples is a linear function, in each number of dimensions.
  @Test(arguments: [1, 2, 3, 4])
  func linearFunctionsAreExact(axes: Int) throws {
    let cells = Array([5, 3, 4, 2].prefix(axes))
    let slopes = [1.5, -0.5, 2, 0.75]
    let network = try field(cells) { entry in
      var (rest, value) = (entry, 0.0)
      for (axis, count) in cells.enumerated() {
        value += slopes[axis] * (2 * Double(rest % (count + 1)) / Double(count) - 1)
        rest /= count + 1
      }
      return Float(value)
    }
    var random = SplitMix64(seed: 17)
    let points = Matrix.random(40, axes, using: &random)
    let expected = (0..<40).map { row in zip(points.row(row), slopes).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(relativeDeviation(network.values(at: points).elements, from: expected) <= 1e-6)
  }

  @Test func beyondTheDomainStandsItsBoundary() throws {
    let network = try field([4, 4]) { Float($0 * $0) }
    #expect(values(network, [-3, 0.3, 7, 0.3]) == values(network, [-1, 0.3, 1, 0.3]))
    let slopes = network.jacobian(at: Matrix(rows: 1, columns: 2, elements: [-3, 0.3]))
    #expect(slopes.elements[0] == 0 && slopes.elements[1] != 0)
  }

  @Test func whatIsNoNumberStaysNone() throws {
    for entries in [25, 16] {
      let network = try field([4, 4], entries: entries) { Float($0) }
      #expect(values(network, [.nan, 0.5])[0].isNaN)
    }
  }

  @Test(arguments: [1, 2, 3])
  func aGridOfSeveralAxesIsItsTwin(axes: Int) {
    let shape = GridShape(levels: 4, features: 3, coarsest: 2, finest: [13, 7, 10], entries: 32)
    let network = SampleNetwork.make("sine", inputs: axes, features: .init(shape))
    var random = SplitMix64(seed: 18)
    let points = Matrix.random(100, axes, using: &random)
    let expected = ReferenceNetwork(network).values(at: points)
    #expect(relativeDeviation(network.values(at: points).elements, from: expected) <= 1e-5)
  }

  @Test func cellsGrowByTheSameFactor() throws {
    let shape = GridShape(levels: 5, features: 2, coarsest: 8, finest: [128], entries: 1 << 10)
    let network = SampleNetwork.make("relu", features: .init(shape))
    guard case .grid(let grid) = network.encoding else {
      Issue.record("no grid")
      return
    }
    #expect(grid.levels.map(\.cells) == [8, 16, 32, 64, 128].map { [$0, $0] })
    #expect(grid.levels.map(\.entries) == [81, 289, 1024, 1024, 1024])
    #expect(grid.levels.map(\.isHashed) == [false, false, true, true, true])
    #expect(network.encoding.parameterCount == shape.parameterCount(inputs: 2))
    #expect(
      network.parameterCount
        == shape.parameterCount(inputs: 2) + network.layers.reduce(0) { $0 + $1.parameterCount })
  }

  /// As a damaged checkpoint might have them.
  @Test(arguments: [
    #""levels":-1"#, #""features":0"#, #""finest":[]"#, #""entries":15"#, #""coarsest":0"#,
    #""levels":8"#,
  ])
  func impossibleShapesAreNotDecoded(wrong: String) throws {
    var parts = [
      "levels": #""levels":8"#, "features": #""features":2"#, "coarsest": #""coarsest":8"#,
      "finest": #""finest":[64]"#, "entries": #""entries":1024"#,
    ]
    let key = try #require(wrong.split(separator: "\"").first)
    parts[String(key)] = wrong
    let json = Data("{\(parts.values.joined(separator: ","))}".utf8)
    let shape = try? JSONDecoder().decode(GridShape.self, from: json)
    #expect((shape != nil) == wrong.hasSuffix(":8"))
  }

  @Test func impossibleGridsAreNone() {
    let level = GridEncoding.Level(cells: [3, 3], entries: 16)
    #expect(
      GridEncoding(levels: [level], features: 1, tables: .init(repeating: 0, count: 16)) != nil)
    #expect(GridEncoding(levels: [level], features: 1, tables: [0]) == nil)
    #expect(GridEncoding(levels: [], features: 1, tables: []) == nil)
    #expect(GridEncoding(levels: [level], features: 0, tables: []) == nil)
    for wrong in [
      GridEncoding.Level(cells: [3, 3], entries: 15),  // no power of two
      GridEncoding.Level(cells: [3, 3], entries: 32),  // more than vertices
      GridEncoding.Level(cells: [0, 3], entries: 4),
      GridEncoding.Level(cells: [3], entries: 0),
      GridEncoding.Level(cells: [1, 1, 1, 1, 1], entries: 32),
    ] {
      let tables = [Float](repeating: 0, count: wrong.entries)
      #expect(GridEncoding(levels: [wrong], features: 1, tables: tables) == nil, "\(wrong)")
    }
  }
}
