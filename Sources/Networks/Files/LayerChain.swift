import Foundation

/// Something with a path in the names of a file's tensors that makes numbers of numbers.
package protocol ChainLink {
  var path: [String] { get }
  var inputs: Int { get }
  var outputs: Int { get }
}

extension ChainLink {
  package var name: String { path.joined(separator: ".") }
}

/// Puts the layers of a file in the order in which a network applies them.
///
/// Names with numbers in one place (`net.0`, `net.2`; `fc1`, `fc2`) follow one another in the order
/// of the numbers. Other names (`input`, `hidden`, `output`) say nothing about the order: they are
/// put in the only order in which each layer takes as many numbers as the one before it gives.
package struct LayerChain {
  let path: String
  /// Names and shapes of all tensors, for the errors.
  let tensors: [String]
  let joints: Joints

  /// What a layer may get.
  package enum Joints {
    /// What the layer before it gives.
    case outputs
    /// That, or that and the network's inputs.
    case outputsAndInputs
  }

  package init(path: String, tensors: [String], joints: Joints = .outputs) {
    self.path = path
    self.tensors = tensors
    self.joints = joints
  }

  package func ordered<Link: ChainLink>(_ layers: [Link]) throws(ModelFileError) -> [Link] {
    let layers = try ordered(layers, from: 0)
    for (layer, next) in zip(layers, layers.dropFirst()) {
      guard fits(layer.outputs, next.inputs, networkInputs: layers[0].inputs) else {
        throw mismatch(layer, next)
      }
    }
    return layers
  }

  /// - Parameter networkInputs: `nil` while it is not known which layer comes first.
  private func fits(_ outputs: Int, _ inputs: Int, networkInputs: Int?) -> Bool {
    if outputs == inputs { return true }
    guard joints == .outputsAndInputs else { return false }
    return networkInputs.map { inputs == outputs + $0 } ?? (inputs > outputs)
  }

  /// More groups of unordered names have too many orders to try.
  private var mostGroups: Int { 8 }

  /// - Parameter depth: parts of the layers' paths that are alike.
  private func ordered<Link: ChainLink>(
    _ layers: [Link], from depth: Int
  ) throws(ModelFileError) -> [Link] {
    guard layers.count > 1 else { return layers }
    var groups: [String: [String: [Link]]] = [:]
    for layer in layers {
      // A path that ends here differs from any part.
      let part = depth < layer.path.count ? "." + layer.path[depth] : ""
      groups[stem(of: part), default: [:]][part, default: []].append(layer)
    }
    var chains: [[Link]] = []
    for stem in groups.keys.sorted() {
      let children = groups[stem, default: [:]].sorted { numericallyPrecedes($0.key, $1.key) }
      var chain: [Link] = []
      for child in children {
        let next = try ordered(child.value, from: depth + 1)
        if let last = chain.last, !fits(last.outputs, next[0].inputs, networkInputs: nil) {
          throw mismatch(last, next[0])
        }
        chain += next
      }
      chains.append(chain)
    }
    return chains.count == 1 ? chains[0] : try joined(chains, areWhole: depth == 0)
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
  ///
  /// - Parameter areWhole: whether they are the whole network.
  private func joined<Link: ChainLink>(
    _ chains: [[Link]], areWhole: Bool
  ) throws(ModelFileError) -> [Link] {
    let names = chains.map { chain in
      chain.count == 1 ? chain[0].name : "\(chain[0].name)...\(chain[chain.count - 1].name)"
    }
    var orders: [[Int]] = []
    if chains.count <= mostGroups {
      extend([], by: chains, areWhole: areWhole, into: &orders)
    }
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
  private func extend<Link: ChainLink>(
    _ order: [Int], by chains: [[Link]], areWhole: Bool, into orders: inout [[Int]]
  ) {
    if order.count == chains.count { return orders.append(order) }
    for next in chains.indices where !order.contains(next) && orders.count < 2 {
      let outputs = order.last.flatMap { chains[$0].last?.outputs }
      let networkInputs = areWhole ? order.first.map { chains[$0][0].inputs } : nil
      if outputs.map({ fits($0, chains[next][0].inputs, networkInputs: networkInputs) }) ?? true {
        extend(order + [next], by: chains, areWhole: areWhole, into: &orders)
      }
    }
  }

  private func mismatch(_ layer: some ChainLink, _ next: some ChainLink) -> ModelFileError {
    .noChain(
      path: path,
      problem: "\(layer.name) gives \(layer.outputs) numbers and \(next.name) takes \(next.inputs)",
      tensors: tensors)
  }
}
