/// The version of the program, as `inr --version` prints it and `run.json` keeps it.
package enum Version {
  package static let current = "0.1.0"
}
