import Foundation

/// Where a mesh is seen from. The camera looks at the centre of the mesh's bounds, from as far away
/// as shows all of it.
public struct MeshCamera: Sendable, Equatable {
  /// The axis that points upwards in the picture.
  public enum Up: Sendable { case y, z }

  public enum Projection: Sendable, Equatable {
    case orthographic
    /// - Parameter fieldOfView: degrees between the lower and the upper side of the picture.
    case perspective(fieldOfView: Double)
  }

  /// Degrees around the up axis, counter-clockwise seen from above; at 0 the camera is in front: at
  /// +z if y points upwards, at −y if z does.
  public var azimuth: Double
  /// Degrees above the horizon.
  public var elevation: Double
  public var up: Up
  public var projection: Projection
  /// The share of the picture's width or height that is left free on each side.
  public var margin: Double

  public init(
    azimuth: Double = 30, elevation: Double = 20, up: Up = .y,
    projection: Projection = .perspective(fieldOfView: 30), margin: Double = 0.05
  ) {
    precondition(
      azimuth.isFinite && elevation.isFinite, "a camera cannot stand at \(azimuth)°, \(elevation)°")
    precondition(margin >= 0 && margin < 0.5, "a margin of \(margin) leaves no picture")
    if case .perspective(let angle) = projection {
      precondition(angle > 0 && angle < 180, "a field of view cannot be \(angle)°")
    }
    self.azimuth = azimuth
    self.elevation = elevation
    self.up = up
    self.projection = projection
    self.margin = margin
  }

  /// The camera's axes: to the right, upwards, and towards the camera.
  var axes: (right: SIMD3<Double>, up: SIMD3<Double>, back: SIMD3<Double>) {
    let (side, front, top): (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) =
      up == .y ? ([1, 0, 0], [0, 0, 1], [0, 1, 0]) : ([1, 0, 0], [0, -1, 0], [0, 0, 1])
    let (a, e) = (azimuth * .pi / 180, elevation * .pi / 180)
    let back = cos(e) * (sin(a) * side + cos(a) * front) + sin(e) * top
    let right = cos(a) * side - sin(a) * front
    return (right, back.cross(right), back)
  }
}
