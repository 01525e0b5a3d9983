import ConformanceKit
import FluxJSON
import Testing

@Suite("how answers are judged")
struct JudgeTests {
    @Test(
        "values that agree",
        arguments: [
            ("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"), ("1", "1.0"), ("0.3", "0.30000000000000004"), ("[]", "[]"),
            ("1e20", "100000000000000000000.0"),
        ])
    func agree(_ expected: String, _ actual: String) throws {
        let difference = Comparison.difference(
            expected: try JSON(parsing: expected), actual: try JSON(parsing: actual))
        #expect(difference == nil)
    }

    @Test(
        "values that differ, and where",
        arguments: [
            ("{\"a\":1}", "{}", ".a"), ("{}", "{\"a\":1}", ".a"), ("[1,2]", "[1]", "[1]"),
            ("[1,[2]]", "[1,[3]]", "[1][0]"),
            ("1", "\"1\"", "."), ("true", "1", "."), ("null", "false", "."),
            ("9007199254740993", "9007199254740992", "."),
        ])
    func differ(_ expected: String, _ actual: String, _ path: String) throws {
        let difference = Comparison.difference(
            expected: try JSON(parsing: expected), actual: try JSON(parsing: actual))
        #expect(difference?.path == path)
    }

    @Test("texts stand for numbers that JSON cannot write")
    func nonFinite() {
        #expect(Comparison.difference(expected: "inf", actual: .real(.infinity)) == nil)
        #expect(Comparison.difference(expected: "nan", actual: .real(.nan)) == nil)
        #expect(Comparison.difference(expected: "-inf", actual: .real(.infinity)) != nil)
    }
}

@Suite("adapters")
struct AdapterTests {
    /// The verdicts on the first cases of RFC 22 by an adapter written in shell.
    private func counts(_ script: String) throws -> Counts {
        let files = try VectorFile.load(directories: ["\(directory)/vectors/rfc22-idset/large-ids.json"])
        var adapter = Adapter(command: script, timeoutSeconds: 2)
        return Run(files, on: &adapter, judge: Judge(decisions: [:], mustDiffer: false), everythingOffered: false)
            .counts
    }

    @Test("an operation that is not offered is no failure")
    func unsupported() throws {
        let reply = "{\"id\":\"%s\",\"unsupported\":true}\\n"
        let counts = try counts(
            "while read -r line; do id=${line#*id\\\":\\\"}; printf '\(reply)' \"${id%%\\\"*}\"; done")
        #expect(counts.notOffered == counts.total)
    }

    @Test(
        "a program that ends, hangs or talks nonsense fails its case",
        arguments: [
            "exit 3", "sleep 60", "while read -r line; do echo hello; done",
            "while read -r line; do echo '{\"id\":\"x\"}'; done",
            "/nonexistent/adapter",
        ])
    func broken(_ script: String) throws {
        let counts = try counts(script)
        #expect(counts.failed == counts.total)
    }

    @Test("the runner's own end of the protocol answers, refuses, and knows what it does not offer")
    func server() {
        let decode = #"{"id":"x","rfc":22,"folder":"rfc22-idset","op":"decode","input":{"text":"0-1"}}"#
        #expect(Server.answer(to: decode).hasPrefix(#"{"id":"x","result":{"canonical":"0-1""#))
        let wrong = #"{"id":"x","rfc":22,"folder":"rfc22-idset","op":"decode","input":{"text":"1-0"}}"#
        #expect(Server.answer(to: wrong).hasPrefix(#"{"id":"x","error":"#))
        let unknown = #"{"id":"x","rfc":22,"folder":"rfc22-idset","op":"fly","input":{}}"#
        #expect(Server.answer(to: unknown) == #"{"id":"x","unsupported":true}"#)
        #expect(Server.answer(to: "[]").contains("error"))
    }
}
