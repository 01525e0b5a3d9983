import FluxJSON
import RFC11TreeObject
import Testing

@Suite("RFC 11 directories")
struct DirectoryTests {
    /// Names that sort in a telling way, some with escapes in their text.
    static let names = ["", "a", "a\"b", "a\\", "a\n", "a b", "aa", "b", "B", "é", "日本", "z1", "z10", "z2", "~"]

    @Test("single changes, many changes and a model agree", arguments: 0..<20)
    func model(_ seed: Int) throws {
        var state = UInt64(seed + 1)
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var model: [String: TreeObject] = [:]
        var single = TreeObject.Directory(), bulk = TreeObject.Directory()
        for _ in 0..<40 {
            var changes: [(name: String, value: TreeObject?)] = []
            for _ in 0..<random(12) {
                let value: TreeObject? = random(3) == 0 ? nil : .val(Array("\(random(100_000))".utf8))
                changes.append((Self.names[random(Self.names.count)], value))
            }
            for (name, value) in changes {
                single[name] = value
                model[name] = value
            }
            bulk.apply(changes)
            #expect(single == bulk)
            #expect(single.names == model.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            for name in Self.names { #expect(single[name] == model[name]) }
            #expect(try TreeObject(parsing: TreeObject.dir(single).text) == .dir(single))
            #expect(TreeObject.dir(single).text == TreeObject.dir(single).json.text(sortedKeys: true))
        }
    }
}
