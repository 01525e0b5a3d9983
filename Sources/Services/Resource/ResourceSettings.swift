package import Client
package import FluxJSON
internal import Glibc
package import RFC20R
package import RFC22Idset
internal import RFC23FSD
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
    /// How the hardware of a node is compared with what was expected; a node that differs is drained.
    package var verify = Self.usualVerification
    /// Whether the configuration says how to compare.
    package var verifiesExplicitly = false
    package var skipsVerification = false
    /// Whether the enclosing instance is asked to tell of changes; a test may say no.
    package var followsParent = true
    /// Seconds for which events of drains are kept once a checkpoint has their result.
    package var history = 90.0 * 86400
    /// Whether old events go when the module starts.
    package var truncates = true
    /// The hosts of each queue that has any, a hostlist or `all`.
    package var queueHosts: [String: String] = [:]

    package init() {}

    package init(configuration: JSON) throws(ServiceError) {
        for (name, queue) in configuration["queues"]?.objectValue ?? [:] {
            queueHosts[name] = queue["hosts"]?.stringValue
        }
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
            followsParent = try !(object.optionalBool("no-update-watch") ?? false)
            skipsVerification = try object.optionalBool("noverify") ?? false
            if let wanted = object["verify"] {
                verify = ResourceSet.VerifyConfig()
                try verify.update(wanted)
                verifiesExplicitly = true
            }
            if let text = try object.optionalString("history") {
                do {
                    history = try FluxDuration(parsing: text).seconds
                } catch {
                    throw Self.refusal("history: \(text): not a duration")
                }
            }
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

    private static var usualVerification: ResourceSet.VerifyConfig {
        var config = ResourceSet.VerifyConfig(.allowExtra)
        config.modes = ["gpu": .ignore, "hostname": .strict]
        return config
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
            if let scheduling { set.scheduling = try Self.load(scheduling: scheduling) }
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
            throw ServiceError(errnum: Errno.invalid, text: "\(path): error parsing R: \(error)")
        }
    }

    /// The key `scheduling` of R, for schedulers that know more of the resources.
    private static func load(scheduling path: String) throws(ServiceError) -> JSON {
        do {
            return try JSON(parsing: try read(path))
        } catch let error as ServiceError {
            throw ServiceError(errnum: error.errnum, text: "error loading resource.scheduling: \(error.text ?? path)")
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: "error loading resource.scheduling: \(path): \(error)")
        }
    }

    /// R from a folder with a topology of hwloc, `RANK.xml`, for each broker.
    package static func load(topologies folder: String) throws(ServiceError) -> ResourceSet {
        var ranks: [UInt32] = []
        guard let listing = opendir(folder) else {
            throw ServiceError(errnum: errno, text: "\(folder): \(RPCError(errnum: errno))")
        }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".xml"), let rank = UInt32(name.dropLast(4)) { ranks.append(rank) }
        }
        closedir(listing)
        guard !ranks.isEmpty else {
            throw ServiceError(
                errnum: Errno.invalid, text: "\(folder): invalid directory: no XML input files found")
        }
        var set = ResourceSet()
        for rank in ranks.sorted() {
            let path = "\(folder)/\(rank).xml"
            let bytes = try read(path)
            do {
                let found = try HardwareProbe(xml: String(decoding: bytes, as: UTF8.self))
                try set.insert(
                    rank: rank, hostname: found.hostName ?? "rank\(rank)",
                    children: ResourceSet.Children(cores: found.cores, gpus: found.gpus))
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(path): error building R from hwloc XML: \(error)")
            }
        }
        return set
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
