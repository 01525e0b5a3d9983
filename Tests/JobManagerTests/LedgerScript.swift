import FluxJSON
import RFC19FLUID
import Testing
@testable import JobManager

/// A ledger with a scheduler and an exec service that answer when told to, and a log of what it wanted.
struct LedgerScript {
    var ledger = JobLedger(owner: 100)
    private var lastID: UInt64 = 0

    init(schedulerLimit: Int = 0) {
        ledger.now = 1000
        _ = ledger.schedulerReady(sender: "sched", limit: schedulerLimit)
        try? ledger.execHello("job-exec")
        _ = ledger.takeDirectives()
    }

    static let owner = Requester(userID: 100, isOwner: true)
    static let resources: JSON = [
        "version": 1,
        "execution": [
            "R_lite": [["rank": "0", "children": ["core": "0"]]], "starttime": 1000.0, "expiration": 0.0,
            "nodelist": ["a"],
        ],
    ]

    static func jobspec(_ system: JSON.Object = [:]) -> JSON {
        var all: JSON.Object = ["duration": 0]
        for (key, value) in system { all[key] = value }
        return [
            "resources": [["type": "slot", "count": 1, "with": [["type": "core", "count": 1]], "label": "task"]],
            "tasks": [["command": ["true"], "slot": "task", "count": ["per_slot": 1]]],
            "attributes": ["system": .object(all)], "version": 1,
        ]
    }

    /// Submits a job of the owner and gives its id.
    mutating func submit(
        urgency: Int64 = 16, flags: Int64 = 0, userID: Int64 = 100, _ system: JSON.Object = [:]
    ) throws -> JobID {
        lastID += 1
        let submission = try Submission(json: [
            "id": .int(Int64(lastID)), "userid": .int(userID), "urgency": .int(urgency), "t_submit": 999.5,
            "flags": .int(flags), "jobspec": Self.jobspec(system),
        ])
        try ledger.submit(submission)
        ledger.requestAllocations()
        return submission.id
    }

    mutating func allocate(_ id: JobID) throws { try ledger.allocationAnswered(id, .success(Self.resources, annotations: nil)) }

    /// Lets an allocated job run to its end.
    mutating func finish(_ id: JobID, status: Int64 = 0) {
        ledger.execAnswered(id, .start)
        ledger.execAnswered(id, .finish(status: status))
        ledger.execAnswered(id, .release(ranks: "all", isFinal: true))
    }

    /// What the ledger wanted since the last call, one word or two for each directive.
    mutating func log() -> [String] { ledger.takeDirectives().compactMap(Self.word) }

    /// The names of the events of one job since the last call.
    mutating func events(of id: JobID) -> [String] {
        ledger.takeDirectives().compactMap {
            if case .event(id, let posting, _) = $0, posting.isCommitted { posting.name } else { nil }
        }
    }

    static func word(_ directive: Directive) -> String? {
        switch directive {
        case .event(let id, let posting, _): "\(id.value) \(posting.name)\(posting.isCommitted ? "" : " (journal)")"
        case .requestAllocation(let id): "alloc? \(id.value)"
        case .cancelAllocation(let id): "cancel? \(id.value)"
        case .freeAllocation(let id, _): "free! \(id.value)"
        case .prioritize(let places): "prioritize \(places.map(\.id.value))"
        case .start(let id): "start? \(id.value)"
        case .updateExpiration(let id, let time): "expiration \(id.value) \(time)"
        case .publish(let topic, _, _): "publish \(topic)"
        case .release(let id, _, _): "release \(id.value)"
        case .storeResources(let id, _): "store \(id.value)"
        case .answer(let id, let json): "answer \(id) \(json?.text ?? "")"
        case .answerAfterCommit(let id, let json): "answer later \(id) \(json?.text ?? "")"
        case .refuse(let id, let refusal): "refuse \(id) \(refusal.text ?? "")"
        case .wake(let time): "wake \(time)"
        case .log: nil
        }
    }
}

/// Compares everything that the ledger wanted since the last look.
func expectLog(_ script: inout LedgerScript, _ expected: [String], at place: SourceLocation = #_sourceLocation) {
    let log = script.log()
    #expect(log == expected, sourceLocation: place)
}

func expectLast(_ script: inout LedgerScript, _ expected: String, at place: SourceLocation = #_sourceLocation) {
    let log = script.log()
    #expect(log.last == expected, sourceLocation: place)
}

func expectContains(_ script: inout LedgerScript, _ expected: String, at place: SourceLocation = #_sourceLocation) {
    let log = script.log()
    #expect(log.contains(expected), sourceLocation: place)
}
