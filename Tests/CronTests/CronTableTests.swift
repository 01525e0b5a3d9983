import Client
import FluxJSON
import Testing

import Cron

@Suite("decisions of cron")
struct CronTableTests {
    private func created(_ table: inout CronTable, _ payload: JSON) throws -> (id: Int64, [CronTable.Directive]) {
        var object: JSON.Object = ["name": "n", "command": "c", "type": "interval", "args": ["interval": 10]]
        for (key, value) in try payload.requireObject() { object[key] = value }
        return try table.create(object, at: 100)
    }

    private func end(_ table: inout CronTable, _ id: Int64, status: Int32, at now: Double) -> [CronTable.Directive] {
        table.update(id) { task in
            task.status = status
            task.ended = now
        }
        return table.finished(id)
    }

    @Test("an interval is armed anew each time, and a run that still goes on is not doubled")
    func interval() throws {
        var table = CronTable()
        let (id, directives) = try created(&table, ["args": ["interval": 10, "after": 3]])
        #expect(directives == [.arm(id: id, seconds: 3)])
        #expect(table.timerFired(id, at: 103) == [.run(id: id), .arm(id: id, seconds: 10)])
        let second = table.timerFired(id, at: 113)
        #expect(second == [.log(.info, "cron-1: n: task still running or scheduled"), .arm(id: id, seconds: 10)])
        #expect(end(&table, id, status: 0, at: 114) == [])
        #expect(table.timerFired(id, at: 123).first == .run(id: id))
        #expect(table.entry(id)?.statistics.count == 2)
        #expect(table.entry(id)?.statistics.success == 1)
    }

    @Test("an entry stops after its number of runs, and starts again with a new count")
    func limit() throws {
        var table = CronTable()
        let (id, _) = try created(&table, ["repeat": 1])
        #expect(table.timerFired(id, at: 110) == [.disarm(id: id), .run(id: id)])
        #expect(table.entry(id)?.isStopped == true)
        #expect(table.timerFired(id, at: 120) == [])
        #expect(table.stop(id) == nil)
        #expect(table.start(id, at: 130) == [.arm(id: id, seconds: 10)])
        #expect(table.start(id, at: 130) == nil)
        #expect(table.entry(id)?.statistics.count == 0)
    }

    @Test("events are counted: after, nth, and the least interval between runs")
    func events() throws {
        var table = CronTable()
        let (id, directives) = try created(&table, ["type": "event", "args": ["topic": "t", "after": 2, "nth": 2, "min_interval": 5.0]])
        #expect(directives == [.subscribe(id: id, topic: "t")])
        #expect(table.eventArrived(id, at: 101) == [])
        #expect(table.eventArrived(id, at: 102) == [.run(id: id)])
        #expect(end(&table, id, status: 0, at: 102) == [])
        #expect(table.eventArrived(id, at: 103) == [])
        let early = table.eventArrived(id, at: 104)
        #expect(early == [.arm(id: id, seconds: 3), .log(.debug, "cron-1: delaying 3.000s due to min interval")])
        #expect(table.eventArrived(id, at: 105) == [])
        #expect(table.eventArrived(id, at: 106) == [])
        #expect(table.timerFired(id, at: 107) == [.run(id: id)])
        #expect(table.entry(id)?.json["typedata"]?["counter"] == 6)
    }

    @Test("a due entry waits for the sync event, unless one has just been")
    func sync() throws {
        var table = CronTable()
        #expect(table.synchronize(on: "pulse", at: 99) == [])
        let (id, _) = try created(&table, [:])
        let directives = table.timerFired(id, at: 110)
        #expect(directives.first == .log(.debug, "deferring cron-1 to next pulse event"))
        #expect(table.entry(id)?.task?.state == "Deferred")
        #expect(table.syncArrived(at: 111) == [.run(id: id)])
        #expect(table.entry(id)?.task?.state == "Running")
        #expect(end(&table, id, status: 0, at: 111) == [])
        #expect(table.timerFired(id, at: 111.01).first == .run(id: id))
        #expect(end(&table, id, status: 0, at: 112) == [])
        #expect(table.timerFired(id, at: 120).contains(.run(id: id)) == false)
        #expect(table.synchronize(on: nil, at: 121) == [.run(id: id)])
    }

    @Test("failures are counted, logged and stop the entry at their limit")
    func failures() throws {
        var table = CronTable()
        let (id, _) = try created(&table, ["stop-on-failure": 2, "task-history-count": 2])
        _ = table.timerFired(id, at: 110)
        #expect(end(&table, id, status: 0x100, at: 110) == [.log(.err, "cron-1: \"c\": Failed: exit code 1")])
        _ = table.timerFired(id, at: 120)
        table.update(id) { $0.failure = Errno.noEntry }
        let directives = table.finished(id)
        #expect(directives.contains(.log(.err, "cron-1: exceeded failure limit of 2. stopping")))
        #expect(directives.last == .disarm(id: id))
        #expect(table.entry(id)?.history.map(\.state) == ["Rexec Failure", "Failed"])
    }

    @Test("a deleted entry is gone when its task is")
    func delete() throws {
        var table = CronTable()
        let (id, _) = try created(&table, [:])
        _ = table.timerFired(id, at: 110)
        #expect(table.delete(id, kills: true) == [.disarm(id: id), .kill(id: id)])
        #expect(table.entries.count == 1)
        _ = end(&table, id, status: 15, at: 111)
        #expect(table.entries.isEmpty)
        let (idle, _) = try created(&table, [:])
        #expect(idle == 2)
        #expect(table.delete(idle, kills: false) == [.disarm(id: idle)])
        #expect(table.entries.isEmpty)
    }

    @Test("what cannot be an entry is refused", arguments: [
        ["type": "bogus"], ["args": [:]], ["args": ["interval": -1]], ["args": ["interval": "x"]], ["command": 1],
        ["type": "datetime", "args": ["hour": 24]], ["type": "event", "args": ["nth": 2]], ["environ": ["a": 1]],
    ] as [JSON])
    func refused(payload: JSON) {
        var table = CronTable()
        #expect(throws: (any Error).self) { try created(&table, payload) }
        #expect(table.entries.isEmpty)
    }
}
