internal import Client
internal import FluxJSON
internal import Service

extension ContentService {
    /// The hash algorithm's name and the cache's settings, from attributes and module arguments.
    func readSettings() async throws -> (String, ContentCache.Settings) {
        var settings = ContentCache.Settings()
        for argument in context.arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw ServiceError(errnum: Errno.invalid, text: "unknown module option: \(argument)")
            }
            guard let number = UInt32(parts[1]) else {
                throw ServiceError(errnum: Errno.invalid, text: "error parsing \(argument)")
            }
            switch parts[0] {
            case "purge-target-size": settings.targetSize = Int(number)
            case "purge-old-entry": settings.minimumAge = Double(number)
            case "flush-batch-limit": settings.batchLimit = max(1, Int(number))
            case "blob-size-limit": settings.blobLimit = Int(number)
            default: throw ServiceError(errnum: Errno.invalid, text: "unknown module option: \(argument)")
            }
        }
        settings.isLeader = rank == 0
        let isTemporary = await attribute("statedir-cleanup") == "1"
        settings.isLazy = rank == 0 && isTemporary
        isDurable = rank == 0 && !isTemporary
        let name: String
        if let known = await attribute("content.hash") {
            name = known
        } else {
            name = "sha1"
            try await flux.rpc("attr.set", ["name": "content.hash", "value": "sha1"])
        }
        return (name, settings)
    }

    private func attribute(_ name: String) async -> String? {
        if let known = context.attributes[name] { return known }
        return try? await flux.query("attr.get", ["name": .string(name)])["value"]?.stringValue
    }
}
