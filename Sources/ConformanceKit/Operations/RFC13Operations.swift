import FluxJSON
import RFC13PMI

/// Operations of the vectors in `rfc13-pmi`.
enum RFC13Operations: Operations {
    static let folder = "rfc13-pmi"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "parse": try parse(input)
        case "match-word": try matchWord(input)
        case "exchange": try exchange(input)
        case "transcript", "transcript-rank": .object(input)  // replayed by `matches`, which sees the lines
        default: nil
        }
    }

    static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool? {
        switch op {
        case "exchange": sortedResponses(expected) == sortedResponses(actual)
        case "transcript", "transcript-rank": replays(expected)
        default: nil
        }
    }

    private static func parse(_ input: JSON.Object) throws -> JSON? {
        let line = PMILine(try input.string("line"))
        let key = try input.string("key")
        let limit = try input.optionalInt("buffer_size", as: Int.self)
        switch try input.string("type") {
        case "int": return .int(Int64(try line.int(key)))
        case "uint": return .int(Int64(try line.uint(key)))
        case "word": return .string(try line.word(key, limit: limit))
        case "string": return .string(try line.string(key, limit: limit))
        default: return nil
        }
    }

    private static func matchWord(_ input: JSON.Object) throws -> JSON {
        let line = PMILine(try input.string("line"))
        return switch line.matches(try input.string("key"), try input.string("match")) {
        case true?: "success"
        case false?: "value-mismatch"
        case nil: "no-key"
        }
    }

    private static func exchange(_ input: JSON.Object) throws -> JSON {
        var preset: [String: String] = [:]
        for (key, value) in try input.object("kvs") { preset[key] = value.stringValue }
        var server = PMIServer(
            universeSize: try input.int("universe_size", as: Int.self),
            localSize: try input.int("local_size", as: Int.self),
            kvsName: try input.string("kvsname"),
            appnum: try input.int("appnum", as: Int.self),
            preset: preset)
        let barrier = PMIStatus(rawValue: try input.int("barrier_rc", as: Int32.self))
        var steps: [JSON] = []
        for request in try input.array("requests") {
            let fields = try request.requireObject()
            let line = try fields.string("line")
            let rank = try fields.int("rank", as: Int.self)
            var step: JSON.Object = ["request": request, "rc": 0]
            var responses: [JSON] = []
            var todo = server.receive(line, from: rank)[...]
            while let directive = todo.popFirst() {
                switch directive {
                case .respond(let rank, let line): responses.append(["to": .int(Int64(rank)), "line": .string(line)])
                case .close: step["rc"] = 1
                case .warn: break
                case .violation:
                    step["rc"] = -1
                    step["errno"] = "EPROTO"
                case .abort(_, let code, let message):
                    responses.append([
                        "event": "abort", "exitcode": .int(Int64(code)), "message": .string(message),
                    ])
                case .enterBarrier:
                    responses.append(["event": "barrier_enter_all"])
                    todo += server.completeBarrier(status: barrier)
                }
            }
            step["responses"] = .array(responses)
            steps.append(.object(step))
        }
        return .array(steps)
    }

    /// Responses of one request may come in any order of ranks.
    private static func sortedResponses(_ steps: JSON) -> [JSON] {
        (steps.arrayValue ?? []).map { step in
            guard var fields = step.objectValue else { return step }
            fields["responses"] = .array((fields["responses"]?.arrayValue ?? []).sorted { $0.text < $1.text })
            return .object(fields)
        }
    }

    // MARK: transcripts

    /// Whether our server gives the server's lines and our client the client's lines, rank by rank.
    private static func replays(_ transcript: JSON) -> Bool {
        let lines = (transcript.arrayValue ?? []).compactMap(\.objectValue)
        var world: [String: String] = [:]
        var kvsName = "-"
        var ranks: Set<Int64> = []
        for (index, fields) in lines.enumerated() {
            let rank = fields["rank"]?.intValue ?? 0
            ranks.insert(rank)
            let line = PMILine(fields["line"]?.stringValue ?? "")
            if let name = try? line.word("kvsname"), line.matches("cmd", "my_kvsname") == true { kvsName = name }
            if line.matches("cmd", "put") == true, let key = try? line.word("key") {
                world[key] = try? line.string("value")
            }
            if line.matches("cmd", "get_result") == true, let value = try? line.string("value") {
                let request = lines[..<index].last { ($0["rank"]?.intValue ?? 0) == rank }
                if let key = try? PMILine(request?["line"]?.stringValue ?? "").word("key") { world[key] = value }
            }
        }
        return ranks.allSatisfy { rank in
            replays(lines.filter { ($0["rank"]?.intValue ?? 0) == rank }, rank: Int(rank), kvsName, world)
        }
    }

    private static func replays(
        _ lines: [JSON.Object], rank: Int, _ kvsName: String, _ world: [String: String]
    ) -> Bool {
        var server = PMIServer(universeSize: 1, localSize: 1, kvsName: kvsName, preset: world)
        var client = PMIClient(rank: rank, size: 1)
        var answers: [String] = []
        for fields in lines {
            guard let line = fields["line"]?.stringValue else { return false }
            if fields["dir"]?.stringValue == "client" {
                guard let request = request(in: PMILine(line)), (try? client.send(request)) == line else {
                    return false
                }
                var todo = server.receive(line, from: rank)[...]
                while let directive = todo.popFirst() {
                    switch directive {
                    case .respond(_, let answer): answers.append(answer)
                    case .enterBarrier: todo += server.completeBarrier(received: world)
                    case .close, .abort, .warn: break
                    case .violation: return false
                    }
                }
            } else {
                guard !answers.isEmpty, answers.removeFirst() == line else { return false }
                do {
                    _ = try client.receive(line)
                } catch .status {
                    continue  // a refusal is part of the conversation
                } catch {
                    return false
                }
            }
        }
        return answers.isEmpty
    }

    private static func request(in line: PMILine) -> PMIClient.Request? {
        guard let command = try? line.word("cmd") else { return nil }
        switch command {
        case "init": return .initialize
        case "get_maxes": return .getLimits
        case "get_my_kvsname": return .getKVSName
        case "get_universe_size": return .getUniverseSize
        case "get_appnum": return .getAppnum
        case "barrier_in": return .barrier
        case "finalize": return .finalize
        case "put":
            guard let key = try? line.word("key"), let value = try? line.string("value") else { return nil }
            return .put(key: key, value: value)
        case "get": return (try? line.word("key")).map { .get(key: $0) }
        default: return nil
        }
    }
}
