package import Client
package import FluxJSON
internal import Glibc
package import RFC20R
package import RFC22Idset
package import Service

/// The `[resource]` table.
///
/// Source: job-protocol 5.4 (observed: flux-core 0.88).
package struct ResourceSettings: Sendable {
    package var path: String?
    package var config: JSON?
    package var scheduling: String?
    package var exclude: String?
    package var rediscovers = false
    package var journalLimit = 100_000

    package init() {}

    package init(configuration: JSON) throws(ServiceError) {
        let known: Set = [
            "path", "scheduling", "config", "exclude", "verify", "norestrict", "noverify", "no-update-watch",
            "rediscover", "journal-max", "history",
        ]
        guard let table = configuration["resource"] else { return }
        guard let object = table.objectValue else { throw Self.refusal("must be a table") }
        for key in object.keys where !known.contains(key) { throw Self.refusal("unknown key \(key)") }
        do {
            path = try object.optionalString("path")
            scheduling = try object.optionalString("scheduling")
            exclude = try object.optionalString("exclude")
            rediscovers = try object.optionalBool("rediscover") ?? false
            config = try object.optionalArray("config").map { .array($0) }
            if let limit = try object.optionalInt("journal-max") {
                guard limit > 0 else { throw Self.refusal("journal-max must be > 0") }
                journalLimit = Int(limit)
            }
        } catch let error as PayloadError {
            throw Self.refusal("\(error)")
        } catch let error as ServiceError {
            throw error
        } catch {
            throw Self.refusal("\(error)")
        }
    }

    private static func refusal(_ text: String) -> ServiceError {
        ServiceError(errnum: Errno.invalid, text: "Config file error [resource]: \(text)")
    }

    /// R from `path` or from the `[[resource.config]]` tables; nil when neither is there.
    package func configuredResources(hostlist: String?, isBootstrapped: Bool) throws(ServiceError) -> ResourceSet? {
        var set: ResourceSet
        do {
            if let path {
                set = try Self.load(path)
            } else if let config {
                set = try ResourceSet(config: config)
            } else {
                return nil
            }
            if isBootstrapped, let hostlist { try set.rerank(by: hostlist) }
            if let scheduling { set.scheduling = try JSON(parsing: try Self.read(scheduling)) }
        } catch let error as ServiceError {
            throw error
        } catch {
            throw Self.refusal("\(error)")
        }
        return set
    }

    /// Looks at `exclude` before the resources are known.
    ///
    /// - Parameter inventory: the resources if they are known already; host names can be looked up in them only.
    package func checkExclude(size: UInt32, inventory: ResourceSet?) throws(ServiceError) {
        guard let exclude, !exclude.isEmpty else { return }
        let ranks: Idset
        if let listed = Idset(exclude) {
            ranks = listed
        } else if let inventory {
            ranks = try excludedRanks(in: inventory)
        } else {
            throw ServiceError(
                errnum: Errno.invalid,
                text: "error decoding exclude set \(exclude): R is unavailable for mapping hostnames to ranks")
        }
        guard ranks.last ?? 0 < size else {
            throw ServiceError(errnum: Errno.invalid, text: "exclude set \(exclude) is out of range")
        }
    }

    package func excludedRanks(in set: ResourceSet) throws(ServiceError) -> Idset {
        guard let exclude, !exclude.isEmpty else { return Idset() }
        if let ranks = Idset(exclude) { return ranks }
        do {
            return try set.ranks(ofHosts: exclude)
        } catch {
            throw Self.refusal("exclude: \(error)")
        }
    }

    /// Reads R from a file.
    package static func load(_ path: String) throws(ServiceError) -> ResourceSet {
        do {
            return try ResourceSet(parsing: String(decoding: try read(path), as: UTF8.self))
        } catch let error as ServiceError {
            throw error
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: "\(path): \(error)")
        }
    }

    private static func read(_ path: String) throws(ServiceError) -> [UInt8] {
        guard let file = fopen(path, "re") else {
            throw ServiceError(errnum: errno, text: "\(path): \(RPCError(errnum: errno))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
