internal import Client
internal import FluxJSON
internal import RFC03Message

extension ServiceRunner {
    /// Finds the method of a request, checks the caller's roles and runs it.
    func dispatch(_ request: Message) {
        guard let service, let topic = request.topic else { return }
        let key = Self.method(of: topic, in: service.context.name)
        if let method = S.methods[key] {
            guard admits(request, method.roles) else { return }
            run(method, request, on: service)
        } else {
            runDefault(key, request, on: service)
        }
    }

    /// The method that a topic names: what follows the service's own name, or the whole topic of another service.
    private static func method(of topic: String, in name: String) -> String {
        let bytes = topic.utf8
        guard bytes.starts(with: name.utf8) else { return topic }
        let end = bytes.index(bytes.startIndex, offsetBy: name.utf8.count)
        guard end < bytes.endIndex, bytes[end] == UInt8(ascii: ".") else { return topic }
        return String(topic[bytes.index(after: end)...])
    }

    func admits(_ request: Message, _ roles: Message.Roles) -> Bool {
        if roles == .everyone || !request.roles.isDisjoint(with: roles) { return true }
        let text =
            roles == .owner
            ? "Request requires owner credentials" : "Request rejected due to insufficient privilege"
        flux.respond(to: request, errnum: Errno.perm, text)
        return false
    }

    private func run(_ method: Method<S>, _ request: Message, on service: S) {
        switch method.body {
        case .immediate(let body):
            do {
                answer(request, try service.here { try body($0, request) })
            } catch {
                refuse(request, error)
            }
        case .asynchronous(let body):
            spawn { runner, service in
                do {
                    runner.answer(request, try await body(service, request))
                } catch {
                    runner.refuse(request, error)
                }
            }
        }
    }

    func answer(_ request: Message, _ reply: Reply) {
        switch reply {
        case .deferred: return
        case .empty: flux.respond(to: request)
        case .json(let json): flux.respond(to: request, json)
        case .bytes(let bytes): flux.respond(to: request, bytes: bytes)
        }
        counters.sent.responses += 1
    }

    func refuse(_ request: Message, _ error: any Error) {
        let refusal = ServiceError(describing: error)
        counters.sent.responses += 1
        flux.respond(to: request, errnum: refusal.errnum, refusal.text)
    }
}

extension ServiceError {
    /// What a peer is told about an error of any kind: payload errors are EPROTO.
    public init(describing error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case let error as RPCError: self.init(error)
        case is PayloadError: self.init(errnum: Errno.proto)
        case is Message.PayloadFailure: self.init(errnum: Errno.proto)
        default: self.init(errnum: Errno.invalid, text: "\(error)")
        }
    }
}
