import FluxJSON
import RFC21JobStates
import Testing

@Suite("RFC 21: what a live job wants")
struct JobMachineTests {
    private func machine(_ events: [JobEvent]) throws -> JobMachine {
        var machine = JobMachine()
        for event in events { try machine.apply(event, at: 1) }
        return machine
    }

    private let submitted: [JobEvent] = [.submit(userID: 1, urgency: 16, flags: []), .validate]

    @Test("depend is posted once, when nothing is left to wait for")
    func depend() throws {
        var machine = try machine(submitted + [.dependencyAdd("x")])
        #expect(machine.directives() == [])
        try machine.apply(.dependencyRemove("x"), at: 2)
        #expect(machine.directives() == [.post(.depend)])
        #expect(machine.directives() == [])
    }

    @Test("resources go back when the shells are gone, and clean is last")
    func cleanup() throws {
        var machine = try machine(submitted + [.depend, .priority(16), .alloc(annotations: nil, bypass: false)])
        #expect(machine.directives() == [.requestStart])
        machine.outstanding.isStartPending = true
        try machine.apply(.start, at: 2)
        try machine.apply(.finish(status: 0), at: 3)
        #expect(machine.directives() == [])
        machine.outstanding.isStartPending = false
        #expect(machine.directives() == [.releaseResources, .post(.free)])
        try machine.apply(.free, at: 4)
        #expect(machine.directives() == [.post(.clean)])
        try machine.apply(.clean, at: 5)
        #expect(machine.directives() == [.archive])
        #expect(machine.result == .completed)
    }

    @Test("a pending job that is cancelled leaves the queue first")
    func cancel() throws {
        var machine = try machine(submitted + [.depend, .priority(16)])
        machine.outstanding.isAllocPending = true
        try machine.apply(.exception(JobException(type: "cancel", severity: 0)), at: 2)
        #expect(machine.directives() == [.withdrawRequest(isFinal: true)])
        machine.outstanding.isAllocPending = false
        #expect(machine.directives() == [.post(.clean)])
        try machine.apply(.clean, at: 3)
        #expect(machine.result == .canceled)
    }

    @Test("a prolog holds the start back")
    func prolog() throws {
        var machine = try machine(
            submitted + [
                .depend, .priority(16), .alloc(annotations: nil, bypass: false), .prologStart(description: "p"),
            ])
        #expect(machine.directives() == [])
        try machine.apply(.prologFinish(description: "p", status: 0), at: 2)
        #expect(machine.directives() == [.requestStart])
    }

    @Test("events print as they were read")
    func roundTrip() throws {
        let events: [(String, JSON.Object?)] = [
            ("submit", ["userid": 1, "urgency": 16, "flags": 0, "version": 1]), ("validate", nil),
            ("urgency", ["userid": 1, "urgency": 5]), ("release", ["ranks": "0-1", "final": true]),
            ("exception", ["type": "x", "severity": 0, "note": "n", "userid": 3]), ("finish", ["status": 256]),
        ]
        for (name, context) in events {
            let event = try JobEvent(name: name, context: context)
            #expect(event.name == name && event.context == context)
        }
    }
}
