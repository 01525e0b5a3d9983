import FluxJSON
@testable import KVSWatch
import Testing

@Suite("Conversations with the watch table")
struct WatchTableTests {
    private typealias Root = WatchTable.Root

    private func value(_ text: String) -> JSON { ["data": .string(Base64.encode(Array(text.utf8))), "type": "val", "ver": 1] }
    private func valref(_ names: String...) -> JSON {
        ["data": .array(names.map { .string($0) }), "type": "valref", "ver": 1]
    }
    private func answer(_ text: String) -> JSON { ["val": value(text)] }
    private func root(_ sequence: Int64) -> Root { Root(reference: "sha1-\(sequence)", sequence: sequence) }

    /// A table in which watcher 1 has sent its first look-up.
    private func begun(_ flags: WatchTable.Flags, user: UInt32? = nil, key: String = "a") -> WatchTable {
        var table = WatchTable()
        #expect(
            table.apply(.add(1, namespace: "ns", key: key, flags: flags, user: user)) == [.follow(namespace: "ns")])
        _ = table.apply(.root(namespace: "ns", owner: 7, root(5)))
        return table
    }

    private func changed(_ sequence: Int64, _ keys: String...) -> WatchTable.Event {
        .changed(namespace: "ns", owner: 7, root(sequence), keys: keys)
    }

    @Test("a watcher sees the value and then each change of its key, in order")
    func plain() {
        var table = begun(.watch)
        #expect(table.apply(.found(1, turn: 1, .value(value("x"), sequence: 5))) == [.answer(1, answer("x"))])
        #expect(table.apply(changed(6, "other")) == [])
        #expect(table.apply(changed(7, "a")) == [.lookUpAt(1, turn: 2, key: "a", flags: 4, root(7))])
        #expect(table.apply(changed(8, "a", "b")) == [.lookUpAt(1, turn: 3, key: "a", flags: 4, root(8))])
        // The second look-up is faster: its answer waits.
        #expect(table.apply(.found(1, turn: 3, .value(value("z"), sequence: 8))) == [])
        #expect(
            table.apply(.found(1, turn: 2, .value(value("y"), sequence: 7)))
                == [.answer(1, answer("y")), .answer(1, answer("z"))])
        #expect(table.apply(.cancel(1)) == [.end(1, errnum: 61, text: nil), .unfollow(namespace: "ns")])
    }

    @Test("a key that is missing ends it, unless it is waited for")
    func missing() {
        var table = begun(.watch)
        #expect(table.apply(.found(1, turn: 1, .absent(sequence: 5))) == [.end(1, errnum: 2, text: nil), .unfollow(namespace: "ns")])
        table = begun(.waitCreate)
        #expect(table.apply(.found(1, turn: 1, .absent(sequence: 5))) == [])
        #expect(table.apply(changed(6, "a")) == [.lookUpAt(1, turn: 2, key: "a", flags: 8, root(6))])
        #expect(
            table.apply(.found(1, turn: 2, .value(value("x"), sequence: 6)))
                == [.answer(1, answer("x")), .drop(1), .unfollow(namespace: "ns")])
    }

    @Test("who waits for the key waits for its namespace too")
    func missingNamespace() {
        var table = WatchTable()
        _ = table.apply(.add(1, namespace: "ns", key: "a", flags: [.watch], user: nil))
        _ = table.apply(.add(2, namespace: "ns", key: "a", flags: [.watch, .waitCreate], user: nil))
        #expect(table.apply(.rootFailed(namespace: "ns", errnum: 95)) == [.end(1, errnum: 95, text: nil)])
        #expect(table.apply(.add(3, namespace: "ns", key: "a", flags: [.watch], user: nil)) == [.askRoot(namespace: "ns")])
        _ = table.apply(.rootFailed(namespace: "ns", errnum: 95))
        #expect(
            table.apply(.created(namespace: "ns", owner: 7, root(0)))
                == [.lookUp(2, turn: 1, key: "a", flags: 12, namespace: "ns")])
        #expect(table.apply(.removed(namespace: "ns")) == [.end(2, errnum: 95, text: nil), .unfollow(namespace: "ns")])
        #expect(table.count == 0)
    }

    @Test("unique values only, and full watches look after every change")
    func full() {
        var table = begun([.watch, .full])
        _ = table.apply(.found(1, turn: 1, .value(value("x"), sequence: 5)))
        #expect(table.apply(changed(6, "z")) == [.lookUpAt(1, turn: 2, key: "a", flags: 68, root(6))])
        #expect(table.apply(.found(1, turn: 2, .value(value("x"), sequence: 6))) == [])
        _ = table.apply(changed(7, "z"))
        #expect(table.apply(.found(1, turn: 3, .value(value("y"), sequence: 7))) == [.answer(1, answer("y"))])
        _ = table.apply(changed(8))
        #expect(table.apply(.found(1, turn: 4, .absent(sequence: 8))).first == .end(1, errnum: 2, text: nil))
    }

    @Test("an eventlog's blobs are answers of their own, then only new ones")
    func append() {
        var table = begun([.watch, .append, .initialSentinel])
        #expect(
            table.apply(.found(1, turn: 1, .value(valref("r1", "r2"), sequence: 5)))
                == [.load(1, turn: 2, reference: "r1"), .load(1, turn: 3, reference: "r2")])
        #expect(table.apply(.loaded(1, turn: 3, Array("two".utf8))) == [])
        // An append comes before the first blobs are here.
        #expect(table.apply(changed(6, "a")) == [.lookUpAt(1, turn: 4, key: "a", flags: 4 | 16 | 256 | 1024, root(6))])
        #expect(
            table.apply(.found(1, turn: 4, .value(valref("r1", "r2", "r3"), sequence: 6)))
                == [.load(1, turn: 5, reference: "r3")])
        #expect(
            table.apply(.loaded(1, turn: 2, Array("one".utf8)))
                == [.answer(1, answer("one")), .answer(1, answer("two")), .answerSentinel(1)])
        #expect(table.apply(.loaded(1, turn: 5, Array("three".utf8))) == [.answer(1, answer("three"))])
        _ = table.apply(changed(7, "a"))
        #expect(
            table.apply(.found(1, turn: 6, .value(valref("r1"), sequence: 7))).first
                == .end(1, errnum: 22, text: "key watched with WATCH_APPEND shortened"))
    }

    @Test("a log that begins as a value, and is overwritten")
    func appendFromValue() {
        var table = begun([.watch, .append])
        #expect(table.apply(.found(1, turn: 1, .value(value("x"), sequence: 5))) == [.answer(1, answer("x"))])
        _ = table.apply(changed(6, "a"))
        #expect(table.apply(.found(1, turn: 2, .value(valref("r1", "r2"), sequence: 6))) == [.load(1, turn: 3, reference: "r2")])
        _ = table.apply(.loaded(1, turn: 3, []))
        _ = table.apply(changed(7, "a"))
        #expect(
            table.apply(.found(1, turn: 4, .value(value("new"), sequence: 7))).first
                == .end(1, errnum: 22, text: "value of key watched with WATCH_APPEND overwritten"))
    }

    @Test("streams end after the last blob; directories have no pieces")
    func stream() {
        var table = begun(.stream)
        _ = table.apply(.found(1, turn: 1, .value(valref("r1"), sequence: 5)))
        #expect(
            table.apply(.loaded(1, turn: 2, Array("x".utf8)))
                == [.answer(1, answer("x")), .end(1, errnum: 61, text: nil), .unfollow(namespace: "ns")])
        table = begun(.stream)
        #expect(
            table.apply(.found(1, turn: 1, .value(["data": [], "type": "dirref", "ver": 1], sequence: 5))).first
                == .end(1, errnum: 21, text: "dirref cannot be streamed"))
        table = begun([.watch, .append])
        _ = table.apply(.found(1, turn: 1, .value(valref("r1"), sequence: 5)))
        #expect(
            table.apply(.loadFailed(1, turn: 2, errnum: 2)).first
                == .end(1, errnum: 2, text: "failed to load content data"))
    }

    @Test("guests watch their own namespaces only")
    func guests() {
        var table = WatchTable()
        _ = table.apply(.add(1, namespace: "ns", key: "a", flags: [.watch], user: 8))
        _ = table.apply(.add(2, namespace: "ns", key: "a", flags: [.watch], user: 7))
        #expect(
            table.apply(.root(namespace: "ns", owner: 7, root(1)))
                == [.end(1, errnum: 1, text: nil), .lookUp(2, turn: 1, key: "a", flags: 4, namespace: "ns")])
    }

    @Test("updates that arrive before the first answer are in it")
    func early() {
        var table = begun(.watch)
        _ = table.apply(changed(6, "a"))
        #expect(table.apply(.found(1, turn: 1, .value(value("x"), sequence: 6))) == [.answer(1, answer("x"))])
        #expect(table.apply(.found(1, turn: 2, .value(value("x"), sequence: 6))) == [])
        _ = table.apply(.forget(1))
        #expect(table.count == 0)
        #expect(table.namespaceCount == 0)
    }

    @Test("flags that contradict each other", arguments: [
        (4, false, "KVS watch request rejected without streaming RPC flag"),
        (512, false, "KVS stream request rejected without streaming RPC flag"),
        (516, true, "Cannot KVS watch and stream at the same time"),
        (64, true, "Must set KVS watch flag with other watch flags"),
        (4 | 1024, true, "Must set KVS watch append flag with initial sentinel flag"),
        (4 | 256 | 1024, true, nil), (8, false, nil),
    ] as [(Int64, Bool, String?)])
    func flags(flags: Int64, isStreaming: Bool, text: String?) {
        #expect(WatchTable.refusal(of: WatchTable.Flags(rawValue: flags), isStreaming: isStreaming)?.text == text)
    }
}
