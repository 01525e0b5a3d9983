import FluxJSON
import RFC19FLUID
import RFC21JobStates
import Testing

@testable import JobManager

@Suite("The life of jobs")
struct JobLedgerTests {
    @Test("a job goes from submit to clean in the order of RFC 21")
    func plainJob() throws {
        var script = LedgerScript()
        let id = try script.submit()
        expectLog(&script, [
            "1 submit", "1 validate", "1 depend", "1 priority", "alloc? 1",
        ])
        try script.ledger.allocationAnswered(
            id, .success(LedgerScript.resources, annotations: ["sched": ["resource_summary": "rank0/core0"]]))
        expectLog(&script, ["1 annotations (journal)", "1 alloc", "start? 1"])
        script.finish(id)
        expectLog(&script, ["1 start", "1 finish", "1 release", "release 1", "1 free", "1 clean"])
        #expect(script.ledger.active.isEmpty)
        #expect(script.ledger.inactive[id]?.result == .completed)
        #expect(script.ledger.runningCount == 0)
    }

    @Test("a job canceled while it waits has an exception and clean only")
    func cancelPending() throws {
        var script = LedgerScript()
        let id = try script.submit()
        _ = script.log()
        try script.ledger.raise(
            id, type: "cancel", severity: 0, note: nil, waitStatus: nil, by: LedgerScript.owner)
        expectLog(&script, ["1 exception", "cancel? 1", "1 clean", "publish job-exception"])
        // The scheduler's late answer is given back.
        try script.allocate(id)
        expectLog(&script, ["free! 1"])
    }

    @Test("a canceled running job waits for its shells")
    func cancelRunning() throws {
        var script = LedgerScript()
        let id = try script.submit()
        try script.allocate(id)
        script.ledger.execAnswered(id, .start)
        _ = script.log()
        try script.ledger.raise(
            id, type: "cancel", severity: 0, note: "", waitStatus: nil, by: LedgerScript.owner)
        expectLog(&script, ["1 exception", "publish job-exception"])
        script.ledger.execAnswered(id, .finish(status: 36608))
        script.ledger.execAnswered(id, .release(ranks: "all", isFinal: true))
        expectLog(&script, ["1 finish", "1 release", "release 1", "1 free", "1 clean"])
        #expect(script.ledger.inactive[id]?.result == .canceled)
    }

    @Test("a denied job ends with an alloc exception")
    func denied() throws {
        var script = LedgerScript()
        let id = try script.submit()
        _ = script.log()
        try script.ledger.allocationAnswered(id, .deny("too big"))
        expectLog(&script, ["1 exception", "1 clean", "publish job-exception"])
    }

    @Test("held jobs are not shown to the scheduler, expedited ones come first")
    func urgency() throws {
        var script = LedgerScript(schedulerLimit: 1)
        let held = try script.submit(urgency: 0)
        expectLog(&script, ["1 submit", "1 validate", "1 depend", "1 priority"])
        let first = try script.submit()
        _ = script.log()
        let expedited = try script.submit(urgency: 31)
        // The scheduler looks at one job only: the less urgent one is taken back for the other.
        expectLog(&script, ["3 submit", "3 validate", "3 depend", "3 priority", "cancel? 2"])
        try script.ledger.allocationAnswered(first, .cancel)
        expectLog(&script, ["alloc? 3"])
        #expect(script.ledger.active[expedited]?.priority == 4_294_967_295)
        let old = try script.ledger.setUrgency(held, to: 20, by: LedgerScript.owner)
        #expect(old == 0)
        expectLog(&script, ["1 urgency", "1 priority"])
        #expect(script.ledger.list(limit: 0).compactMap { $0["id"]?.intValue } == [1, 2, 3])
    }

    @Test("jobs that were asked for wait again when the scheduler goes")
    func schedulerLost() throws {
        var script = LedgerScript()
        _ = try script.submit()
        _ = script.log()
        script.ledger.schedulerLost("disconnect")
        expectLog(&script, [])
        let count = script.ledger.schedulerReady(sender: "other", limit: 8)
        #expect(count == 1)
        expectLog(&script, ["alloc? 1"])
    }

