internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC22Idset

/// Who is whose parent.
struct OverlayTree {
    private var parents: [UInt32: UInt32] = [:]
    private var children: [UInt32: [UInt32]] = [:]
    private let root: UInt32

    init(of flux: Handle) async throws {
        do {
            try self.init(json: try await flux.query("overlay.topology", ["rank": 0], nodeID: 0))
        } catch let error as RPCError {
            throw CommandError("error fetching overlay topology: \(error)")
        }
    }

    /// - Throws: ``CommandError`` when the object is no topology.
    init(json: JSON) throws(CommandError) {
        guard let rank = Self.rank(json) else { throw CommandError("error parsing topology") }
        root = rank
        var waiting = [json]
        while let node = waiting.popLast() {
            guard let rank = Self.rank(node) else { throw CommandError("error parsing topology") }
            for child in node["children"]?.arrayValue ?? [] {
                guard let number = Self.rank(child) else { throw CommandError("error parsing topology") }
                parents[number] = rank
                children[rank, default: []].append(number)
                waiting.append(child)
            }
        }
    }

    private static func rank(_ json: JSON) -> UInt32? { (json["rank"]?.intValue).flatMap { UInt32(exactly: $0) } }

    func children(of rank: UInt32) -> [UInt32] { children[rank] ?? [] }

    func parent(of rank: UInt32) throws(CommandError) -> UInt32 {
        if let parent = parents[rank] { return parent }
        throw CommandError(rank == root ? "\(rank) has no parent" : "\(rank) is not a valid rank in this instance")
    }

    /// The brokers below a rank, and itself.
    func subtree(of rank: UInt32) -> Idset {
        var result = Idset()
        var waiting = [rank]
        while let next = waiting.popLast() {
            result.insert(next)
            waiting += children(of: next)
        }
        return result
    }
}
