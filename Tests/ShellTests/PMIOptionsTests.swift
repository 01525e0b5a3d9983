import FluxJSON
import Testing

@testable import Shell

@Suite("Options of PMI")
struct PMIOptionsTests {
    static func options(_ text: String) throws -> PMIOptions {
        try PMIOptions(ShellOptions(try JSON(parsing: text).objectValue ?? [:]))
    }

    @Test("which kinds of PMI tasks are served with")
    func kinds() throws {
        #expect(try Self.options("{}").isEnabled)
        #expect(try Self.options(#"{"pmi":"unknown,pmi2"}"#).isEnabled)
        #expect(try !Self.options(#"{"pmi":"off"}"#).isEnabled)
        #expect(try !Self.options(#"{"pmi":"unknown"}"#).isEnabled)
        let simple = try Self.options(#"{"pmi-simple":{"exchange":{"k":9},"nomap":1,"kvs":"exchange"}}"#)
        #expect(!simple.hasMapping && simple.fanOut == 9)
        #expect(simple.note(shellCount: 4)?.hasSuffix("using k=4") == true)
        #expect(simple.note(shellCount: 16) == "using k=9")
    }

    @Test("mistakes end the job", arguments: [
        #"{"pmi":{"badopt":1}}"#, #"{"pmi-simple":{"exchange":{"badopt":1}}}"#,
        #"{"pmi-simple":{"exchange":{"k":"foo"}}}"#, #"{"pmi-simple":{"nomap":"foo"}}"#,
        #"{"pmi-simple":{"kvs":"unknown"}}"#,
    ])
    func mistakes(text: String) throws {
        #expect(throws: ShellExit.self) { try Self.options(text) }
    }
}
