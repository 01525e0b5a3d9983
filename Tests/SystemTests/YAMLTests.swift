import FluxJSON
import Testing
import YAML

@Suite("YAML documents as JSON")
struct YAMLTests {
    @Test("read as PyYAML's safe_load reads them", arguments: [
        ("", "null"), ("a: [1, yes, 0x1f, 017, 0o17, 1_000, 1:30]", #"{"a":[1,true,31,15,"0o17",1000,90]}"#),
        ("[1.5, 1e3, 1.0e+3, .5, -.5, 1:30.5]", #"[1.5,"1e3",1000.0,0.5,"-.5",90.5]"#),
        ("a: &x {b: ~}\nc: *x", #"{"a":{"b":null},"c":{"b":null}}"#),
        ("<<: [{a: 1}, {a: 2, b: 3}]\nb: 4", #"{"a":1,"b":4}"#),
        ("{1: a, yes: b, ~: c, 0.1: d}", #"{"1":"a","true":"b","null":"c","0.1":"d"}"#),
        ("!!str 12", #""12""#), ("!!omap [a: 1]", #"[["a",1]]"#), ("a: |\n  x\n  y\n", #"{"a":"x\ny\n"}"#),
    ])
    func accepted(_ text: String, _ expected: String) throws {
        #expect(try YAML.parse(text).text == expected)
    }

    @Test("refused, with the place", arguments: [
        ("a: b: c", 1, 5), ("x: 1\ny: .inf", 2, 4), ("- 2001-01-01", 1, 3), ("a:\tb", 1, 4), ("a b\tc", 1, 1),
        ("*x", 1, 1), ("&x [*x]", 1, 5), ("!foo x", 1, 1), ("--- a\n--- b", 2, 1), ("[1]: 2", 1, 1),
        ("9223372036854775808", 1, 1), ("!!int x", 1, 1), ("<<: 1", 1, 5), ("a: \u{7}", 1, 1),
    ])
    func refused(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: YAML.ParseError.self) { try YAML.parse(text) }
        #expect(error?.line == line)
        #expect(error?.column == column, "\(String(describing: error))")
    }

    @Test("depth and aliases have limits")
    func limits() {
        let deep = #expect(throws: YAML.ParseError.self) { try YAML.parse(String(repeating: "[", count: 100_000)) }
        #expect(deep?.reason == .tooDeep(limit: YAML.depthLimit))
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            laughs += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let many = #expect(throws: YAML.ParseError.self) { try YAML.parse(laughs) }
        #expect(many?.reason == .tooManyAliases(limit: YAML.aliasLimit))
    }
}
