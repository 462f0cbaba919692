import Compute

// The engine's view of an activation: it works on whole buffers.
extension Activation {
  func forward(
    _ z: borrowing AlignedBuffer, remainder: borrowing AlignedBuffer,
    into h: inout AlignedBuffer, shape: TileShape
  ) {
    var vectors = h.mutableVectors
    forward(z.vectors, remainder: remainder.vectors, into: &vectors, shape: shape)
  }

  func forward(
    _ z: inout AlignedBuffer, _ plan: ParameterLayout.LayerPlan,
    parameters: borrowing AlignedBuffer, into h: inout AlignedBuffer, width: Int,
    purpose: PassPurpose
  ) {
    var zVectors = z.mutableVectors
    var hVectors = h.mutableVectors
    forward(
      &zVectors, field: plan.field, bias: parameters.floats.extracting(plan.biasRange),
      into: &hVectors, shape: TileShape(units: plan.units, width: width), purpose: purpose)
  }

  func forward(
    _ z: inout AlignedBuffer, _ plan: ParameterLayout.LayerPlan,
    parameters: borrowing AlignedBuffer, into h: inout AlignedBuffer,
    notes: inout AlignedBuffer, width: Int
  ) {
    var zVectors = z.mutableVectors
    var hVectors = h.mutableVectors
    var noteVectors = notes.mutableVectors
    forward(
      &zVectors, field: plan.field, bias: parameters.floats.extracting(plan.biasRange),
      into: &hVectors, notes: &noteVectors, shape: TileShape(units: plan.units, width: width))
  }

  func pullBack(
    _ g: borrowing AlignedBuffer, values h: borrowing AlignedBuffer,
    _ z: borrowing AlignedBuffer, _ plan: ParameterLayout.LayerPlan,
    notes: inout AlignedBuffer, into u: inout AlignedBuffer, width: Int
  ) {
    var noteVectors = notes.mutableVectors
    var uVectors = u.mutableVectors
    pullBack(
      g.vectors, values: h.vectors, z.vectors, notes: &noteVectors, into: &uVectors,
      field: plan.field, shape: TileShape(units: plan.units, width: width))
  }

  func pushForward(
    _ t: borrowing AlignedBuffer, values h: borrowing AlignedBuffer,
    _ z: borrowing AlignedBuffer, _ plan: ParameterLayout.LayerPlan,
    notes: inout AlignedBuffer, into tangents: inout AlignedBuffer, width: Int
  ) -> Float {
    var noteVectors = notes.mutableVectors
    var tangentVectors = tangents.mutableVectors
    return pushForward(
      t.vectors, values: h.vectors, z.vectors, notes: &noteVectors, into: &tangentVectors,
      field: plan.field, shape: TileShape(units: plan.units, width: width))
  }

  func backward(
    _ g: borrowing AlignedBuffer, values h: borrowing AlignedBuffer, _ z: inout AlignedBuffer,
    _ plan: ParameterLayout.LayerPlan, gradient: inout AlignedBuffer, width: Int
  ) {
    var zVectors = z.mutableVectors
    var floats = gradient.mutableFloats
    var biasGradient = floats.slice(plan.biasRange)
    let envelope = backward(
      g.vectors, values: h.vectors, &zVectors, field: plan.field, biasGradient: &biasGradient,
      shape: TileShape(units: plan.units, width: width))
    floats[plan.envelopeOffset] += envelope
  }
}
