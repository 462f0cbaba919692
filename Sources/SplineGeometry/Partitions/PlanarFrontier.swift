/// A polygon to start from, on which some of the first layer's neurons are decided.
struct PlanarItem: Sendable {
  var polygon: LabelledPolygon
  /// How many.
  var decided = 0
  /// Which are on, a chunk of eight a byte.
  var bits: [UInt8]
}

/// The coarse subdivision whose polygons are shared out to the workers: by the first neurons of the
/// first layer, until there are enough. It does not depend on the number of workers.
enum PlanarFrontier {
  static let wanted = 32

  static func items(_ walk: PlanarWalk) -> [PlanarItem] {
    let (network, places, domain) = (walk.network, walk.places, walk.domain)
    let corners = domain.cell.facets[0].map { domain.cell.positions[Int($0)] }
    let whole = LabelledPolygon(
      points: corners.map { SIMD2($0.x, $0.y) }, sides: corners.indices.map { Int32(-1 - $0) },
      meetings: Array(repeating: nil, count: corners.count))
    guard network.hiddenCount > 0 else { return [PlanarItem(polygon: whole, bits: [])] }
    let first = network.layers[0]
    var items = [
      PlanarItem(polygon: whole, bits: Array(repeating: 0, count: first.biases.count))
    ]
    var stack = PolygonStack()
    for unit in 0..<first.units where items.count < wanted {
      let (chunk, lane) = unit.quotientAndRemainder(dividingBy: 8)
      if places.linearBits[chunk] >> lane & 1 == 1 {
        for k in items.indices { items[k].decide(true) }
        continue
      }
      let form = walk.forms[chunk].form(lane)
      let tolerance =
        walk.forms[chunk].slopes[lane] * domain.tolerance + first.roundings[chunk][lane]
      items = items.flatMap { item in
        parts(of: item, by: form, unit: unit, tolerance: tolerance, with: &stack)
      }
    }
    return items
  }

  private static func parts(
    of item: PlanarItem, by form: PlaneForm, unit: Int, tolerance: Double,
    with stack: inout PolygonStack
  ) -> [PlanarItem] {
    let polygon = stack.start(with: item.polygon)
    let found = stack.classify(polygon, by: form, tolerance: tolerance)
    var on = item
    if found.hasBoth, let parts = stack.split(polygon, by: Int32(unit)) {
      var off = item
      on.polygon = stack.labelled(parts.positive)
      off.polygon = stack.labelled(parts.negative)
      on.decide(true)
      off.decide(false)
      return [on, off]
    }
    stack.markTouching(Int32(unit), polygon)
    on.polygon = stack.labelled(polygon)
    on.decide(found.isMostlyPositive)
    return [on]
  }
}

extension PlanarItem {
  /// Decides the next neuron.
  fileprivate mutating func decide(_ isOn: Bool) {
    if isOn { bits[decided >> 3] |= 1 << UInt8(decided & 7) }
    decided += 1
  }
}
