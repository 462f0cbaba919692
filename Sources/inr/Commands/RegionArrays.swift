import SplineGeometry

extension NamedArrays {
  /// A partition, with the lines of a level set as segments.
  init(_ partition: PlanarPartition, _ lines: [LevelContour.Polyline], slice: AffineSlice?) {
    self.init()
    let (regions, outputs) = (0..<partition.regionCount, partition.outputs)
    add(
      "domain", .doubles(partition.domain.flatMap { [$0.x, $0.y] }),
      shape: [partition.domain.count, 2])
    if let slice {
      add(
        "plane", .doubles(slice.origin + slice.directions.joined()),
        shape: [3, slice.origin.count])
    }
    add(
      "vertices", .doubles(partition.vertices.flatMap { [$0.x, $0.y] }),
      shape: [partition.vertices.count, 2])
    addEdges(of: partition)
    var starts: [Int64] = [0]
    for region in regions {
      starts.append(starts[region] + Int64(partition.corners(of: region).count))
    }
    add("corner_starts", .places(starts), shape: [starts.count])
    add(
      "corners", .integers(regions.flatMap { partition.corners(of: $0) }),
      shape: [Int(starts[regions.count])])
    add(
      "corner_edges", .integers(regions.flatMap { partition.edges(of: $0) }),
      shape: [Int(starts[regions.count])])
    let maps = regions.lazy.map { partition.map(of: $0) }
    add("A", .doubles(maps.flatMap(\.gradients)), shape: [regions.count, outputs, 2])
    add("b", .doubles(maps.flatMap(\.constants)), shape: [regions.count, outputs])
    add("area", .doubles(regions.map { partition.area(of: $0) }), shape: [regions.count])
    addPatterns(regions.lazy.map { partition.pattern(of: $0) }, count: regions.count)
    add(
      "pattern_hash", .words(regions.map { partition.patternHash(of: $0) }),
      shape: [regions.count])
    var ends: [Double] = []
    for line in lines {
      for k in 0..<line.segmentCount {
        let (a, b) = (line.points[k], line.points[(k + 1) % line.points.count])
        ends += [a.x, a.y, b.x, b.y]
      }
    }
    add("level_set", .doubles(ends), shape: [ends.count / 4, 2, 2])
  }

  private mutating func addEdges(of partition: PlanarPartition) {
    let edges = partition.edges
    let neurons = edges.map { partition.neuron(of: $0) }
    add("edges", .integers(edges.flatMap { [$0.ends.x, $0.ends.y] }), shape: [edges.count, 2])
    add(
      "edge_regions", .integers(edges.flatMap { [$0.regions.x, $0.regions.y] }),
      shape: [edges.count, 2])
    add("edge_layer", .integers(neurons.map { Int32($0?.layer ?? -1) }), shape: [edges.count])
    add("edge_unit", .integers(neurons.map { Int32($0?.unit ?? -1) }), shape: [edges.count])
  }

  /// The pieces of a line; of each breakpoint, the neurons that turn on or off there.
  init(_ pieces: LinePieces, crossings: [Double], segment: [[Double]]?) {
    self.init()
    let outputs = pieces.outputs
    if let segment {
      add("segment", .doubles(segment.flatMap { $0 }), shape: [2, segment[0].count])
    }
    add("t", .doubles(pieces.ends), shape: [pieces.ends.count])
    let neurons = (0..<pieces.breakpoints.count).map { pieces.neurons(at: $0) }
    var starts: [Int64] = [0]
    for (k, neurons) in neurons.enumerated() { starts.append(starts[k] + Int64(neurons.count)) }
    let all = neurons.flatMap { $0 }
    add("neuron_starts", .places(starts), shape: [starts.count])
    add("neuron_layer", .integers(all.map { Int32($0.layer) }), shape: [all.count])
    add("neuron_unit", .integers(all.map { Int32($0.unit) }), shape: [all.count])
    let maps = (0..<pieces.count).map { pieces.map(of: $0) }
    add("A", .doubles(maps.flatMap(\.gradients)), shape: [pieces.count, outputs])
    add("b", .doubles(maps.flatMap(\.constants)), shape: [pieces.count, outputs])
    addPatterns((0..<pieces.count).lazy.map { pieces.pattern(of: $0) }, count: pieces.count)
    add("crossings", .doubles(crossings), shape: [crossings.count])
  }

  /// `[patterns, bytes]`, the first neuron in the highest bit of the first byte, as
  /// `numpy.unpackbits` reads them.
  private mutating func addPatterns(_ patterns: some Sequence<ActivationPattern>, count: Int) {
    var bytes: [UInt8] = []
    var neuronCount = 0
    for pattern in patterns {
      neuronCount = pattern.neuronCount
      for byte in 0..<(neuronCount + 7) / 8 {
        let bits = UInt8(truncatingIfNeeded: pattern.words[byte / 8] >> UInt64(8 * (byte % 8)))
        bytes.append((0..<8).reduce(0) { $0 | (bits >> $1 & 1) << (7 - $1) })
      }
    }
    add("patterns", .bytes(bytes), shape: [count, (neuronCount + 7) / 8])
    add("neurons", .integers([Int32(neuronCount)]), shape: [])
  }
}
