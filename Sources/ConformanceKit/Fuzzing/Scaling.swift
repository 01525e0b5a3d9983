import Glibc

/// Large inputs of simple shapes, to see whether time grows in proportion to them.
public struct Scaling: Sendable {
    /// What the input looks like.
    public let name: String
    private let head: String, body: @Sendable (Int) -> String, tail: String

    /// An input of about this many bytes.
    public func input(bytes: Int) -> [UInt8] {
        var result = Array(head.utf8)
        var number = 0
        while result.count < bytes {
            result += Array(body(number).utf8)
            number += 1
        }
        return result + Array(tail.utf8)
    }

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
        Scaling(
            name: "constraints", head: #"{"and":["#, body: { #"{"properties":["p\#($0)"]},"# }, tail: #"{"or":[]}]}"#),
    ]

    /// CPU seconds that something takes.
    public static func seconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        body()
        return now() - start
    }
}
