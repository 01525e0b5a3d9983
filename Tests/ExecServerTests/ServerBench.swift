import Client
import ExecServer
import FluxJSON
import RFC03Message
import Reactor

/// A transport that keeps what is sent; the test is the broker.
final class Recorder: Transport {
    var sent: [Message] = []
    func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws {}
    func send(_ message: Message) { sent.append(message) }
    var backlog: Int { 0 }
    func close() {}
}

/// A server whose clients are the test: requests go in, answers are kept by the matchtag of their request.
final class ServerBench {
    let server: ExecServer
    private let recorder = Recorder()
    private let reactor: Reactor

    init(reactor: Reactor) throws {
        self.reactor = reactor
        server = ExecServer(
            flux: try Handle(transport: recorder, reactor: reactor), rank: 3, localURI: "local:///x",
            environment: ["PATH": "/bin:/usr/bin"]
        ) { _, _ in }
    }

    /// Runs a test on a reactor of its own.
    static func run<Value: Sendable>(_ body: @escaping @Sendable (ServerBench) async throws -> Value) throws -> Value {
        let reactor = try Reactor()
        return try reactor.run { try await body(ServerBench(reactor: reactor)) }
    }

    @discardableResult
    func ask(
        _ method: String, _ payload: JSON, tag: UInt32, isStreaming: Bool = false, from client: String = "client"
    ) -> Message {
        var message = Message.request(
            "rexec.\(method)", json: payload, matchtag: tag, flags: isStreaming ? [.streaming, .route] : .route)
        message.routes = [client]
        server.handle(method, message)
        return message
    }

    /// What was answered to a request so far: `61 text` for an error, `empty`, or the object with every pid as 0.
    func answers(_ tag: UInt32) -> [String] {
        recorder.sent.filter { $0.matchtag == tag }.map { message in
            if message.errnum != 0 { return "\(message.errnum) \(message.payloadText ?? "")" }
            guard var object = try? message.decodeJSON().objectValue else { return "empty" }
            if object["pid"] != nil { object["pid"] = 0 }
            return JSON.object(object).text
        }
    }

    /// The process that a request has started.
    func processID(_ tag: UInt32) -> Int64? {
        recorder.sent.first { $0.matchtag == tag && $0.errnum == 0 }.flatMap { try? $0.decodeJSON()["pid"]?.intValue }
    }

    /// The numbers of the error responses to a request.
    func errors(_ tag: UInt32) -> [UInt32] { recorder.sent.filter { $0.matchtag == tag && $0.errnum != 0 }.map(\.errnum) }

    /// Waits until something is so, five seconds at most.
    func wait(until condition: () -> Bool) async {
        for _ in 0..<1000 where !condition() { await reactor.sleep(for: .milliseconds(5)) }
    }

    /// Waits for the end of a stream, and gives all of it.
    func stream(_ tag: UInt32) async -> [String] {
        await wait { !errors(tag).isEmpty }
        return answers(tag)
    }

    func pause() async { await reactor.sleep(for: .milliseconds(100)) }

    static func shell(_ script: String, _ extra: JSON.Object = [:]) -> JSON {
        var command: JSON.Object = ["cmdline": ["sh", "-c", .string(script)], "env": [:], "opts": [:], "channels": []]
        for (key, value) in extra { command[key] = value }
        return .object(command)
    }
}
