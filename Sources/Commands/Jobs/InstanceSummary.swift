internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC20R
internal import Reactor

/// What goes on in the instance that a job is: its jobs and its resources.
struct InstanceSummary: Sendable {
    private let statistics: JobStatistics
    /// By state: all, up, down, allocated, free.
    private let resources: [String: ResourceSet]

    /// Asks the instance; nil when it does not answer.
    init?(of uri: String, on reactor: Reactor) async {
        guard let flux = try? Handle.open(InstanceURI.reachable(uri), on: reactor) else { return nil }
        defer { flux.close() }
        guard let statistics = try? await JobStatistics(flux),
            let status = try? await flux.query("resource.sched-status", nodeID: 0)
        else { return nil }
        self.statistics = statistics
        func set(_ name: String) -> ResourceSet {
            guard let json = status[name], json["execution"] != nil else { return ResourceSet() }
            return (try? ResourceSet(json: json)) ?? ResourceSet()
        }
        let all = set("all"), down = set("down"), allocated = set("allocated")
        let up = all.difference(down)
        resources = ["all": all, "down": down, "allocated": allocated, "up": up, "free": up.difference(allocated)]
    }

    /// The value of a field without its `instance.`.
    func value(of field: String) -> FieldValue {
        switch field {
        case "utilization": return ratio("ncores")
        case "gpu_utilization": return ratio("ngpus")
        case "progress":
            guard statistics.total > 0 else { return .empty }
            return .real(Double(statistics.inactive) / Double(statistics.total))
        case "stats":
            return .text(
                "PD:\(statistics.pending) R:\(statistics.running) CD:\(statistics.successful) F:\(statistics.failed)")
        case "stats.total": return .int(statistics.total)
        case "stats.pending": return .int(statistics.pending)
        case "stats.running": return .int(statistics.running)
        case "stats.successful": return .int(statistics.successful)
        case "stats.failed": return .int(statistics.failed)
        case "stats.active": return .int(statistics.active)
        case "stats.inactive": return .int(statistics.inactive)
        default:
            let parts = field.split(separator: ".").map(String.init)
            guard parts.count == 3, parts[0] == "resources", let set = resources[parts[1]] else { return .empty }
            return Self.value(of: parts[2], set)
        }
    }

    private static func value(of item: String, _ set: ResourceSet) -> FieldValue {
        switch item {
        case "nnodes": .int(Int64(set.nodeCount))
        case "ncores": .int(Int64(set.coreCount))
        case "ngpus": .int(Int64(set.gpuCount))
        case "ranks": .text("\(set.ranks)")
        case "nodelist": .text(set.nodelist.map { "\($0)" } ?? "")
        case "rlist": .text("\(set)")
        default: .empty
        }
    }

    private func ratio(_ item: String) -> FieldValue {
        func count(_ state: String) -> Double {
            guard case .int(let number) = Self.value(of: item, resources[state] ?? ResourceSet()) else { return 0 }
            return Double(number)
        }
        return count("all") > 0 ? .real(count("allocated") / count("all")) : .empty
    }
}
