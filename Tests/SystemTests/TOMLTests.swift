import Config
import FluxJSON
import Testing

@Suite("TOML")
struct TOMLTests {
    @Test("tables, arrays and numbers become JSON")
    func accepted() throws {
        let text = "[a]\nb = [1, 2.0, true]\nc.d = \"x\"\n[[e]]\nf = 1979-05-27\n"
        let json = try Configuration.parse(toml: text, name: "test")
        #expect(json == ["a": ["b": [1, 2.0, true], "c": ["d": "x"]], "e": [["f": "1979-05-27"]]])
    }

    @Test(
        "texts that are not TOML are refused, and nothing more happens",
        arguments: ["[|a]\n", "[[,a]]\n", "[", "a = ", "a = [1,", "= 1", "[a]\n[a]\n", "a.b = 1\na = 2\n", "\"", "a = 'x"])
    func refused(_ text: String) {
        #expect(throws: ConfigurationError.self) { try Configuration.parse(toml: text, name: "test") }
    }
}
