import Compute
import Meshes

/// The exact level set of a network of two coordinates.
public struct LevelContour: Sendable {
  /// A line of straight segments, one in each region that it runs through.
  public struct Polyline: Sendable, Equatable {
    /// The first point is not repeated at the end of a closed line.
    public let points: [SIMD2<Double>]
    public let isClosed: Bool

    public var segmentCount: Int { isClosed ? points.count : points.count - 1 }

    public var length: Double {
      var sum = 0.0
      for k in 0..<segmentCount {
        let d = points[(k + 1) % points.count] - points[k]
        sum += (d * d).sum().squareRoot()
      }
      return sum
    }
  }

  /// Lines that end on the domain's boundary (or where lines meet) first, then closed ones.
  public let polylines: [Polyline]
  public let report: LevelReport

  public var segmentCount: Int { polylines.reduce(0) { $0 + $1.segmentCount } }
  public var length: Double { polylines.reduce(0) { $0 + $1.length } }
}

extension SplineNetwork {
  /// Where an output has a level, inside a convex polygon.
  ///
  /// - Parameter inside: the side that lies to the left of the lines.
  public func levelContour(
    of output: ScalarOutput = .component(0), level: Double = 0, in domain: SplineDomain,
    inside: MarchingCubes.Side = .below, workers: Workers = Workers()
  ) throws(SplineNetworkError) -> LevelContour {
    guard inputs == 2, domain.dimension == 2 else {
      throw .inputCount(found: inputs, expected: 2)
    }
    let (weld, report) = try weldedLevel(of: output, level: level, in: domain, workers: workers)
    let points = weld.positions.map { SIMD2($0.x, $0.y) }
    var segments: [SIMD2<Int32>] = []
    for k in 0..<weld.faces.starts.count - 1 {
      let (a, b) = (weld.faces.corners[2 * k], weld.faces.corners[2 * k + 1])
      segments.append(inside == .below ? [b, a] : [a, b])
    }
    let chains = SegmentChains(segments, vertexCount: points.count)
    let polylines = chains.lines.map { line in
      LevelContour.Polyline(
        points: line.vertices.map { points[Int($0)] }, isClosed: line.isClosed)
    }
    return LevelContour(polylines: polylines, report: report)
  }
}

/// Directed segments joined end to end.
struct SegmentChains {
  private(set) var lines: [(vertices: [Int32], isClosed: Bool)] = []

  private let segments: [SIMD2<Int32>]
  /// The segments that start at each vertex: those of vertex v are
  /// `order[starts[v]..<starts[v + 1]]`, and those before `next[v]` are used up.
  private var order: [Int32]
  private var next: [Int]
  private let starts: [Int]

  init(_ segments: [SIMD2<Int32>], vertexCount: Int) {
    self.segments = segments
    var starts = [Int](repeating: 0, count: vertexCount + 1)
    for segment in segments { starts[Int(segment.x) + 1] += 1 }
    for vertex in 0..<vertexCount { starts[vertex + 1] += starts[vertex] }
    self.starts = starts
    next = Array(starts.dropLast())
    order = Array(repeating: 0, count: segments.count)
    for (number, segment) in segments.enumerated() {
      order[next[Int(segment.x)]] = Int32(number)
      next[Int(segment.x)] += 1
    }
    next = Array(starts.dropLast())
    joinAll(vertexCount: vertexCount)
  }

  /// First the lines from vertices where more segments start than end, then what is left.
  private mutating func joinAll(vertexCount: Int) {
    var excess = [Int](repeating: 0, count: vertexCount)
    for segment in segments {
      excess[Int(segment.x)] += 1
      excess[Int(segment.y)] -= 1
    }
    for vertex in 0..<vertexCount where excess[vertex] > 0 {
      for _ in 0..<excess[vertex] { lines.append((follow(from: Int32(vertex)), false)) }
    }
    for segment in segments {
      while next[Int(segment.x)] < starts[Int(segment.x) + 1] {
        let vertices = follow(from: segment.x)
        let isClosed = vertices.first == vertices.last
        lines.append((isClosed ? vertices.dropLast() : vertices, isClosed))
      }
    }
  }

  /// The vertices along unused segments, until there are none or the line closes.
  private mutating func follow(from start: Int32) -> [Int32] {
    var vertices = [start]
    var vertex = start
    repeat {
      guard next[Int(vertex)] < starts[Int(vertex) + 1] else { break }
      let segment = segments[Int(order[next[Int(vertex)]])]
      next[Int(vertex)] += 1
      vertex = segment.y
      vertices.append(vertex)
    } while vertex != start
    return vertices
  }
}
