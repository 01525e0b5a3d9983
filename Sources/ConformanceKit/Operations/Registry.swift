/// Every folder of vectors that this project has operations for, sorted by folder.
public let registry: [any Operations.Type] = [
    RFC03Operations.self,
    RFC06Operations.self,
    RFC10Operations.self,
    RFC11Operations.self,
    RFC13Operations.self,
    RFC14Operations.self,
    RFC16Operations.self,
    RFC18Operations.self,
    RFC19Operations.self,
    RFC20Operations.self,
    RFC21Operations.self,
    RFC22Operations.self,
    RFC23Operations.self,
    RFC24Operations.self,
    RFC25Operations.self,
    RFC26Operations.self,
    RFC29Operations.self,
    RFC31Operations.self,
    RFC34Operations.self,
    RFC35Operations.self,
    RFC36Operations.self,
    RFC37Operations.self,
    RFC38Operations.self,
    RFC39Operations.self,
    RFC45Operations.self,
    RFC46Operations.self,
    RFC49Operations.self,
]

/// The operations for a folder, by its name or, for folders from elsewhere, by the number of their RFC.
func operations(folder: String, rfc: Int) -> (any Operations.Type)? {
    registry.first { $0.folder == folder } ?? registry.first { rfcNumber(ofFolder: $0.folder) == rfc }
}

/// The 22 of `rfc22-idset`.
func rfcNumber(ofFolder folder: String) -> Int? {
    guard folder.hasPrefix("rfc") else { return nil }
    return Int(folder.dropFirst(3).prefix { $0 != "-" })
}
