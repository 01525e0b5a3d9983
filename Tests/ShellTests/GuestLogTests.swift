import Client
import FluxJSON
import RFC03Message
import Reactor
import Testing

@testable import Shell

/// A broker that answers each request after a millisecond of virtual time.
private final class SlowBroker: Transport {
    private let reactor: Reactor
    private var deliver: (Message) -> Void = { _ in }
    private(set) var commits = 0

    init(on reactor: Reactor) { self.reactor = reactor }

    func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws { self.deliver = deliver }

    func send(_ message: Message) {
        commits += 1
        reactor.schedule(after: .milliseconds(1)) { [self] in deliver(message.response(json: [:])) }
    }

    var backlog: Int { 0 }
    func close() {}
}

@Suite("The job's own event logs")
struct GuestLogTests {
    @Test func `what is added while the last commit is under way is written at once`() throws {
        let reactor = Reactor.virtual()
        let (commits, milliseconds) = try reactor.run {
            let broker = SlowBroker(on: reactor)
            let flux = try Handle(transport: broker, reactor: reactor)
            let log = GuestLog(flux: flux, namespace: "job-1")
            let start = reactor.now
            log.post("output", "header", nil)
            // The end of standard input comes when all tasks have ended already.
            reactor.schedule(after: .microseconds(1500)) { log.add("input", within: 0.5) { $0 += [UInt8(ascii: "x")] } }
            await reactor.sleep(for: .milliseconds(1))
            log.post("exec.eventlog", "shell.task-exit", nil)
            await log.drain()
            return (broker.commits, (reactor.now - start) / 1_000_000)
        }
        #expect(commits == 2)
        #expect(milliseconds < 10, "drained after \(milliseconds) ms")
    }
}
