/// Which hidden neurons are on: those whose pre-activation is above 0.
///
/// Neurons count through the layers, those of the first layer first; linear units are left out.
public struct ActivationPattern: Sendable, Hashable {
  public let neuronCount: Int
  /// 64 neurons a word, the first in the lowest bit.
  public private(set) var words: [UInt64]

  /// A pattern with all neurons off.
  public init(neuronCount: Int) {
    self.neuronCount = neuronCount
    words = [UInt64](repeating: 0, count: (neuronCount + 63) / 64)
  }

  public subscript(neuron: Int) -> Bool {
    get {
      precondition(neuron >= 0 && neuron < neuronCount, "there is no neuron \(neuron)")
      return words[neuron >> 6] >> UInt64(neuron & 63) & 1 == 1
    }
    set {
      precondition(neuron >= 0 && neuron < neuronCount, "there is no neuron \(neuron)")
      let bit: UInt64 = 1 << UInt64(neuron & 63)
      words[neuron >> 6] = newValue ? words[neuron >> 6] | bit : words[neuron >> 6] & ~bit
    }
  }

  public var activeCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