    @Test("a job that needs another goes on when that ended well, and never when it did not")
    func dependencies() throws {
        var script = LedgerScript()
        let first = try script.submit()
        let good = try script.submit(["dependencies": [["scheme": "afterok", "value": "1"]]])
        let bad = try script.submit(["dependencies": [["scheme": "afternotok", "value": "1"]]])
        let names = script.events(of: good)
        #expect(names == ["submit", "dependency-add", "validate"])
        try script.allocate(first)
        script.finish(first)
        let log = script.log()
        #expect(log.contains("2 dependency-remove"))
        #expect(log.contains("2 depend"))
        #expect(log.contains("3 exception"))
        #expect(script.ledger.inactive[bad]?.result == .failed)
        #expect(throws: Refusal(22, "dependency: afternotok: job 1 succeeded")) {
            _ = try script.submit(["dependencies": [["scheme": "afternotok", "value": "1"]]])
        }
        #expect(throws: Refusal(22, "dependency scheme \"foo\" not supported")) {
            _ = try script.submit(["dependencies": [["scheme": "foo", "value": "1"]]])
        }
    }

    @Test(
        "a dependency names its job in any encoding of RFC 19",
        arguments: ["after", "afterany", "afterok", "afternotok"])
    func dependencyValues(_ scheme: String) throws {
        var script = LedgerScript()
        let id = try script.submit()
        let texts = [id.dec, id.hex, id.kvs, id.dothex, id.words, id.f58, id.f58Plain, id.emoji]
        for text in texts {
            let dependent = try script.submit(["dependencies": [["scheme": .string(scheme), "value": .string(text)]]])
            #expect(script.ledger.active[dependent]?.state == .depend, "\(text)")
        }
        #expect(throws: Refusal.self) {
            _ = try script.submit(["dependencies": [["scheme": .string(scheme), "value": "no id"]]])
        }
    }

    @Test("after waits for the start of a job, afterany for its end, however it ends")
    func afterStartAndEnd() throws {
        var script = LedgerScript()
        let first = try script.submit()
        let started = try script.submit(["dependencies": [["scheme": "after", "value": "1"]]])
        let ended = try script.submit(["dependencies": [["scheme": "afterany", "value": "1"]]])
        try script.allocate(first)
        #expect(script.ledger.active[started]?.state == .depend)
        script.ledger.execAnswered(first, .start)
        #expect(script.ledger.active[started]?.state == .sched)
        #expect(script.ledger.active[ended]?.state == .depend)
        script.ledger.execAnswered(first, .finish(status: 256))
        #expect(script.ledger.active[ended]?.state == .depend)
        script.ledger.execAnswered(first, .release(ranks: "all", isFinal: true))
        #expect(script.ledger.active[ended]?.state == .sched)
    }

    @Test("a queue that is stopped takes its requests back from the scheduler")
    func stopped() throws {
        var script = LedgerScript()
        _ = try script.submit()
        expectContains(&script, "alloc? 1")
        try script.ledger.startQueue(nil, false, reason: nil, all: true, isPassing: false)
        expectContains(&script, "cancel? 1")
    }

    @Test("singletons run one after the other")
    func singletons() throws {
        var script = LedgerScript()
        let singleton: JSON.Object = ["job": ["name": "x"], "dependencies": [["scheme": "singleton", "value": ""]]]
        let first = try script.submit(singleton)
        let second = try script.submit(singleton)
        #expect(script.ledger.active[first]?.state == .sched)
        #expect(script.ledger.active[second]?.state == .depend)
        try script.allocate(first)
        script.finish(first)
        #expect(script.ledger.active[second]?.state == .sched)
    }

    @Test("a job waits for its begin time")
    func beginTime() throws {
        var script = LedgerScript()
        let id = try script.submit(["dependencies": [["scheme": "begin-time", "value": "1010.5"]]])
        expectContains(&script, "wake 1010.5")
        script.ledger.timePassed()
        #expect(script.ledger.active[id]?.state == .depend)
        script.ledger.now = 1011
        script.ledger.timePassed()
        let names = script.events(of: id)
        #expect(names == ["dependency-remove", "depend", "priority"])
    }

    @Test("a refused job leaves a trace in the journal only")
    func refused() throws {
        var script = LedgerScript()
        #expect(throws: Refusal(22, "singleton jobs require a job name")) {
            _ = try script.submit(["dependencies": [["scheme": "singleton", "value": ""]]])
        }
        expectLog(&script, ["1 submit (journal)", "1 invalidate (journal)"])
        #expect(script.ledger.active.isEmpty)
    }

    @Test("waiting for jobs mimics wait(2)")
    func waiting() throws {
        var script = LedgerScript()
        let id = try script.submit(flags: 4)
        try script.ledger.wait(for: id, 7)
        try script.ledger.wait(for: nil, 8)
        // More waiters than jobs: the last one is sent away.
        expectLast(&script, "refuse 8 there are no more waitable jobs")
        #expect(script.ledger.waiters.anyJob.isEmpty)
        try script.allocate(id)
        script.finish(id, status: 256)
        expectContains(&script, #"answer 7 {"id":1,"success":false,"errstr":"task(s) exited with exit code 1"}"#)
        #expect(throws: Refusal(10, "invalid job id, or job may be inactive and not waitable")) {
            try script.ledger.wait(for: id, 9)
        }
    }

    @Test("drain answers when the last job is gone, idle when none runs")
    func draining() throws {
        var script = LedgerScript()
        let id = try script.submit()
        script.ledger.drain(5)
        script.ledger.idle(6)
        expectLast(&script, "alloc? 1")
        try script.allocate(id)
        script.finish(id)
        let log = script.log()
        #expect(log.suffix(2) == ["answer later 5 ", #"answer later 6 {"pending":0}"#])
    }

    @Test("replaying an eventlog gives the job as it was")
    func replay() throws {
        var script = LedgerScript()
        let id = try script.submit()
        try script.allocate(id)
        script.ledger.execAnswered(id, .start)
        let before = try #require(script.ledger.active[id])
        var other = JobLedger(owner: 100)
        other.now = 2000
        try other.replay(id, before.eventlog, jobspec: before.jobspec, resources: before.resources)
        other.resume()
        let after = try #require(other.active[id])
        #expect(after.state == .run)
        #expect(after.machine.hasStarted)
        #expect(other.runningCount == 1)
        #expect(other.allocatedJobs.map(\.id) == [id])
    }

    @Test("guests may touch their own jobs only")
    func guests() throws {
        var script = LedgerScript()
        let id = try script.submit(userID: 200)
        let guest = Requester(userID: 300, isOwner: false), user = Requester(userID: 200, isOwner: false)
        #expect(throws: Refusal(1, "guests can only raise exceptions on their own jobs")) {
            try script.ledger.raise(id, type: "cancel", severity: 0, note: nil, waitStatus: nil, by: guest)
        }
        #expect(throws: Refusal(1, "guests can only adjust urgency <= default")) {
            _ = try script.ledger.setUrgency(id, to: 20, by: user)
        }
        #expect(throws: Refusal(71, "invalid exception type")) {
            try script.ledger.raise(id, type: "a b", severity: 0, note: nil, waitStatus: nil, by: user)
        }
        _ = try script.ledger.setUrgency(id, to: 3, by: user)
    }

    @Test("the owner's unvalidated change makes a guest's job immutable")
    func update() throws {
        var script = LedgerScript()
        let id = try script.submit(userID: 200)
        let update = try script.ledger.checkUpdate(
            id, ["attributes.system.duration": 3600], by: LedgerScript.owner)
        _ = script.log()
        try script.ledger.perform(update)
        expectLog(&script, [
            "1 set-flags", "1 jobspec-update", "cancel? 1", "1 priority",
        ])
        #expect(throws: Refusal(1, "job is immutable due to previous instance owner update")) {
            _ = try script.ledger.checkUpdate(
                id, ["attributes.system.duration": 60], by: Requester(userID: 200, isOwner: false))
        }
        #expect(throws: Refusal(22, "update of attributes.system.foo not supported")) {
            _ = try script.ledger.checkUpdate(id, ["attributes.system.foo": 1], by: LedgerScript.owner)
        }
    }
}
