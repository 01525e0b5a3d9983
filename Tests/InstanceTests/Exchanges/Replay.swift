import FluxJSON
import RFC03Message
import RFC19FLUID

/// Plays the client of a recorded exchange on an instance and collects what the broker answers.
struct Replay {
    private let instance: Instance
    private var sockets: [Int: RawSocket] = [:]
    /// Where an answer goes: the thread that used its matchtag last.
    private var latest: [Int: [Int64: Int]] = [:]
    private var received: [[JSON]] = []
    private var heard: Set<String> = []
    private(set) var pattern: Pattern

    init(on instance: Instance, pattern: Pattern) {
        self.instance = instance
        self.pattern = pattern
    }

    /// Differences from the recording, a sentence each.
    mutating func play(_ exchange: Exchange) throws -> [String] {
        received = Array(repeating: [], count: exchange.threads.count)
        for (index, thread) in exchange.threads.enumerated() {
            guard let request = thread.request else { continue }
            for earlier in exchange.threads.indices.prefix(index) {
                let last = exchange.threads[earlier]
                guard last.connection == thread.connection, !last.answers.isEmpty else { continue }
                let isReused = last.matchtag == thread.matchtag
                guard wait(for: last, at: earlier, toEnd: isReused) else { return ["\(last.topic) is not answered"] }
            }
            if let name = thread.after {
                while !heard.contains(name) {
                    guard receive(on: thread.connection) else { return ["the event \(name) does not come"] }
                }
            }
            latest[thread.connection, default: [:]][thread.matchtag] = index
            try socket(thread.connection)?.send(Wire.request(request, pattern).encodeFrame())
            if thread.topic == "event.subscribe", let events = exchange.threads.firstIndex(where: { $0.request == nil }) {
                guard wait(for: thread, at: index, toEnd: true) else { return ["event.subscribe is not answered"] }
                latest[thread.connection, default: [:]][0] = events
                let topic = exchange.threads[events].answers.first?["topic"]?.stringValue ?? ""
                guard instance.flux("event", "pub", topic).status == 0 else { return ["cannot publish \(topic)"] }
                guard wait(for: exchange.threads[events], at: events, toEnd: false) else { return ["\(topic) does not come"] }
            }
            if thread.topic == "job-ingest.submit" {
                guard wait(for: thread, at: index, toEnd: true) else { return ["job-ingest.submit is not answered"] }
                let id = received[index].first?["payload"]?["id"]?.intValue
                pattern.jobs[exchange.name] = id.map { JobID(UInt64($0)) }
            }
        }
        for (index, thread) in exchange.threads.enumerated() where !thread.answers.isEmpty {
            guard wait(for: thread, at: index, toEnd: true) else { return ["\(thread.topic) is not answered to its end"] }
        }
        return zip(exchange.threads, received).flatMap { compare($0, $1) }
    }

    /// Reads until the thread has an answer, or all of them; false when nothing more comes.
    private mutating func wait(for thread: Exchange.Thread, at index: Int, toEnd: Bool) -> Bool {
        while true {
            let answers = received[index]
            let isEnded = answers.last.map { $0["errnum"]?.intValue != 0 && thread.request != nil } ?? false
            let isComplete = !thread.isStreaming || !toEnd || !thread.hasEnd
            if isEnded || (!answers.isEmpty && isComplete) { return true }
            guard receive(on: thread.connection) else { return false }
        }
    }

    private mutating func receive(on connection: Int) -> Bool {
        guard let message = sockets[connection]?.receive() else { return false }
        let tag = message.kind == .event ? 0 : Int64(message.matchtag)
        guard let index = latest[connection]?[tag] else { return true }
        for line in Wire.recorded(message) {
            received[index].append(line)
            if message.errnum != 0, message.kind == .response { heard.insert("end of \(message.matchtag)") }
            if let event = line["payload"]?["event"]?.stringValue, let json = try? JSON(parsing: event) {
                json["name"]?.stringValue.map { _ = heard.insert($0) }
            }
        }
        return true
    }

    private mutating func socket(_ connection: Int) -> RawSocket? {
        if sockets[connection] == nil { sockets[connection] = RawSocket(path: instance.socketPath) }
        return sockets[connection]
    }

    /// Every answer must be of a recorded form, and of every recorded form there must be one.
    private func compare(_ thread: Exchange.Thread, _ answers: [JSON]) -> [String] {
        var unseen = Set(thread.answers.indices)
        var found: [String] = []
        for answer in answers {
            let fitting = thread.answers.indices.filter { pattern.difference(thread.answers[$0], answer) == nil }
            unseen.subtract(fitting)
            if fitting.isEmpty {
                let nearest = thread.answers.compactMap { pattern.difference($0, answer) }.max { $0.utf8.count < $1.utf8.count }
                found.append("\(thread.topic): \(answer.text) (\(nearest ?? "no answer is recorded"))")
            }
        }
        return found + unseen.sorted().map { "\(thread.topic): no answer like \(thread.answers[$0].text)" }
    }
}
