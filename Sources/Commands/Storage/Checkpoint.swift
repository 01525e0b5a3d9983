internal import Client
internal import CommandKit
internal import FluxJSON

/// Whether a module is loaded on this broker.
func isLoaded(_ name: String, _ flux: Handle) async throws -> Bool {
    let modules = try await flux.query("module.list", nodeID: try await flux.rank())["mods"]?.arrayValue ?? []
    return modules.contains { $0["name"]?.stringValue == name }
}

/// A root that the backing store keeps for the next start.
struct Checkpoint: Sendable {
    let root: String
    let sequence: Int64
    let timestamp: Double
    var json: JSON

    init(root: String, sequence: Int64, timestamp: Double) {
        self.root = root
        self.sequence = sequence
        self.timestamp = timestamp
        json = [
            "version": 1, "rootref": .string(root), "sequence": .int(sequence), "timestamp": .real(timestamp),
        ]
    }

    init?(_ json: JSON) {
        guard let root = json["rootref"]?.stringValue else { return nil }
        self.init(
            root: root, sequence: json["sequence"]?.intValue ?? 0, timestamp: json["timestamp"]?.numberValue ?? 0)
        self.json = json
    }

    /// The checkpoints of an answer, newest first; older stores give one that is not in an array.
    static func all(_ answer: JSON) -> [Checkpoint] {
        guard let value = answer["value"] else { return [] }
        return (value.arrayValue ?? [value]).compactMap { Checkpoint($0) }
    }

    func put(_ flux: Handle) async throws(RPCError) {
        try await flux.rpc("content.checkpoint-put", ["value": json], nodeID: 0)
    }
}
