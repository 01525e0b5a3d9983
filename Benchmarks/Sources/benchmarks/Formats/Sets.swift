import Glibc
import RFC22Idset
import RFC29Hostlist
import RFC34Taskmap

extension FormatWork {
    private typealias C = ReferenceLibrary

    /// A million ids: in order, and every second number in random order.
    static func idsets(_ library: ReferenceLibrary?) -> [FormatWork] {
        let count: UInt32 = 1_000_000
        var dice = Dice()
        let shuffled = (0..<count).map { $0 * 2 }.shuffled(using: &dice)
        let even = Idset(shuffled), third = Idset((0..<count).map { $0 * 3 })
        let text = even.description, otherText = C.text(text)
        // Every second of two hundred thousand: the reference's time grows with the square.
        let fewer = even.intersection(Idset(0..<200_000))

        let create = library?.function("idset_create", C.Create.self)
        let destroy = library?.function("idset_destroy", C.Destroy.self)
        let set = library?.function("idset_set", C.Change.self)
        let test = library?.function("idset_test", C.Test.self)
        let union = library?.function("idset_union", C.Pair.self)
        let encode = library?.function("idset_encode", C.EncodeWithFlags.self)
        let decode = library?.function("idset_decode", C.Decode.self)
        let otherEven = decode?(text), otherThird = decode?(third.description), otherFewer = decode?(fewer.description)
        let grow: Int32 = 1, range = 4

        func fill(_ create: C.Create, _ ids: some Sequence<UInt32>) {
            let handle = create(0, grow)
            for id in ids { use(set?(handle, id)) }
            destroy?(handle)
        }
        return [
            FormatWork("idset: set 1e6 ids in order", create) {
                var set = Idset()
                for id in 0..<count { set.insert(id) }
                use(set)
            } reference: {
                fill($0, 0..<count)
            },
            FormatWork("idset: set 1e6 even ids in random order", create) {
                var set = Idset()
                for id in shuffled { set.insert(id) }
                use(set)
            } reference: {
                fill($0, shuffled)
            },
            FormatWork("idset: test 2e6 ids of 1e6", test) {
                var found = 0
                for id in 0..<(2 * count) where even.contains(id) { found += 1 }
                use(found)
            } reference: { test in
                var found = 0
                for id in 0..<(2 * count) where test(otherEven ?? nil, id) { found += 1 }
                use(found)
            },
            FormatWork("idset: union of two with 1e6 ids", union) {
                use(even.union(third))
            } reference: { union in
                destroy?(union(otherEven ?? nil, otherThird ?? nil))
            },
            FormatWork("idset: encode 1e5 ids", encode) {
                use(fewer.description)
            } reference: { encode in
                free(encode(otherFewer ?? nil, range))
            },
            FormatWork("idset: decode 1e6 ids", decode) {
                use(try? Idset(parsing: text))
            } reference: { decode in
                destroy?(decode(otherText))
            },
        ]
    }

    /// A million hosts: all in one range, and names with every second number.
    static func hostlists(_ library: ReferenceLibrary?) -> [FormatWork] {
        let count = 1_000_000
        var dice = Dice()
        // No brackets: the reference takes at most some thousand numbers in a pair.
        let text = (0..<count).map { "node\($0 * 2)" }.joined(separator: ",")
        let shuffledText = (0..<count).map { "node\($0)" }.shuffled(using: &dice).joined(separator: ",")
        let spread = try? Hostlist(parsing: text), shuffled = try? Hostlist(parsing: shuffledText)
        let wanted = (0..<100).map { "node\(2 * $0 * 10_000)" }
        let otherText = C.text(text), otherRange = C.text("node[0-999999]"), otherWanted = C.texts(wanted)

        let decode = library?.function("hostlist_decode", C.Decode.self)
        let destroy = library?.function("hostlist_destroy", C.Destroy.self)
        let copy = library?.function("hostlist_copy", C.Copy.self)
        let sort = library?.function("hostlist_sort", C.Destroy.self)
        let find = library?.function("hostlist_find", C.Find.self)
        let encode = library?.function("hostlist_encode", C.Encode.self)
        let otherSpread = decode?(text), otherShuffled = decode?(shuffledText)
        return [
            FormatWork("hostlist: parse 1e6 hosts in one range", decode) {
                use(try? Hostlist(parsing: "node[0-999999]"))
            } reference: { decode in
                destroy?(decode(otherRange))
            },
            FormatWork("hostlist: parse 1e6 hosts that make no range", decode) {
                use(try? Hostlist(parsing: text))
            } reference: { decode in
                destroy?(decode(otherText))
            },
            FormatWork("hostlist: copy and sort 1e6 shuffled hosts", copy) {
                use(shuffled?.sorted())
            } reference: { copy in
                let handle = copy(otherShuffled ?? nil)
                sort?(handle)
                destroy?(handle)
            },
            FormatWork("hostlist: find 100 of 1e6 hosts", find) {
                guard let spread else { return }
                for host in wanted { use(spread.firstIndex(of: host)) }
            } reference: { find in
                for host in otherWanted { use(find(otherSpread ?? nil, host)) }
            },
            FormatWork("hostlist: encode 1e6 hosts that make no range", encode) {
                use(spread?.description)
            } reference: { encode in
                free(encode(otherSpread ?? nil))
            },
        ]
    }

    /// A million tasks on ten thousand nodes, whose counts differ from node to node.
    static func taskmaps(_ library: ReferenceLibrary?) -> [FormatWork] {
        let blocks = (0..<10_000).map { "[\($0),1,\($0 % 2 == 0 ? 90 : 110),1]" }
        let text = "[" + blocks.joined(separator: ",") + "]"
        let map = try? Taskmap(parsing: text), otherText = C.text(text)
        let decode = library?.function("taskmap_decode", C.DecodeWithError.self)
        let destroy = library?.function("taskmap_destroy", C.Destroy.self)
        let encode = library?.function("taskmap_encode", C.EncodeWithFlags.self)
        let nodeID = library?.function("taskmap_nodeid", (@convention(c) (OpaquePointer?, Int32) -> Int32).self)
        let other = decode?(text, nil)
        return [
            FormatWork("taskmap: decode 1e6 tasks, 1e4 blocks", decode) {
                use(try? Taskmap(parsing: text))
            } reference: { decode in
                destroy?(decode(otherText, nil))
            },
            FormatWork("taskmap: node of 1e3 of 1e6 tasks", nodeID) {
                for task in stride(from: 0, to: 1_000_000, by: 1_000) { use(map?.node(ofTask: task)) }
            } reference: { nodeID in
                for task in stride(from: 0, to: 1_000_000, by: 1_000) { use(nodeID(other ?? nil, Int32(task))) }
            },
            FormatWork("taskmap: encode 1e6 tasks, 1e4 blocks", encode) {
                use(map?.description)
            } reference: { encode in
                free(encode(other ?? nil, 0))
            },
        ]
    }
}
