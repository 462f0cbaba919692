/// A cell to start from, on which the first neurons are decided.
struct WalkItem: Sendable {
  let cell: ConvexCell
  /// Which of the first layer's first neurons are on.
  var decided: [Bool]
}

/// The coarse subdivision whose cells are shared out to the workers: by the first neurons of the
/// first layer, until there are enough cells. It does not depend on the number of workers.
enum Frontier {
  static let wanted = 256

  static func items(_ network: PackedNetwork, _ domain: SplineDomain) -> [WalkItem] {
    var items = [WalkItem(cell: domain.cell, decided: [])]
    guard network.hiddenCount > 0 else { return items }
    let first = network.layers[0]
    var block = LaneBlock(units: first.units)
    var inputForms = InputForms(capacity: network.inputs)
    inputForms.setCoordinates(network.inputs)
    first.compose(inputForms, into: &block.forms)
    block.setTolerances(first, distance: domain.tolerance)
    var stack = CellStack(dimension: domain.dimension)
    for unit in 0..<first.units where items.count < wanted {
      if block.tolerance(unit) < 0 {
        // A linear unit, which is always on.
        for k in items.indices { items[k].decided.append(true) }
        continue
      }
      var next: [WalkItem] = []
      for item in items {
        next += parts(
          of: item, by: block.form(unit), tolerance: block.tolerance(unit), with: &stack)
      }
      items = next
    }
    return items
  }

  private static func parts(
    of item: WalkItem, by form: AffineForm, tolerance: Double, with stack: inout CellStack
  ) -> [WalkItem] {
    let cell = stack.start(with: item.cell)
    let found = stack.classify(cell, by: form, tolerance: tolerance)
    if found.hasBoth, let parts = stack.split(cell) {
      return [
        WalkItem(cell: stack.convexCell(parts.positive), decided: item.decided + [true]),
        WalkItem(cell: stack.convexCell(parts.negative), decided: item.decided + [false]),
      ]
    }
    let isOn = found.isMostlyPositive
    return [WalkItem(cell: item.cell, decided: item.decided + [isOn])]
  }
}
