import FluxJSON
import RFC14Jobspec
import RFC20R
import RFC22Idset
import RFC29Hostlist

extension JobRecord {
    /// Takes out of the jobspec what is asked for; what cannot be read stays unknown.
    mutating func readJobspec() {
        guard let jobspec else { return }
        let system = jobspec["attributes"]?["system"]
        name = system?["job"]?["name"]?.stringValue ?? commandName(jobspec)
        cwd = system?["cwd"]?.stringValue
        queue = system?["queue"]?.stringValue
        duration = system?["duration"]?.numberValue
        project = system?["project"]?.stringValue ?? project
        bank = system?["bank"]?.stringValue ?? bank
        guard let counts = try? JobspecCounts(jobspec) else { return }
        nnodes = counts.nnodes > 0 ? counts.nnodes : nil
        ncores = counts.nnodes > 0 && counts.isExclusive ? nil : Self.product(counts.nslots, counts.slotSize)
        ntasks = taskCount(jobspec, counts)
    }

    /// Base name of the first word of the command; a name that ends with a slash stays whole.
    private func commandName(_ jobspec: JSON) -> String? {
        guard let path = jobspec["tasks"]?.arrayValue?.first?["command"]?.arrayValue?.first?.stringValue else {
            return nil
        }
        guard let slash = path.lastIndex(of: "/"), path.index(after: slash) < path.endIndex else { return path }
        return String(path[path.index(after: slash)...])
    }

    private mutating func taskCount(_ jobspec: JSON, _ counts: JobspecCounts) -> Int64? {
        let per = jobspec.value(at: "attributes.system.shell.options.per-resource")
        (tasksPerNode, tasksPerCore) = (nil, nil)
        let each = per?["count"]?.intValue ?? 1
        switch per?["type"]?.stringValue {
        case "node":
            if counts.nnodes > 0 { return Self.product(counts.nnodes, each) }
            tasksPerNode = each
            return nil
        case "core":
            if counts.nnodes == 0 {
                return Self.product(counts.nslots, counts.slotSize).flatMap { Self.product($0, each) }
            }
            tasksPerCore = each
            return nil
        default:
            return jobspec["tasks"]?.arrayValue?.first?["count"]?["total"]?.intValue ?? counts.nslots
        }
    }

    /// Takes ranks, hosts and true counts out of R; what cannot be read stays unknown.
    mutating func readResources() {
        guard let resources, let set = try? ResourceSet(json: resources) else { return }
        expiration = set.expiration
        let idset = set.ranks
        nnodes = Int64(idset.count)
        ranks = idset.formatted(.ranges.bracketed)
        nodelist = set.nodelist?.description
        ncores = Int64(set.coreCount)
        if let tasksPerNode { ntasks = Self.product(Int64(idset.count), tasksPerNode) }
        if let tasksPerCore { ntasks = Self.product(Int64(set.coreCount), tasksPerCore) }
    }

    mutating func update(jobspec updates: JSON.Object) {
        guard var document = jobspec else { return }
        for (path, value) in updates
        where ["attributes", "resources", "tasks"].contains(where: {
            path == $0 || path.hasPrefix($0 + ".")
        }) {
            try? document.set(value, at: path)
        }
        jobspec = document
        let known = (nnodes, ncores, ntasks)
        readJobspec()
        if ranks != nil { (nnodes, ncores, ntasks) = known }
    }

    mutating func update(resources updates: JSON.Object) {
        guard var document = resources, let value = updates["expiration"] else { return }
        try? document.set(value, at: "execution.expiration")
        resources = document
        readResources()
    }

    private static func product(_ left: Int64, _ right: Int64) -> Int64? {
        let (result, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? nil : result
    }
}
