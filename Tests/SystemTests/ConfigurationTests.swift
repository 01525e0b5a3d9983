import Config
import FluxJSON
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    @Test("a TOML text becomes one object")
    func read() throws {
        let json = try Configuration.parse(toml: "[a]\nb = [1, 2.5]\nc = \"x\"", name: "t")
        #expect(json == ["a": ["b": [1, 2.5], "c": "x"]])
    }

    /// The first two ended the process: the parser asserted what its caller had not checked.
    @Test("malformed texts are refused", arguments: ["[[:", "[[:r[:r[:r[", "a", "[a]\n[a]", "a = ", "x = 'y", "[[a]\n"])
    func refused(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(toml: text, name: "t.toml") }
        #expect(error?.description.hasPrefix("t.toml:") == true)
    }
}
