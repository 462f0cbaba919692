import Networks

/// Reads a model and says on the console what had to be assumed.
func readModel(_ path: String, _ options: ModelOptions, telling console: Console) throws -> Model {
  let model = try Model.read(path, overrides: options.overrides)
  if model.activationSource == .assumed {
    console.message(
      "\(path) names no activation; taken for a ReLU network (another one: --activation NAME)")
  }
  return model
}
