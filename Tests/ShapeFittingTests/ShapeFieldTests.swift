import Meshes
import Networks
import ShapeFitting
import Testing

@Suite struct ShapeFieldTests {
  private func model(_ field: ShapeField) -> Model {
    let network = Architecture(activation: "relu").makeNetwork(inputs: 3, outputs: 1, seed: 0)
    return Model(network: network, properties: field.properties)
  }

  @Test(arguments: ShapeField.Target.allCases)
  func aModelKeepsWhereItsSurfaceIs(target: ShapeField.Target) throws {
    let field = ShapeField(
      target: target, level: 0.25, box: Box(lower: [-1, -0.5, -0.25], upper: [1, 0.5, 0.75]),
      transformation: Similarity(scale: 0.1, translation: [1, 2, 3]))
    #expect(try ShapeField(model(field), path: "m") == field)
  }

  @Test func aModelOfSomethingElseHasNoField() throws {
    var other = model(ShapeField())
    other.properties = ["task": .string("image")]
    #expect(try ShapeField(other, path: "m") == nil)
  }

  @Test(arguments: ["target", "level", "box", "scale", "translation"])
  func whatIsMissingIsNamed(name: String) {
    var damaged = model(ShapeField())
    damaged.properties[name] = .string("?")
    #expect {
      try ShapeField(damaged, path: "m.safetensors")
    } throws: { error in
      "\(error)".contains("m.safetensors") && "\(error)".contains("\"\(name)\"")
    }
  }

  // A value at the level is inside an occupancy and outside a signed distance, as in the mesh.
  @Test func theSidesAreThoseOfTheMesh() {
    let (solid, distance) = (ShapeField(level: 0.5), ShapeField(target: .sdf, level: 0.5))
    #expect(solid.isInside(0.5) && solid.isInside(1) && !solid.isInside(0))
    #expect(!distance.isInside(0.5) && !distance.isInside(1) && distance.isInside(0))
  }
}
