import Broker
import RFC03Message
import Testing

/// RFC 3, "Request Routing", on the value that decides where a message goes.
@Suite("where messages go")
struct RouterTests {
    /// A broker of a binary tree of seven, with a client and a module, and a service of each kind.
    private func router(rank: UInt32) -> Router {
        var router = Router(rank: rank, size: 7, uuid: "broker\(rank)") { target in
            guard target < 7 else { return nil }
            var child = target
            while child > 0, (child - 1) / 2 != rank { child = (child - 1) / 2 }
            return child == 0 ? nil : child
        }
        router.parentUUID = rank == 0 ? nil : "broker\((rank - 1) / 2)"
        router.admitsClients = true
        router.addPeer("client")
        router.addPeer("module")
        _ = router.addService("here", .broker)
        _ = router.addService("mod", .peer("module"))
        return router
    }

    private func request(_ topic: String, to node: UInt32 = Message.anyNode, _ flags: Message.Flags = []) -> Message {
        Message.request(topic, nodeID: node, matchtag: 9, flags: flags)
    }

    /// What the directive is, without its message.
    private func words(_ directive: Router.Directive) -> String {
        switch directive {
        case .serve: "serve"
        case .deliver(let message, let id):
            message.kind == .response ? "error \(message.errnum) to \(id)" : "deliver \(id)"
        case .sendToParent(let message): message.kind == .response ? "answer to parent" : "parent"
        case .sendToChild(_, let rank): "child \(rank)"
        case .answerChild(_, let uuid): "answer \(uuid)"
        case .complete: "complete"
        case .publish: "publish"
        case .distribute: "distribute"
        case .drop: "drop"
        }
    }

    @Test("any node: a local service, else upstream, and ENOSYS at the root")
    func anyNode() {
        #expect(words(router(rank: 1).route(request("here.x"), from: .client("client"))) == "serve")
        #expect(words(router(rank: 1).route(request("mod.x"), from: .client("client"))) == "deliver module")
        #expect(words(router(rank: 1).route(request("other.x"), from: .client("client"))) == "parent")
        #expect(words(router(rank: 0).route(request("other.x"), from: .client("client"))) == "error 38 to client")
    }

    @Test("a rank: the way there by the topology, a local service there, else ENOSYS")
    func rank() {
        #expect(words(router(rank: 0).route(request("mod.x", to: 5), from: .client("client"))) == "child 2")
        #expect(words(router(rank: 1).route(request("mod.x", to: 5), from: .client("client"))) == "parent")
        #expect(words(router(rank: 1).route(request("mod.x", to: 4), from: .parent)) == "child 4")
        #expect(words(router(rank: 4).route(request("mod.x", to: 4), from: .client("client"))) == "deliver module")
        #expect(
            words(router(rank: 4).route(request("other.x", to: 4), from: .client("client"))) == "error 38 to client")
        #expect(
            words(router(rank: 0).route(request("mod.x", to: 99), from: .client("client"))) == "error 113 to client")
    }

    @Test("upstream: not on the rank that is named, but above it")
    func upstream() {
        #expect(words(router(rank: 1).route(request("mod.x", to: 1, .upstream), from: .client("client"))) == "parent")
        #expect(
            words(router(rank: 0).route(request("mod.x", to: 1, .upstream), from: .child("broker1")))
                == "deliver module")
    }

    @Test("a request gains a route where it enters, a response loses it where it leaves")
    func routes() {
        guard case .deliver(let delivered, _) = router(rank: 0).route(request("mod.x"), from: .client("client")) else {
            Issue.record("not delivered")
            return
        }
        #expect(delivered.routes == ["client"])
        guard case .deliver(let answer, let id) = router(rank: 0).route(delivered.response(), from: .module("module"))
        else {
            Issue.record("not answered")
            return
        }
        #expect(id == "client")
        #expect(answer.routes.isEmpty)
    }

    @Test("who wants no response gets none")
    func noResponse() {
        #expect(
            words(router(rank: 0).route(request("other.x", to: Message.anyNode, .noResponse), from: .client("client")))
                == "drop")
    }

    @Test("events are published by the root and distributed from there; control messages go nowhere")
    func events() {
        #expect(words(router(rank: 1).route(Message.event("a"), from: .client("client"))) == "parent")
        #expect(words(router(rank: 0).route(Message.event("a"), from: .child("broker1"))) == "publish")
        #expect(words(router(rank: 1).route(Message.event("a"), from: .parent)) == "distribute")
        #expect(words(router(rank: 1).route(Message.control(type: 1, status: 0), from: .parent)) == "drop")
    }
}
