import FluxJSON
import KVSClient
import RFC18Eventlog
import Testing

@Suite("The log of starts and ends")
struct StartLogTests {
    private func start(_ time: Double) -> Eventlog.Entry { StartLog.start(at: time, coreVersion: "1.2") }
    private func finish(_ time: Double) -> Eventlog.Entry { StartLog.finish(at: time) }

    @Test("runs that ended, crashed, and run", arguments: [
        ([(true, 1.0), (false, 2.0)], [StartLog.Run.End.finished(at: 2)], false),
        ([(true, 1), (true, 2)], [.crashed, .running], true),
        ([(true, 1), (true, 2), (false, 3)], [.crashed, .finished(at: 3)], false),
        ([(true, 1), (false, 2), (true, 3)], [.finished(at: 2), .running], false),
        // An end without a start is none.
        ([(false, 1), (true, 2), (false, 3), (false, 4)], [.finished(at: 3)], false),
        ([], [], false),
    ])
    func runs(events: [(isStart: Bool, time: Double)], ends: [StartLog.Run.End], hasCrashed: Bool) {
        let log = StartLog(events.map { $0.isStart ? start($0.time) : finish($0.time) })
        #expect(log.runs.map(\.end) == ends)
        #expect(log.hasCrashed == hasCrashed)
    }

    @Test("events of a later form, without a form, and of other names are passed over")
    func strangers() {
        let log = StartLog([
            start(1), Eventlog.Entry(timestamp: 2, name: "finish", context: ["version": 99]),
            Eventlog.Entry(timestamp: 3, name: "finish"), Eventlog.Entry(timestamp: 4, name: "lunch", context: ["version": 1]),
        ])
        #expect(log.runs == [StartLog([start(1)]).runs[0]])
        #expect(log.runs[0].coreVersion == "1.2")
        #expect(StartLog([start(1)], version: 0).runs.isEmpty)
        #expect(StartLog([start(1)], version: -1).runs.isEmpty)
    }

    @Test("the events have flux-core's form")
    func form() {
        #expect(start(1.5).json == [
            "timestamp": 1.5, "name": "start", "context": ["version": 1, "core_version": "1.2"],
        ])
        #expect(finish(2.5).json == ["timestamp": 2.5, "name": "finish", "context": ["version": 1]])
    }
}
