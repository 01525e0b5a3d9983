internal import Client
internal import CommandKit
internal import FluxJSON

/// A verb of `flux cron`, whose name stands in front of its messages: `flux-cron delete: …`.
struct CronVerb: Sendable {
    /// One use of a verb.
    struct Call: Sendable {
        let verb: String
        let arguments: Arguments
        let flux: Handle
    }

    /// What `cron.create` answers.
    struct Entry: Sendable {
        let id: Int64
        /// When it is due, for people.
        let due: String
    }

    let name: String

    init(_ name: String) { self.name = name }

    func run(_ arguments: Arguments, _ body: @escaping @Sendable (Call) async throws -> Void) throws -> Int32 {
        let name = name
        return try Session.run(arguments) { flux in
            do {
                try await body(Call(verb: name, arguments: arguments, flux: flux))
                return 0
            } catch let error as RPCError {
                throw CommandError("flux-cron \(name): \(error)", isBare: true)
            }
        }
    }
}

extension CronVerb.Call {
    var operands: [String] { arguments.operands }

    func error(_ text: String) -> CommandError { CommandError("flux-cron \(verb): \(text)", isBare: true) }

    func id(_ text: String) throws -> Int64 {
        guard let id = Int64(text) else { throw error("'\(text)' is not the id of an entry") }
        return id
    }

    /// Seconds of `10`, `1.5m`, `2h` or `1d`.
    func seconds(_ text: String) throws -> Double {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else {
            throw error("Invalid duration '\(text)'")
        }
        return number * (unit ?? 1)
    }

    /// Sends `cron.create` with the options of the verb.
    ///
    /// - Parameter limit: runs after which the entry stops; `--count` when it is nil.
    func create(_ type: String, _ schedule: JSON.Object, _ words: [String], limit: Int? = nil) async throws -> CronVerb.Entry {
        let entry = try await flux.query("cron.create", .object(try request(type, schedule, words, limit)))
        let wakeup = entry["typedata"]?["next_wakeup"]?.numberValue ?? 0
        let isDue = entry["stopped"]?.boolValue == false
        let due = "scheduled in \(Format.fixed(wakeup - Format.now, 3))s at \(Format.time(min(wakeup, 1e12), "%c"))"
        return CronVerb.Entry(id: entry["id"]?.intValue ?? 0, due: isDue ? due : "never due")
    }

    private func request(_ type: String, _ schedule: JSON.Object, _ words: [String], _ limit: Int?) throws -> JSON.Object {
        let command = words.joined(separator: " ")
        let first = command.split(whereSeparator: { $0.isWhitespace }).first.map(String.init) ?? command
        var request: JSON.Object = [
            "type": .string(type), "args": .object(schedule), "command": .string(command),
            "name": .string(arguments.value("name") ?? first),
        ]
        request["cwd"] = arguments.value("working-dir").map { .string($0) }
        request["repeat"] = try (limit ?? arguments.integer("count")).map { .int(Int64($0)) }
        if arguments.has("preserve-env") {
            var environment = JSON.Object()
            for (name, value) in Environment.all { environment[name] = .string(value) }
            request["environ"] = .object(environment)
        }
        for option in (arguments.value("options") ?? "").split(separator: ",") {
            let pair = option.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let number = Double(pair[1]) else { throw error("'\(option)' is not KEY=NUMBER") }
            request[String(pair[0])] = Int64(pair[1]).map { .int($0) } ?? .real(number)
        }
        return request
    }
}
