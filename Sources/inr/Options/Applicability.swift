extension ParsedArguments {
  /// Throws if one of the options was given; they mean nothing for this call.
  func refuse(_ options: [any OptionDefinition], because reason: String) throws(UsageError) {
    for option in options where texts[option.specification.name] != nil {
      throw error(.notApplicable(option: "--\(option.specification.name)", reason: reason))
    }
  }
}

extension ModelOptions {
  /// The options that say what a network's file does not.
  static var ofNetworks: [any OptionDefinition] {
    let constants = (NetworkOptions.constants + NetworkOptions.firstLayerConstants).map(\.option)
    let fixed: [any OptionDefinition] = [NetworkOptions.activation, prefix]
    return fixed + constants
  }

  /// What means something for networks that are taken as splines alone.
  static var ofSplines: [any OptionDefinition] { [latentCode, skipFactorOption] }
}
