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

    /// So many tables inside each other ended the process when they were freed.
    @Test("a key has at most 33 parts", arguments: ["", "[t]\n", "x = {"])
    func deepKeys(head: String) throws {
        let dots = String(repeating: "k.", count: 200_000)
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(toml: "\(head)\(dots)k = 1", name: "t") }
        #expect(error?.description.hasSuffix("a key has too many parts") == true)
        let fine = try Configuration.parse(toml: "a = '\(dots)'\nb = \"\"\"\n\\\"\(dots)\"\"\" # \(dots)\n", name: "t")
        #expect(fine["a"] == .string(dots))
    }

    /// The first two ended the process: the parser asserted what its caller had not checked.
    @Test("malformed texts are refused", arguments: ["[[:", "[[:r[:r[:r[", "a", "[a]\n[a]", "a = ", "x = 'y", "[[a]\n"])
    func refused(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(toml: text, name: "t.toml") }
        #expect(error?.description.hasPrefix("t.toml:") == true)
    }
}
