import FluxJSON
import RFC20R
import RFC22Idset
import RFC46Shape
import RFC49TreePool

/// Requests served one after the other by a pool, with or without topology.
///
/// A request is a shape, an object with a `jobspec`, or one with the index of a request whose job is over (`free`) or
/// with ranks that go `down` or `up`.
struct AllocationSequence {
    private enum Pool {
        case flat(ResourcePool)
        case tree(TreePool)
    }

    private var pool: Pool

    init(flat set: ResourceSet) { pool = .flat(ResourcePool(set)) }
    init(tree set: ResourceSet) throws { pool = .tree(try TreePool(set)) }

    /// The results of all requests.
    mutating func run(_ requests: [JSON]) throws -> JSON {
        var results: [JSON] = []
        for (index, request) in requests.enumerated() { results.append(try result(of: request, UInt64(index))) }
        return .array(results)
    }

    private mutating func result(of request: JSON, _ index: UInt64) throws -> JSON {
        if let object = request.objectValue {
            if let job = object["free"]?.intValue {
                change { $0.free(job: UInt64(clamping: job)) }
                return ["free": .int(job)]
            }
            for key in ["down", "up"] {
                guard let text = object[key]?.stringValue else { continue }
                let ranks = try Idset(parsing: text)
                change { if key == "down" { $0.markDown(ranks) } else { $0.markUp(ranks) } }
                return request
            }
            return try served(object.value("jobspec"), index, shown: nil)
        }
        let shape = request.stringValue ?? ""
        if shape.hasPrefix("free job"), let last = shape.split(separator: " ").last, let job = UInt64(last) {
            change { $0.free(job: job) }
            return ["free": .int(Int64(job))]
        }
        return try served(["resources": Shape(parsing: shape).resources()], index, shown: request)
    }

    private mutating func served(_ jobspec: JSON, _ index: UInt64, shown: JSON?) throws -> JSON {
        var result = JSON.Object()
        result["shape"] = shown
        do {
            let set = try allocate(jobspec, index)
            result["R_lite"] = set.json["execution"]?["R_lite"]
            if let children = set.scheduling?["children"]?.arrayValue {
                result["scheduling_ranks"] = .array(children.map { $0["ranks"] ?? nil })
            }
            result["nslots"] = .int(Int64(set.nslots ?? 0))
        } catch let error as AllocationError {
            result["error"] = error == .insufficient ? "InsufficientResources" : "InfeasibleRequest"
            result["message"] = .string(error.description)
        } catch let error as ResourceRequest.ParseError {
            result["error"] = "ValueError"
            result["message"] = .string(error.description)
        }
        return .object(result)
    }

    private mutating func allocate(_ jobspec: JSON, _ index: UInt64) throws -> ResourceSet {
        switch pool {
        case .flat(var flat):
            let request = try ResourceRequest(jobspec: jobspec)
            defer { pool = .flat(flat) }
            return try flat.allocate(job: index, request, now: 0)
        case .tree(var tree):
            let request = try TreeRequest(jobspec: jobspec)
            defer { pool = .tree(tree) }
            return try tree.allocate(job: index, request, now: 0)
        }
    }

    private mutating func change(_ change: (inout ResourcePool) -> Void) {
        switch pool {
        case .flat(var flat):
            change(&flat)
            pool = .flat(flat)
        case .tree(var tree):
            change(&tree.pool)
            pool = .tree(tree)
        }
    }
}
