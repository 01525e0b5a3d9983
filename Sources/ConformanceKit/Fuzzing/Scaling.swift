import Glibc

/// Large inputs of simple shapes, to see whether time and memory grow in proportion to them.
public struct Scaling: Sendable {
    /// What the input looks like.
    public let name: String
    private let head: [UInt8], body: @Sendable (Int) -> [UInt8], tail: [UInt8]

    init(bytes name: String, head: [UInt8], body: @escaping @Sendable (Int) -> [UInt8], tail: [UInt8]) {
        (self.name, self.head, self.body, self.tail) = (name, head, body, tail)
    }

    init(name: String, head: String, body: @escaping @Sendable (Int) -> String, tail: String) {
        self.init(bytes: name, head: Array(head.utf8), body: { Array(body($0).utf8) }, tail: Array(tail.utf8))
    }

    /// An input of about this many bytes.
    public func input(bytes: Int) -> [UInt8] {
        var result = head
        var number = 0
        while result.count < bytes {
            result += body(number)
            number += 1
        }
        return result + tail
    }

    /// The header of a request with routes, less its size.
    private static let header: [UInt8] = [0x8e, 1, 1, 8] + [UInt8](repeating: 0, count: 16)

    /// Shapes that have been trouble in readers of this kind.
    public static let patterns: [Scaling] = [
        Scaling(name: "ascending ids", head: "", body: { "\(2 * $0)," }, tail: "1000000000"),
        Scaling(name: "hosts", head: "", body: { "host\($0 * 7919 % 1_000_003)," }, tail: "x"),
        Scaling(name: "hosts in brackets", head: "n[", body: { "\($0 * 7919 % 1_000_003)," }, tail: "1]"),
        Scaling(name: "hosts with a suffix", head: "", body: { "n[\($0)-\($0 + 9)]-ib," }, tail: "x"),
        Scaling(name: "open brackets", head: "", body: { _ in "[" }, tail: ""),
        Scaling(name: "open braces", head: "", body: { _ in "{\"a\":" }, tail: ""),
        Scaling(name: "numbers in an array", head: "[", body: { "\($0)," }, tail: "0]"),
        Scaling(name: "members of an object", head: "{", body: { "\"k\($0)\":\($0)," }, tail: "\"z\":0}"),
        Scaling(name: "one long string", head: "\"", body: { _ in "abcdefgh" }, tail: "\""),
        Scaling(name: "escapes", head: "\"", body: { _ in "\\u00e9" }, tail: "\""),
        Scaling(name: "digits", head: "", body: { _ in "9" }, tail: ""),
        Scaling(name: "event lines", head: "", body: { "{\"timestamp\":\($0).5,\"name\":\"x\"}\n" }, tail: ""),
        Scaling(name: "words", head: "", body: { "a\($0) " }, tail: ""),
        Scaling(name: "terms with or", head: "a", body: { "|b\($0)" }, tail: ""),
        Scaling(name: "open parentheses", head: "", body: { _ in "(" }, tail: ""),
        Scaling(name: "minus signs", head: "", body: { _ in "-" }, tail: "a"),
        Scaling(name: "slashes", head: "", body: { "core=\($0 + 1)/" }, tail: "core"),
        Scaling(name: "list of shapes", head: "[", body: { "core=\($0 + 1);" }, tail: "gpu]"),
        Scaling(name: "taskmap blocks", head: "[", body: { "[\($0),1,1,1]," }, tail: "[0,1,1,1]]"),
        Scaling(name: "task sets", head: "", body: { "\($0);" }, tail: "5000000"),
        Scaling(name: "directives", head: "", body: { "# flux: -N\($0)\n" }, tail: ""),
        Scaling(name: "yaml list", head: "", body: { "- a: \($0)\n" }, tail: ""),
        Scaling(name: "key values", head: "", body: { "k\($0)\u{0}s1\u{0}" }, tail: ""),
        Scaling(name: "pmi words", head: "cmd=put ", body: { "k\($0)=v " }, tail: "\n"),
        Scaling(
            name: "blobrefs", head: #"{"ver":1,"type":"valref","data":["#,
            body: { _ in #""sha1-a9993e364706816aba3e25717850c26c9cd0d89d","# },
            tail: #""sha1-a9993e364706816aba3e25717850c26c9cd0d89d"]}"#),
        Scaling(
            name: "R of many ranks", head: #"{"version":1,"execution":{"R_lite":["#,
            body: { #"{"rank":"\#($0)","children":{"core":"0-\#($0 % 64)"}},"# },
            tail: #"{"rank":"9999999","children":{"core":"0"}}],"starttime":0,"expiration":0,"nodelist":["n[0-1]"]}}"#),
        Scaling(
            name: "jobspec of many vertices", head: #"{"version":1,"resources":["#,
            body: { _ in #"{"type":"slot","count":1,"label":"x","with":[{"type":"core","count":1}]},"# },
            tail: #"{"type":"core","count":1}],"tasks":[{"command":["a"],"slot":"x","count":{"per_slot":1}}],"#
                + #""attributes":{"system":{"duration":0}}}"#),
        Scaling(name: "query of a URI", head: "string:x?", body: { _ in "k=1&" }, tail: "k=2"),
        Scaling(name: "escapes of a URI", head: "string:x?k=", body: { _ in "%41" }, tail: ""),
        Scaling(name: "toml array", head: "a = [", body: { "\($0)," }, tail: "]"),
        Scaling(name: "toml keys", head: "", body: { _ in "a." }, tail: "a = 1"),
        Scaling(name: "pmi puts", head: "cmd=init pmi_version=1 pmi_subversion=1\n",
            body: { "cmd=put kvsname=kvs key=k\($0) value=v\n" }, tail: "cmd=barrier_in\n"),
        Scaling(name: "empty arrays", head: "[", body: { _ in "[]," }, tail: "[]]"),
        Scaling(name: "backslashes", head: "\"", body: { _ in "\\\\" }, tail: "\""),
        Scaling(name: "the same key", head: "{", body: { "\"a\":\($0)," }, tail: "\"a\":0}"),
        Scaling(name: "white space", head: "", body: { _ in " \n\t" }, tail: "1"),
        Scaling(name: "ranges of hosts", head: "", body: { "a[\($0)-\($0 + 1)]b[0-9]," }, tail: "x"),
        Scaling(name: "descending ids", head: "", body: { "\(2_000_000_000 - 2 * $0)," }, tail: "0"),
        Scaling(name: "periods", head: "", body: { _ in "a." }, tail: ""),
        Scaling(name: "quoted words", head: "", body: { _ in "'a b' \"c\" " }, tail: "'d"),
        Scaling(name: "toml tables", head: "", body: { "[t\($0)]\na = 1\n" }, tail: ""),
        Scaling(name: "yaml flow", head: "", body: { _ in "[" }, tail: "1"),
        Scaling(
            name: "standard output", head: #"{"stream":"stdout","rank":"0","data":""#, body: { _ in "abcdefg\\n" },
            tail: #""}"#),
        Scaling(
            name: "base64 data", head: #"{"stream":"stdout","rank":"0","encoding":"base64","data":""#,
            body: { _ in "QUJD" }, tail: #""}"#),
        Scaling(
            name: "directory entries", head: #"{"ver":1,"type":"dir","data":{"#,
            body: { #""k\#($0)":{"ver":1,"type":"val","data":"QQ=="},"# },
            tail: #""z":{"ver":1,"type":"dir","data":{}}}}"#),
        Scaling(
            name: "directories inside each other", head: "", body: { _ in #"{"ver":1,"type":"dir","data":{"a":"# },
            tail: ""),
        Scaling(
            name: "archive entries", head: "[", body: { #"{"path":"f\#($0)","mode":33188,"size":1,"data":"x"},"# },
            tail: #"{"path":"d","mode":16877}]"#),
        Scaling(
            name: "graph vertices", head: #"{"graph":{"nodes":["#,
            body: {
                #"{"id":"\#($0)","metadata":{"type":"core","id":\#($0),"rank":0,"paths":{"containment":"/c/n/core\#($0)"}}},"#
            },
            tail: #"{"id":"n","metadata":{"type":"node"}}],"edges":[]}}"#),
        Scaling(
            name: "graph edges", head: #"{"graph":{"nodes":[{"id":"0","metadata":{"type":"node"}}],"edges":["#,
            body: { _ in #"{"source":"0","target":"0"},"# }, tail: #"{"source":"0","target":"0"}]}}"#),
        Scaling(
            name: "resources inside each other", head: #"{"version":1,"resources":["#,
            body: { _ in #"{"type":"node","count":1,"with":["# }, tail: ""),
        Scaling(
            name: "R of one rank many times", head: #"{"version":1,"execution":{"R_lite":["#,
            body: { #"{"rank":"0","children":{"core":"\#($0)"}},"# },
            tail: #"{"rank":"0","children":{"gpu":"0"}}],"starttime":0,"expiration":0,"nodelist":["n"]}}"#),
        Scaling(
            name: "R with properties",
            head:
                #"{"version":1,"execution":{"R_lite":[{"rank":"0-9","children":{"core":"0"}}],"starttime":0,"expiration":0,"#
                + #""nodelist":["n[0-9]"],"properties":{"#,
            body: { #""p\#($0)":"0-\#($0 % 10)","# }, tail: #""q":"1"}}}"#),
        Scaling(bytes: "parts of a message", head: [], body: { _ in [1, 0x61] }, tail: [0, 20] + header),
        Scaling(
            bytes: "a part of a message", head: [255, 0, 0x80, 0, 0], body: { _ in [0x61] }, tail: [0, 20] + header),
        Scaling(
            bytes: "frames", head: [], body: { _ in [0x12, 0, 0xee, 0xff, 0, 0, 0, 22, 0, 20] + header }, tail: []),
        Scaling(
            bytes: "typed values", head: [], body: { _ in Array("k".utf8) + [0] + Array("i1".utf8) + [0] }, tail: []),
        Scaling(
            name: "constraints", head: #"{"and":["#, body: { #"{"properties":["p\#($0)"]},"# }, tail: #"{"or":[]}]}"#),
    ]

    /// What reading something once took.
    public struct Cost: Sendable {
        /// Seconds of processor time.
        public let seconds: Double
        /// Bytes by which the resident memory was larger, at its peak, than before.
        public let bytes: Int
    }

    /// Does something and says what it took. Memory that is given back and taken again counts once.
    public static func cost(_ body: () -> Void) -> Cost {
        giveBackFreeMemory()
        resetPeak()
        let before = status("VmRSS")
        let start = now()
        body()
        return Cost(seconds: now() - start, bytes: max(0, status("VmHWM") - before))
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Returns what is free to the system, so that it does not hide what is taken next.
    private static func giveBackFreeMemory() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
    }

    /// Makes the peak of the resident memory what it is now.
    private static func resetPeak() {
        let file = open("/proc/self/clear_refs", O_WRONLY)
        guard file >= 0 else { return }
        write(file, "5", 1)
        close(file)
    }

    /// A size in bytes out of this process' status; 0 when it cannot be had.
    private static func status(_ field: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
            if words.first == field[...], words.count > 1 { return (Int(words[1]) ?? 0) * 1024 }
        }
        return 0
    }
}
