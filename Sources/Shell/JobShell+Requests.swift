internal import Client
internal import ExecServer
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC19FLUID
internal import RFC22Idset
internal import RFC24IO
internal import Reactor

extension JobShell {
    /// Answers a request to the job's service; the instance owner and the job's user may ask.
    func receive(_ request: Message) {
        guard let topic = request.topic, topic.hasPrefix("\(service)."), info != nil else {
            return flux.respond(to: request, errnum: Errno.noSystem, "Unknown service method '\(request.topic ?? "")'")
        }
        let method = String(topic.dropFirst(service.utf8.count + 1))
        if method.hasSuffix("disconnect") {
            tools?.disconnect(request)
            terminals?.disconnect(request)
            return
        }
        guard request.roles.contains(.owner) || (request.roles.contains(.user) && request.userID == userID) else {
            return flux.respond(to: request, errnum: Errno.perm)
        }
        do {
            let payload = request.payload == nil ? .object([:]) : try request.decodeJSON()
            try handle(method, request, payload)
        } catch let error as RPCError {
            flux.respond(to: request, errnum: error.errnum, error.text)
        } catch {
            flux.respond(to: request, errnum: Errno.proto, "\(error)")
        }
    }

    private func handle(_ method: String, _ request: Message, _ payload: JSON) throws {
        if method.hasPrefix("rexec."), let tools {
            tools.handle(String(method.dropFirst("rexec.".count)), request)
            return
        }
        if method.hasPrefix("terminus."), let terminals {
            guard request.userID == userID else { throw RPCError(errnum: Errno.perm) }
            return try terminals.handle(String(method.dropFirst("terminus.".count)), request, payload)
        }
        switch method {
        case "write":
            let object = try payload.requireObject()
            try output.receive(try object.string("name"), try object.value("context"))
        case "write-getcredit":
            flux.respond(to: request, ["credits": .int(try payload.requireObject().int("credits"))])
        case "stdin" where info.isLeader && input != nil: try takeInput(request, payload)
        case "input": feed(try IOData(json: payload))
        case "doom": carryOut(firstExit.leaderSaw(payload, info))
        case "tasks-complete": shellFinished(try payload.requireObject().int("shell_rank", as: Int.self))
        case "exception": try takeException(request, payload)
        case "proctable": answerProcessTable(request)
        case "proctable-part": answerProcessTablePart(request)
        case "pmi-exchange" where pmi != nil: pmi?.childAsked(request, payload)
        default: throw RPCError(errnum: Errno.noSystem, text: "Unknown service method '\(request.topic ?? "")'")
        }
    }

    /// Input from a client: recorded, handed to the tasks here, and passed on to the shells of the others.
    private func takeInput(_ request: Message, _ payload: JSON) throws {
        let piece: IOData
        do {
            piece = try IOData(json: payload)
        } catch {
            throw RPCError(errnum: Errno.proto, text: "\(error)")
        }
        let meant: Idset
        do {
            guard let tasks = try input?.receive(piece) else { return }
            meant = tasks
        } catch let exit as ShellExit {
            // The exception tells; an answer would only be told as well.
            return fail(exit)
        }
        guest.add("input", within: input?.batchSeconds ?? 0) {
            piece.appendEvent(timestamp: flux.reactor.wallTime, to: &$0)
        }
        feed(piece.bytes, isEnd: piece.isEnd, to: meant.contains)
        for shellRank in info.shares.indices where shellRank != info.shellRank {
            let tasks = info.tasks(ofNode: shellRank)
            guard !tasks.isDisjoint(with: meant) else { continue }
            var part = piece
            part.rank = meant.intersection(tasks).description
            flux.notify("\(service).input", part.json, nodeID: info.shares[shellRank].brokerRank)
        }
        flux.respond(to: request)
    }

    private func feed(_ piece: IOData) {
        guard let meant = try? piece.ranks(taskCount: info.taskCount) else { return }
        feed(piece.bytes, isEnd: piece.isEnd, to: meant.contains)
    }

    /// The execution system tells of something that happened to the job.
    private func takeException(_ request: Message, _ payload: JSON) throws {
        let object = try payload.requireObject()
        let type = try object.string("type")
        let shellRank = try object.int("shell_rank", as: Int.self)
        _ = try object.int("severity")
        if let message = try object.optionalString("message"), !message.isEmpty {
            log.warn(message, component: "exception")
        }
        if type == "lost-shell" {
            carryOut(firstExit.shellLost(shellRank, info))
            shellFinished(shellRank)
        }
        flux.respond(to: request)
    }

    /// An event for this job: `shell-<id>.kill`.
    func receiveEvent(_ message: Message) {
        guard message.topic == "shell-\(jobID.dec).kill" else { return }
        guard let signal = (try? message.decodeJSON())?["signum"]?.intValue, signal > 0 else {
            return log.warn("kill: ignoring malformed event", component: "kill")
        }
        killTasks(Int32(clamping: signal))
    }
}
