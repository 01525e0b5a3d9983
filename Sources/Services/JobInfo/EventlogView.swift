import FluxJSON
import RFC18Eventlog

/// What the eventlog of a job says, as far as job-info needs it.
struct EventlogView: Hashable, Sendable {
    /// Who submitted the job; nil before `submit`.
    private(set) var userID: UInt32?
    /// The shells ran: the job's namespace exists, or existed.
    private(set) var hasStarted = false
    /// Everything was given back: the namespace's content is in the primary namespace.
    private(set) var isReleased = false
    /// Nothing more will come.
    private(set) var isClean = false

    init() {}

    /// - Parameter bytes: any number of whole lines.
    init?(_ bytes: [UInt8]) {
        guard let log = try? Eventlog(parsing: bytes) else { return nil }
        for entry in log.entries { note(entry.name, entry.context) }
    }

    mutating func append(_ line: some Collection<UInt8>) {
        guard let json = try? JSON(parsing: line), let name = json["name"]?.stringValue else { return }
        note(name, json["context"]?.objectValue)
    }

    private mutating func note(_ name: String, _ context: JSON.Object?) {
        switch name {
        case "submit": userID = context?["userid"]?.intValue.flatMap { UInt32(exactly: $0) }
        case "start": hasStarted = true
        case "release": if context?["final"]?.boolValue == true { isReleased = true }
        case "clean": isClean = true
        default: break
        }
    }
}

/// A jobspec or resource set that follows the events which change it.
struct UpdatedValue: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        case jobspec, resources = "R"

        var eventName: String { self == .jobspec ? "jobspec-update" : "resource-update" }
    }

    let kind: Kind
    private(set) var json: JSON

    init(_ kind: Kind, _ json: JSON) {
        self.kind = kind
        self.json = json
    }

    /// Takes an event; true when it changed the value.
    mutating func apply(name: String, context: JSON.Object?) -> Bool {
        guard name == kind.eventName, let context else { return false }
        for (key, value) in context {
            switch kind {
            case .jobspec: try? json.set(value, at: key)
            case .resources: if key == "expiration" { try? json.set(value, at: "execution.expiration") }
            }
        }
        return true
    }

    mutating func apply(_ log: Eventlog) {
        for entry in log.entries { _ = apply(name: entry.name, context: entry.context) }
    }
}

/// Cuts bytes into lines, each with its newline; an unfinished last line waits for more.
struct LineCutter: Hashable, Sendable {
    private var rest: [UInt8] = []

    mutating func cut(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let all = rest.isEmpty ? bytes : rest + bytes
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while let end = all[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(all[start...end])
            start = end + 1
        }
        rest = Array(all[start...])
        return lines
    }
}
