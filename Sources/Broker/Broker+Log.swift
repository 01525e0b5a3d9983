internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension Broker {
    /// Takes a record from anyone and does with it what the levels say.
    func append(_ text: String) {
        guard let record = LogRecord(text: text) else { return }
        for directive in log.dispose(record, rank: rank) {
            switch directive {
            case .keep:
                log.keep(text)
                for (_, follower) in logFollowers.all {
                    respond(to: follower.request, .bytes(Array(text.utf8) + [0]))
                }
                tellShutdownClient(record)
            case .print(let line): host.printError(line)
            case .forward:
                var request = Message.request("log.append", payload: Array(text.utf8), nodeID: rank)
                request.flags.formUnion([.upstream, .noResponse])
                request.roles = .owner
                network.sendToParent(request)
            case .writeFile: if attributes["log-filename"] != nil { host.appendToLogFile(record.shortText) }
            }
        }
        if record.rank != rank, rank == 0 { tellShutdownClient(record) }
    }

    private func tellShutdownClient(_ record: LogRecord) {
        guard let request = shutdownRequest, request.flags.contains(.streaming) else { return }
        let limit = (try? request.decodeJSON()["loglevel"]?.intValue) ?? 3
        guard record.severity.rawValue <= Int(limit) else { return }
        respond(to: request, .json(["log": .string(record.shortText + "\n")]))
    }

    /// `log.*`.
    static let logMethods: [String: BrokerMethod] = [
        "log.append": BrokerMethod { broker, request in
            broker.append(String(decoding: request.payload ?? [], as: UTF8.self))
            return request.matchtag == 0 ? .deferred : .empty
        },
        "log.clear": BrokerMethod { broker, _ in
            broker.log.clear()
            return .empty
        },
        "log.dmesg": BrokerMethod { broker, request in
            guard request.flags.contains(.streaming) else { throw ServiceError(errnum: Errno.proto) }
            let payload = try request.decodeJSON().requireObject()
            let follows = try payload.optionalBool("follow") ?? false
            if try payload.optionalBool("nobacklog") != true {
                for text in broker.log.all { broker.respond(to: request, .bytes(Array(text.utf8) + [0])) }
            }
            guard follows else { throw ServiceError(errnum: Errno.noData) }
            broker.logFollowers.add(request, true)
            return .deferred
        },
        "log.cancel": BrokerMethod(.everyone) { broker, request in
            let matchtag = try request.decodeJSON().requireObject().int("matchtag", as: UInt32.self)
            if let entry = broker.logFollowers.cancel(matchtag: matchtag, by: request) {
                broker.respond(to: entry.request, errnum: Errno.noData)
            }
            return .deferred
        },
        "log.setattr": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            guard try payload.string("name") == "log-stderr-level", let level = Int(try payload.string("value")),
                (-1...7).contains(level)
            else { throw ServiceError(errnum: Errno.invalid, text: "invalid level") }
            broker.log.levels.stderr = level
            return .empty
        },
        "log.stats-get": BrokerMethod(.everyone) { broker, _ in
            .json([
                "ring-used": .int(Int64(broker.log.used)), "count": .int(Int64(broker.log.count)),
                "local": .int(0), "remote": .int(0),
            ])
        },
        "log.disconnect": BrokerMethod(.everyone) { broker, request in
            _ = broker.logFollowers.disconnect(by: request)
            return .deferred
        },
    ]

    /// Takes the levels from the attributes.
    func configureLog() {
        func level(_ name: String, _ fallback: Int) -> Int { attributes[name].flatMap { Int($0) } ?? fallback }
        log.levels.ring = level("log-level", 7)
        log.levels.forward = level("log-forward-level", 3)
        log.levels.critical = level("log-critical-level", 2)
        log.levels.stderr = level("log-stderr-level", 3)
        log.levels.isLocalMode = attributes["log-stderr-mode"] == "local"
        log.isAlone = rank != 0
    }
}
