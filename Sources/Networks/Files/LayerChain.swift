import Foundation

/// Puts the layers of a file in the order in which a network applies them.
///
/// Names with numbers in one place (`net.0`, `net.2`; `fc1`, `fc2`) follow one another in the order
/// of the numbers. Other names (`input`, `hidden`, `output`) say nothing about the order: they are
/// put in the only order in which each layer takes as many numbers as the one before it gives.
struct LayerChain {
  let path: String
  /// Names and shapes of all tensors, for the errors.
  let tensors: [String]

  /// More groups of unordered names have too many orders to try.
  private static let mostGroups = 8

  func ordered(_ layers: [FoundLayer]) throws(ModelFileError) -> [FoundLayer] {
    try ordered(layers, from: 0)
  }

  /// - Parameter depth: parts of the layers' paths that are alike.
  private func ordered(
    _ layers: [FoundLayer], from depth: Int
  ) throws(ModelFileError) -> [FoundLayer] {
    guard layers.count > 1 else { return layers }
    var groups: [String: [String: [FoundLayer]]] = [:]
    for layer in layers {
      // A path that ends here differs from any part.
      let part = depth < layer.path.count ? "." + layer.path[depth] : ""
      groups[stem(of: part), default: [:]][part, default: []].append(layer)
    }
    var chains: [[FoundLayer]] = []
    for stem in groups.keys.sorted() {
      let children = groups[stem, default: [:]].sorted { numericallyPrecedes($0.key, $1.key) }
      var chain: [FoundLayer] = []
      for child in children {
        let next = try ordered(child.value, from: depth + 1)
        if let last = chain.last, last.outputs != next[0].inputs { throw mismatch(last, next[0]) }
        chain += next
      }
      chains.append(chain)
    }
    return chains.count == 1 ? chains[0] : try joined(chains)
  }

  /// A name with a sign in place of each number.
  private func stem(of part: String) -> String {
    var stem = ""
    for character in part {
      if !("0"..."9" ~= character) {
        stem.append(character)
      } else if stem.last != "#" {
        stem.append("#")
      }
    }
    return stem
  }

  private func numericallyPrecedes(_ a: String, _ b: String) -> Bool {
    let order = a.compare(b, options: .numeric)
    return order == .orderedSame ? a < b : order == .orderedAscending
  }

  /// Chains whose names do not order them, in the only order that fits.
  private func joined(_ chains: [[FoundLayer]]) throws(ModelFileError) -> [FoundLayer] {
    let names = chains.map { chain in
      chain.count == 1 ? chain[0].name : "\(chain[0].name)...\(chain[chain.count - 1].name)"
    }
    var orders: [[Int]] = []
    if chains.count <= Self.mostGroups { extend([], by: chains, into: &orders) }
    guard let order = orders.first else {
      throw .noChain(
        path: path,
        problem: "no order of \(names.joined(separator: ", ")) makes the outputs of each the "
          + "inputs of the next",
        tensors: tensors)
    }
    guard orders.count == 1 else {
      throw .ambiguousChain(path: path, groups: names, tensors: tensors)
    }
    return order.flatMap { chains[$0] }
  }

  /// Finds the orders that fit, until there are two.
  private func extend(_ order: [Int], by chains: [[FoundLayer]], into orders: inout [[Int]]) {
    if order.count == chains.count { return orders.append(order) }
    for next in chains.indices where !order.contains(next) && orders.count < 2 {
      let outputs = order.last.flatMap { chains[$0].last?.outputs }
      if outputs == nil || outputs == chains[next][0].inputs {
        extend(order + [next], by: chains, into: &orders)
      }
    }
  }

  private func mismatch(_ layer: FoundLayer, _ next: FoundLayer) -> ModelFileError {
    .noChain(
      path: path,
      problem: "\(layer.name) gives \(layer.outputs) numbers and \(next.name) takes \(next.inputs)",
      tensors: tensors)
  }
}
