import Meshes

/// Where a mesh is looked at from.
package struct CameraOptions: OptionGroup {
  package let camera: MeshCamera

  package init(_ arguments: ParsedArguments) throws(UsageError) {
    camera = MeshCamera(
      azimuth: arguments[Self.azimuth] ?? 30, elevation: arguments[Self.elevation] ?? 20,
      up: arguments[Self.up] == "z" ? .z : .y,
      projection: arguments[Self.orthographic]
        ? .orthographic : .perspective(fieldOfView: 30))
  }

  package static let azimuth = Option(
    "azimuth", .number(.any), placeholder: "DEGREES",
    help:
      "From where around the mesh, counter-clockwise seen from above; 0 is in front: at +z if y "
      + "points upwards, at -y if z does.",
    default: "30")
  package static let elevation = Option(
    "elevation", .number(.any), placeholder: "DEGREES", help: "From how high above the horizon.",
    default: "20")
  package static let up = Option(
    "up", .choice(["y", "z"]), placeholder: "y|z", help: "The axis that points upwards.",
    default: "y")
  package static let orthographic = Flag(
    "orthographic", help: "Without perspective: parallel lines stay parallel.")

  static let options: [any OptionDefinition] = [azimuth, elevation, up, orthographic]

  package static var section: OptionSection { OptionSection("Pictures of meshes", options) }
}
