import FluxJSON
import RFC19FLUID

/// Who waits for which job, by the `after…` dependencies of RFC 26.
struct Dependents: Hashable, Sendable {
    /// What about the other job is waited for.
    enum Condition: String, Hashable, Sendable {
        case start = "after-start", finish = "after-finish", success = "after-success", failure = "after-failure"
        case exception = "after-except"

        /// - Parameter scheme: as in the jobspec.
        init?(scheme: String) {
            switch scheme {
            case "after", "afterstart": self = .start
            case "afterany": self = .finish
            case "afterok": self = .success
            case "afternotok": self = .failure
            case "afterexcept": self = .exception
            default: return nil
            }
        }
    }

    struct Entry: Hashable, Sendable {
        /// The job that waits.
        let waiting: JobID
        let condition: Condition
        /// Its name in the eventlog: `after-success=ƒ123`.
        let description: String
    }

    /// By the job that is waited for.
    private(set) var entries: [JobID: [Entry]] = [:]
    private var targets: [JobID: [JobID]] = [:]

    mutating func add(_ entry: Entry, target: JobID) {
        entries[target, default: []].append(entry)
        targets[entry.waiting, default: []].append(target)
    }

    /// A job does not wait any more.
    mutating func forget(_ waiting: JobID) {
        for target in targets.removeValue(forKey: waiting) ?? [] {
            entries[target]?.removeAll { $0.waiting == waiting }
            if entries[target]?.isEmpty == true { entries[target] = nil }
        }
    }

    /// All entries, as a query of the reference's plug-in shows them.
    var json: JSON {
        let all = entries.sorted { $0.key < $1.key }.flatMap { target, entries in
            entries.map { entry -> JSON in
                [
                    "id": target.json, "depid": entry.waiting.json, "type": .string(entry.condition.rawValue),
                    "description": .string(entry.description),
                ]
            }
        }
        return .array(all)
    }

    /// Takes out the entries of a target that fulfil `isWanted`.
    mutating func take(target: JobID, where isWanted: (Entry) -> Bool) -> [Entry] {
        guard let all = entries[target] else { return [] }
        let taken = all.filter(isWanted)
        let left = all.filter { !isWanted($0) }
        entries[target] = left.isEmpty ? nil : left
        return taken
    }
}

/// Jobs that may only run alone among the active jobs of the same user and name.
struct Singletons: Hashable, Sendable {
    struct Key: Hashable, Sendable {
        let userID: UInt32
        let name: String
    }

    struct Group: Hashable, Sendable {
        /// Active jobs with this name.
        var count = 0
        /// Those that wait, oldest first.
        var waiting: [JobID] = []
    }

    var groups: [Key: Group] = [:]

    /// All groups, as a query of the reference's plug-in shows them.
    var json: JSON.Object {
        var object = JSON.Object()
        for (key, group) in groups.sorted(by: { ($0.key.userID, $0.key.name) < ($1.key.userID, $1.key.name) }) {
            object["\(key.userID):\(key.name)"] = [
                "count": .int(Int64(group.count)), "singletons": .array(group.waiting.map(\.json)),
            ]
        }
        return object
    }
}
